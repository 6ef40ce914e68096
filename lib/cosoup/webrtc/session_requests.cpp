#include "cosoup/webrtc/session_requests.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {
namespace {

// In ms. When it comes to sending the session drops what its time is over for, all but the last:
// with no time at all, of packets that are lost together only one would be asked for.
constexpr guint kPatience = 1000;

void push(GstPad* session, GstStructure* request) {
  gst_pad_push_event(session, gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, request));
}

}  // namespace

void requestRetransmission(GstPad* session, std::uint32_t ssrc, std::uint16_t sequenceNumber) {
  // As rtpjitterbuffer's; what the session reads are the first two, and how long it may wait with
  // it.
  push(session, gst_structure_new(inner::retransmissionRequest, "seqnum", G_TYPE_UINT,
                                  static_cast<guint>(sequenceNumber), "ssrc", G_TYPE_UINT, ssrc,
                                  "delay", G_TYPE_UINT, 0u, "retry", G_TYPE_UINT, 0u, "frequency",
                                  G_TYPE_UINT, 0u, "period", G_TYPE_UINT, 0u, "deadline",
                                  G_TYPE_UINT, kPatience, "packet-spacing", G_TYPE_UINT64,
                                  G_GUINT64_CONSTANT(0), "avg-rtt", G_TYPE_UINT, 0u, "running-time",
                                  G_TYPE_UINT64, G_GUINT64_CONSTANT(0), nullptr));
}

void requestKeyFrame(GstPad* session, std::uint32_t ssrc, std::uint8_t payloadType) {
  push(session, gst_structure_new(inner::forceKeyUnit, "ssrc", G_TYPE_UINT, ssrc, "payload",
                                  G_TYPE_UINT, static_cast<guint>(payloadType), "all-headers",
                                  G_TYPE_BOOLEAN, FALSE, "count", G_TYPE_UINT, 0u, nullptr));
}

}  // namespace cosoup
