#include "cosoup/webrtc/packet_resender.hpp"

#include <gst/rtp/gstrtpbuffer.h>

#include <algorithm>
#include <map>

#include "cosoup/gst/probe.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/extension_values.hpp"
#include "cosoup/rtc/header_extension_uris.hpp"
#include "cosoup/rtc/packet_history.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"
#include "cosoup/webrtc/webrtcbin_stats.hpp"

namespace cosoup {
namespace {

/// The id of abs-send-time in the caps of a section; 0: it is not there.
guint8 absSendTimeId(GstCaps* section) {
  const GstStructure* fields = gst_caps_get_structure(section, 0);
  for (guint8 id = 1; id < 15; ++id) {
    const std::string field = "extmap-" + std::to_string(id);
    const char* uri = gst_structure_get_string(fields, field.c_str());
    if (g_strcmp0(uri, absSendTimeExtensionUri) == 0) return id;
  }
  return 0;
}

/// The receiver's estimate takes the old time for a queue on the way.
void renewAbsSendTime(GstBuffer* packet, guint8 id) {
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  if (id == 0 || !gst_rtp_buffer_map(packet, GST_MAP_READWRITE, &rtp)) return;
  gpointer data = nullptr;
  guint size = 0;
  if (gst_rtp_buffer_get_extension_onebyte_header(&rtp, id, 0, &data, &size) && size == 3) {
    const auto bytes = absSendTimeBytes(static_cast<std::uint64_t>(g_get_monotonic_time()));
    std::copy(bytes.begin(), bytes.end(), static_cast<guint8*>(data));
  }
  gst_rtp_buffer_unmap(&rtp);
}

// In webrtcbin the first element is a clocksync, in which the thread of the source waits for the
// time of the next packet, holding the lock of the pad.
Ref<GstPad> behindClock(const Ref<GstPad>& sink) {
  if (!GST_IS_GHOST_PAD(sink.get())) return sink;
  const auto inner = Ref<GstPad>::adopt(gst_ghost_pad_get_target(GST_GHOST_PAD(sink.get())));
  if (!inner) return sink;
  const auto element = Ref<GstElement>::adopt(gst_pad_get_parent_element(inner.get()));
  if (!element || !isMadeBy(element.get(), inner::clockSync)) return inner;
  const auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(element.get(), inner::source));
  auto peer = Ref<GstPad>::adopt(gst_pad_get_peer(source.get()));
  return peer ? peer : inner;
}

}  // namespace

class PacketResender::Memory {
 public:
  bool knows(std::uint32_t ssrc) const {
    const std::lock_guard lock(mutex_);
    return histories_.contains(ssrc);
  }

  void put(GstBuffer* packet) {
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    if (!gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp)) return;
    const guint32 ssrc = gst_rtp_buffer_get_ssrc(&rtp);
    const guint16 sequenceNumber = gst_rtp_buffer_get_seq(&rtp);
    gst_rtp_buffer_unmap(&rtp);
    // The session writes into the packet that goes on.
    auto copy = Ref<GstBuffer>::adopt(gst_buffer_copy_deep(packet));
    const std::lock_guard lock(mutex_);
    histories_[ssrc].put(sequenceNumber, std::move(copy), std::chrono::steady_clock::now());
  }

  /// Null when it is not to be sent again.
  Ref<GstBuffer> again(std::uint32_t ssrc, std::uint16_t sequenceNumber,
                       std::chrono::microseconds roundTrip) {
    const std::lock_guard lock(mutex_);
    return histories_[ssrc]
        .again(sequenceNumber, std::chrono::steady_clock::now(), roundTrip)
        .value_or(Ref<GstBuffer>());
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::uint32_t, PacketHistory<Ref<GstBuffer>>> histories_;
};

void PacketResender::prepare(GstElement* element) {
  if (!isMadeBy(element, inner::srtpEnc)) return;
  // To protect a packet older than the window would be an error that ends the stream.
  constexpr guint kWindow = 4 * PacketHistory<Ref<GstBuffer>>::maxPackets;
  g_object_set(element, inner::allowRepeatTx, TRUE, inner::replayWindowSize, kWindow, nullptr);
}

void PacketResender::watch(const Ref<GstPad>& sink, GstCaps* section) {
  auto memory = std::make_shared<Memory>();
  addProbe(sink.get(), kDataProbe, [memory](GstPad*, GstPadProbeInfo* info) {
    forEachBuffer(info, [&](GstBuffer* packet) { memory->put(packet); });
    return GST_PAD_PROBE_OK;
  });
  const std::lock_guard lock(mutex_);
  slots_.push_back(Slot{sink, std::move(memory), absSendTimeId(section)});
}

std::optional<PacketResender::Slot> PacketResender::find(std::uint32_t ssrc) const {
  const std::lock_guard lock(mutex_);
  for (const Slot& slot : slots_) {
    if (slot.memory->knows(ssrc)) return slot;
  }
  return std::nullopt;
}

bool PacketResender::takes(const Feedback& feedback, GstElement* rtpbin) const {
  const auto* request = std::get_if<RetransmissionRequest>(&feedback);
  if (!request) return false;
  const std::optional<Slot> slot = find(request->ssrc);
  if (!slot) return true;
  const std::chrono::microseconds roundTrip = roundTripOf(rtpbin, request->ssrc);
  const Ref<GstPad> entry = behindClock(slot->sink);
  for (const std::uint16_t sequenceNumber : request->sequenceNumbers) {
    const Ref<GstBuffer> packet = slot->memory->again(request->ssrc, sequenceNumber, roundTrip);
    if (!packet) continue;
    GstBuffer* copy = gst_buffer_copy_deep(packet.get());
    renewAbsSendTime(copy, slot->absSendTimeId);
    gst_pad_chain(entry.get(), copy);
  }
  return true;
}

}  // namespace cosoup
