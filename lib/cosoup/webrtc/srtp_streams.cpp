#include "cosoup/webrtc/srtp_streams.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/stream_release.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {
namespace {

/// SSRCs that the decryption has met.
std::set<std::uint32_t> metBy(GstElement* decryption) {
  std::set<std::uint32_t> met;
  GstStructure* stats = nullptr;
  g_object_get(decryption, inner::stats, &stats, nullptr);
  const GValue* streams = gst_structure_get_value(stats, "streams");
  for (guint i = 0; streams && i < gst_value_array_get_size(streams); ++i) {
    const GstStructure* stream = gst_value_get_structure(gst_value_array_get_value(streams, i));
    guint ssrc = 0;
    if (gst_structure_get_uint(stream, "ssrc", &ssrc)) met.insert(ssrc);
  }
  gst_structure_free(stats);
  return met;
}

/// RTP of that SSRC that nobody has authenticated.
GstBuffer* makeForgery(std::uint32_t ssrc) {
  constexpr std::size_t kSsrcAt = 8;  // RFC 3550, section 5.1
  std::array<std::uint8_t, 64> bytes{0x80};
  GST_WRITE_UINT32_BE(bytes.data() + kSsrcAt, ssrc);
  return gst_buffer_new_memdup(bytes.data(), bytes.size());
}

// srtpdec gives libsrtp the SSRC in host order, which wants it in that of the network (GStreamer
// 1.22 to 1.26): on most machines "remove-key" frees srtpdec's own entry alone, and the keys, some
// 30 KB, stay. They would be freed with an SSRC of the same bytes the other way round. So such a
// stream is made, by a packet of which srtpdec finds out only later that it is forged, and each of
// the two removes the other's keys; or its own, where that has been put right.
void removeKeys(GstElement* decryption, GstPad* rtp, std::uint32_t ssrc,
                const std::set<std::uint32_t>& met) {
  const std::uint32_t reversed = GUINT32_SWAP_LE_BE(ssrc);
  if (reversed != ssrc) {
    if (met.contains(reversed)) return;  // by chance it is somebody's, who would lose the keys
    gst_pad_chain(rtp, makeForgery(reversed));
    g_signal_emit_by_name(decryption, inner::removeKey, reversed);
  }
  g_signal_emit_by_name(decryption, inner::removeKey, ssrc);
}

}  // namespace

void EndedStreams::begin(std::uint32_t ssrc) {
  std::erase_if(ended_, [ssrc](const auto& ended) { return ended.second == ssrc; });
}

void EndedStreams::end(std::uint32_t ssrc, Time now) {
  begin(ssrc);
  ended_.emplace_back(now, ssrc);
}

std::vector<std::uint32_t> EndedStreams::take(Time now) {
  std::vector<std::uint32_t> ssrcs;
  for (const auto& [time, ssrc] : ended_) ssrcs.push_back(ssrc);
  std::erase_if(ended_, [now](const auto& ended) { return ended.first + patience < now; });
  return ssrcs;
}

void freeSrtpStreams(GstElement* bin, const std::vector<std::uint32_t>& ssrcs) {
  const auto decryption = Ref<GstElement>::adopt(findElement(bin, inner::srtpDec));
  if (!decryption) return;
  const auto rtp =
      Ref<GstPad>::adopt(gst_element_get_static_pad(decryption.get(), inner::encryptedRtp));
  const auto rtcp =
      Ref<GstPad>::adopt(gst_element_get_static_pad(decryption.get(), inner::encryptedRtcp));
  // The action takes no lock (GStreamer 1.22); the thread that decrypts holds those of the pads,
  // down to the end of its way: after this no packet that came before is on it.
  GST_PAD_STREAM_LOCK(rtp.get());
  GST_PAD_STREAM_LOCK(rtcp.get());
  const std::set<std::uint32_t> met = metBy(decryption.get());
  for (const std::uint32_t ssrc : ssrcs) {
    if (met.contains(ssrc)) removeKeys(decryption.get(), rtp.get(), ssrc, met);
  }
  GST_PAD_STREAM_UNLOCK(rtcp.get());
  GST_PAD_STREAM_UNLOCK(rtp.get());
}

}  // namespace cosoup
