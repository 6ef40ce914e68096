#include "cosoup/webrtc/stream_release.hpp"

#include <gst/rtp/gstrtcpbuffer.h>

#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {
namespace {

constexpr guint kSession = 0;  // everything is bundled

// The session frees its source of an SSRC, and webrtcbin its entry for it, only on BYE; mediasoup
// sends none when a consumer closes.
GstBuffer* makeBye(std::uint32_t ssrc) {
  constexpr guint kMtu = 1400;
  GstBuffer* buffer = gst_rtcp_buffer_new(kMtu);
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  gst_rtcp_buffer_map(buffer, GST_MAP_READWRITE, &rtcp);
  gst_rtcp_buffer_add_packet(&rtcp, GST_RTCP_TYPE_RR, &packet);
  gst_rtcp_packet_rr_set_ssrc(&packet, ssrc);
  gst_rtcp_buffer_add_packet(&rtcp, GST_RTCP_TYPE_BYE, &packet);
  gst_rtcp_packet_bye_add_ssrc(&packet, ssrc);
  gst_rtcp_buffer_unmap(&rtcp);
  return buffer;
}

void onNewStorage(GstElement*, GObject* storage, guint, gpointer) {
  g_object_set(storage, inner::sizeTime, G_GUINT64_CONSTANT(0), nullptr);
}

}  // namespace

void disableForwardErrorCorrection(GstElement* webrtcbin, GstElement* rtpbin) {
  const guint decoderRequest = g_signal_lookup(inner::requestFecDecoder, G_OBJECT_TYPE(rtpbin));
  g_signal_handlers_disconnect_matched(
      rtpbin, static_cast<GSignalMatchType>(G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_DATA),
      decoderRequest, 0, nullptr, nullptr, webrtcbin);
  g_signal_connect_after(rtpbin, inner::newStorage, G_CALLBACK(&onNewStorage), nullptr);
}

void forgetSsrc(GstElement* rtpbin, std::uint32_t ssrc) {
  g_signal_emit_by_name(rtpbin, inner::clearSsrc, kSession, ssrc);
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(rtpbin, inner::sessionRtcp));
  if (pad && hasStarted(pad.get())) gst_pad_chain(pad.get(), makeBye(ssrc));
}

bool hasStarted(GstPad* pad) {
  GstEvent* segment = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
  if (segment) gst_event_unref(segment);
  return segment != nullptr;
}

GstElement* findElement(GstElement* bin, const char* factory) {
  struct Search {
    const char* factory;
    GstElement* found;
  } search{factory, nullptr};
  GstIterator* elements = gst_bin_iterate_recurse(GST_BIN(bin));
  const auto compare = [](const GValue* item, gpointer data) {
    auto* wanted = static_cast<Search*>(data);
    auto* element = GST_ELEMENT(g_value_get_object(item));
    if (wanted->found || !isMadeBy(element, wanted->factory)) return;
    wanted->found = GST_ELEMENT(gst_object_ref(element));
  };
  while (gst_iterator_foreach(elements, compare, &search) == GST_ITERATOR_RESYNC) {
    gst_iterator_resync(elements);
  }
  gst_iterator_free(elements);
  return search.found;
}

}  // namespace cosoup
