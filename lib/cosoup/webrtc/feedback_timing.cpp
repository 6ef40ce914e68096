#include "cosoup/webrtc/feedback_timing.hpp"

#include "cosoup/webrtc/rtp_session.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {
namespace {

// Between two early packets RFC 4585 (section 3.5.2) lets as much time pass as a twentieth of the
// session's bandwidth needs for them: half a second where there is but one stream of Opus, and a
// NACK comes too late. Other senders of NACK do not wait either. Reports without anything urgent
// keep to their interval.
constexpr double kBandwidth = 1e8;  // bit/s

// Only streams that were announced get as far as the session. In the usual probation a first packet
// waits for the second, and the count of those lost stays one short.
constexpr guint kProbation = 0;  // packets

}  // namespace

void tuneFeedback(GstElement* rtpbin) {
  const Ref<GObject> session = rtpSession(rtpbin);
  if (!session) return;
  g_object_set(session.get(), inner::twccFeedbackInterval, 100 * GST_MSECOND, inner::bandwidth,
               kBandwidth, inner::probation, kProbation, nullptr);
}

}  // namespace cosoup
