#include "cosoup/webrtc/feedback_timing.hpp"

#include "cosoup/webrtc/rtp_session.hpp"

namespace cosoup {
namespace {

// Between two early packets RFC 4585 (section 3.5.2) lets as much time pass as a twentieth of the
// session's bandwidth needs for them: half a second where there is but one stream of Opus, and a
// NACK comes too late. Other senders of NACK do not wait either. Reports without anything urgent
// keep to their interval.
constexpr double kBandwidth = 1e8;  // bit/s

}  // namespace

void tuneFeedback(GstElement* rtpbin) {
  const Ref<GObject> session = rtpSession(rtpbin);
  if (!session) return;
  g_object_set(session.get(), "twcc-feedback-interval", 100 * GST_MSECOND, "bandwidth", kBandwidth,
               nullptr);
}

}  // namespace cosoup
