#include "cosoup/webrtc/rtcp_feedback.hpp"

#include <gst/rtp/gstrtcpbuffer.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <span>

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
  tell(Remb{std::ldexp(mantissa, exponent)});
}

void readTransportCc(std::span<const std::uint8_t> body, const Callback& tell) {
  if (auto feedback = readTransportCcBody(body)) tell(*std::move(feedback));
}

void onRtcp(GObject*, guint type, guint format, guint, guint mediaSsrc, GstBuffer* body,
            gpointer data) {
  const Callback& tell = **static_cast<Holder*>(data);
  const bool aboutPayload = type == GST_RTCP_TYPE_PSFB;
  const bool isNack = type == GST_RTCP_TYPE_RTPFB && format == GST_RTCP_RTPFB_TYPE_NACK;
  const bool isTransportCc = type == GST_RTCP_TYPE_RTPFB && format == GST_RTCP_RTPFB_TYPE_TWCC;
  if (!aboutPayload && !isNack && !isTransportCc) return;
  if (aboutPayload && format == GST_RTCP_PSFB_TYPE_PLI) tell(KeyFrameRequest{mediaSsrc});
  GstMapInfo map;
  if (!body || !gst_buffer_map(body, &map, GST_MAP_READ)) return;
  const std::span<const std::uint8_t> bytes(map.data, map.size);
  if (isNack) tell(RetransmissionRequest{mediaSsrc, nackedPackets(bytes)});
  if (isTransportCc) readTransportCc(bytes, tell);
  if (aboutPayload && format == GST_RTCP_PSFB_TYPE_FIR) readFullIntraRequest(map, tell);
  if (aboutPayload && format == kApplicationFeedback) readRemb(map, tell);
  gst_buffer_unmap(body, &map);
}

void connect(GObject* object, const char* signal, GCallback callback, const Holder& tell) {
  g_signal_connect_data(object, signal, callback, new Holder(tell), &freeHolder,
                        static_cast<GConnectFlags>(0));
}

}  // namespace

bool watchFeedback(GstElement* rtpbin, Callback onFeedback) {
  const Ref<GObject> session = rtpSession(rtpbin);
  if (!session) return false;
  const auto shared = std::make_shared<Callback>(std::move(onFeedback));
  connect(session.get(), inner::onFeedbackRtcp, G_CALLBACK(&onRtcp), shared);
  return true;
}

}  // namespace cosoup
