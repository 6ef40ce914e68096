#include "cosoup/webrtc/rtcp_feedback.hpp"

#include <gst/rtp/gstrtcpbuffer.h>

#include <cmath>
#include <cstring>

#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/nack.hpp"
#include "cosoup/webrtc/rtp_session.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {
namespace {

constexpr guint kApplicationFeedback = 15;

using Callback = std::function<void(const Feedback&)>;
using Holder = std::shared_ptr<Callback>;

void freeHolder(gpointer data, GClosure*) { delete static_cast<Holder*>(data); }

// The streams that a FIR is for are listed in its body, 8 bytes each, the SSRC first.
void readFullIntraRequest(const GstMapInfo& body, const Callback& tell) {
  constexpr gsize kEntry = 8;
  for (gsize at = 0; at + kEntry <= body.size; at += kEntry) {
    tell(KeyFrameRequest{GST_READ_UINT32_BE(body.data + at)});
  }
}

// draft-alvestrand-rmcat-remb: "REMB", the number of SSRCs, then 6 bits of exponent and 18 of
// mantissa.
void readRemb(const GstMapInfo& body, const Callback& tell) {
  if (body.size < 8 || std::memcmp(body.data, "REMB", 4) != 0) return;
  const int exponent = body.data[5] >> 2;
  const guint mantissa = GST_READ_UINT24_BE(body.data + 5) & 0x3ffff;
  CongestionReport report;
  report.remb = std::ldexp(mantissa, exponent);
  tell(report);
}

void onRtcp(GObject*, guint type, guint format, guint, guint mediaSsrc, GstBuffer* body,
            gpointer data) {
  const Callback& tell = **static_cast<Holder*>(data);
  const bool aboutPayload = type == GST_RTCP_TYPE_PSFB;
  const bool isNack = type == GST_RTCP_TYPE_RTPFB && format == GST_RTCP_RTPFB_TYPE_NACK;
  if (!aboutPayload && !isNack) return;
  if (aboutPayload && format == GST_RTCP_PSFB_TYPE_PLI) tell(KeyFrameRequest{mediaSsrc});
  GstMapInfo map;
  if (!body || !gst_buffer_map(body, &map, GST_MAP_READ)) return;
  if (isNack) tell(RetransmissionRequest{mediaSsrc, nackedPackets({map.data, map.size})});
  if (aboutPayload && format == GST_RTCP_PSFB_TYPE_FIR) readFullIntraRequest(map, tell);
  if (aboutPayload && format == kApplicationFeedback) readRemb(map, tell);
  gst_buffer_unmap(body, &map);
}

std::optional<double> numberIn(const GstStructure* stats, const char* field) {
  guint number = 0;
  if (!gst_structure_get_uint(stats, field, &number)) return std::nullopt;
  return number;
}

void onTransportCc(GObject* session, GParamSpec*, gpointer data) {
  GstStructure* stats = nullptr;
  g_object_get(session, inner::twccStats, &stats, nullptr);
  if (!stats) return;
  CongestionReport report;
  report.sentBitrate = numberIn(stats, "bitrate-sent");
  report.receivedBitrate = numberIn(stats, "bitrate-recv");
  double percent = 0;
  if (gst_structure_get_double(stats, "packet-loss-pct", &percent)) {
    report.lossFraction = percent / 100;
  }
  gst_structure_free(stats);
  (**static_cast<Holder*>(data))(report);
}

void connect(GObject* object, const char* signal, GCallback callback, const Holder& tell) {
  g_signal_connect_data(object, signal, callback, new Holder(tell), &freeHolder,
                        static_cast<GConnectFlags>(0));
}

}  // namespace

bool watchFeedback(GstElement* rtpbin, Callback onFeedback) {
  const Ref<GObject> session = rtpSession(rtpbin);
  const Ref<GObject> element = rtpSessionElement(rtpbin);
  if (!session || !element) return false;
  const auto shared = std::make_shared<Callback>(std::move(onFeedback));
  connect(session.get(), inner::onFeedbackRtcp, G_CALLBACK(&onRtcp), shared);
  connect(element.get(), "notify::twcc-stats", G_CALLBACK(&onTransportCc), shared);
  return true;
}

}  // namespace cosoup
