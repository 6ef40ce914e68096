#include "cosoup/webrtc/packet_stamp.hpp"

#include <gst/rtp/gstrtpbuffer.h>

#include <algorithm>
#include <span>

#include "cosoup/rtc/big_endian.hpp"
#include "cosoup/rtc/extension_values.hpp"

namespace cosoup {
namespace {

/// The contents of an extension of that size; empty where the packet has none.
std::span<guint8> extension(GstRTPBuffer& rtp, guint8 id, guint size) {
  gpointer data = nullptr;
  guint found = 0;
  if (id == 0 || !gst_rtp_buffer_get_extension_onebyte_header(&rtp, id, 0, &data, &found) ||
      found != size) {
    return {};
  }
  return {static_cast<guint8*>(data), size};
}

}  // namespace

bool stamp(GstBuffer* packet, const StampedExtensions& extensions, std::uint16_t number) {
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  if (!gst_rtp_buffer_map(packet, GST_MAP_READWRITE, &rtp)) return false;
  const auto time = extension(rtp, extensions.absSendTime, 3);
  // The receiver's estimate takes an old one for a queue on the way.
  const auto now = absSendTimeBytes(static_cast<std::uint64_t>(g_get_monotonic_time()));
  if (!time.empty()) std::copy(now.begin(), now.end(), time.begin());
  const auto place = extension(rtp, extensions.transportCc, 2);
  if (!place.empty()) putBigEndian16(place, 0, number);
  gst_rtp_buffer_unmap(&rtp);
  return !place.empty();
}

}  // namespace cosoup
