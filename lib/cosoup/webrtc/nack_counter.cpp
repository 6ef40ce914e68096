#include "cosoup/webrtc/nack_counter.hpp"

#include <gst/rtp/gstrtcpbuffer.h>

#include "cosoup/rtc/nack.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {
namespace {

using Holder = std::weak_ptr<NackCounter>;

}  // namespace

void NackCounter::watch(GObject* session) {
  if (!session || watching_) return;
  watching_ = true;
  g_signal_connect_data(
      session, inner::onSendingRtcp, G_CALLBACK(&NackCounter::onSendingRtcp),
      new Holder(weak_from_this()),
      [](gpointer data, GClosure*) { delete static_cast<Holder*>(data); },
      static_cast<GConnectFlags>(0));
}

void NackCounter::add(std::uint32_t ssrc) {
  const std::lock_guard lock(mutex_);
  counts_[ssrc] = {};
}

void NackCounter::remove(std::uint32_t ssrc) {
  const std::lock_guard lock(mutex_);
  counts_.erase(ssrc);
}

NackCounter::Counts NackCounter::counts(std::uint32_t ssrc) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(ssrc);
  return found == counts_.end() ? Counts() : found->second;
}

gboolean NackCounter::onSendingRtcp(GObject*, GstBuffer* compound, gboolean, gpointer data) {
  if (const auto self = static_cast<Holder*>(data)->lock()) self->read(compound);
  return FALSE;  // it does not have to be sent for our sake
}

void NackCounter::read(GstBuffer* compound) {
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  if (!gst_rtcp_buffer_map(compound, GST_MAP_READ, &rtcp)) return;
  GstRTCPPacket packet;
  for (gboolean more = gst_rtcp_buffer_get_first_packet(&rtcp, &packet); more;
       more = gst_rtcp_packet_move_to_next(&packet)) {
    if (gst_rtcp_packet_get_type(&packet) != GST_RTCP_TYPE_RTPFB) continue;
    if (gst_rtcp_packet_fb_get_type(&packet) != GST_RTCP_RTPFB_TYPE_NACK) continue;
    const guint8* body = gst_rtcp_packet_fb_get_fci(&packet);
    const std::size_t size = sizeof(guint32) * gst_rtcp_packet_fb_get_fci_length(&packet);
    count(gst_rtcp_packet_fb_get_media_ssrc(&packet), nackedPackets({body, size}).size());
  }
  gst_rtcp_buffer_unmap(&rtcp);
}

void NackCounter::count(std::uint32_t ssrc, std::size_t packets) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(ssrc);
  if (found == counts_.end()) return;
  ++found->second.messages;
  found->second.packets += packets;
}

}  // namespace cosoup
