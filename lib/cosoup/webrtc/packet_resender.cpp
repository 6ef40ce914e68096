#include "cosoup/webrtc/packet_resender.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "cosoup/webrtc/webrtcbin_names.hpp"
#include "cosoup/webrtc/wire_size.hpp"

namespace cosoup {
namespace {

/// What `make` makes of the bytes of a packet; null where it makes nothing.
template <class Make>
Ref<GstBuffer> madeOf(GstBuffer* packet, Make make) {
  GstMapInfo map;
  if (!gst_buffer_map(packet, &map, GST_MAP_READ)) return {};
  const std::vector<std::uint8_t> bytes = make(std::span<const std::uint8_t>(map.data, map.size));
  gst_buffer_unmap(packet, &map);
  if (bytes.empty()) return {};
  return Ref<GstBuffer>::adopt(gst_buffer_new_memdup(bytes.data(), bytes.size()));
}

}  // namespace

void PacketResender::prepare(GstElement* element) {
  if (!isMadeBy(element, inner::srtpEnc)) return;
  // To protect a packet older than the window would be an error that ends the stream.
  constexpr guint kWindow = 4 * PacketHistory<Ref<GstBuffer>>::maxPackets;
  g_object_set(element, inner::allowRepeatTx, TRUE, inner::replayWindowSize, kWindow, nullptr);
}

void PacketResender::add(const SentSection& section) {
  const Retransmission& retransmission = section.retransmission;
  for (const auto& [ssrc, rtxSsrc] : retransmission.rtxSsrcs) {
    const auto first = static_cast<std::uint16_t>(g_random_int());  // RFC 3550, section 5.1
    packers_.emplace(ssrc, RtxPacker(rtxSsrc, retransmission.rtxPayloadType, first));
  }
}

void PacketResender::put(const SentSection& section, const RtpHeader& header, Ref<GstBuffer> packet,
                         Time now) {
  if (section.retransmission.form == Retransmission::Form::none) return;
  if (packers_.contains(header.ssrc)) {
    latest_ = header.ssrc;
    latestPacket_ = packet;
  }
  Stream& stream = streams_.try_emplace(header.ssrc, Stream{section.kind, {}}).first->second;
  stream.history.put(header.sequenceNumber, header.timestamp, std::move(packet), now);
}

void PacketResender::find(const RetransmissionRequest& request, Time now,
                          std::vector<RequestedPacket>& found) {
  const auto stream = streams_.find(request.ssrc);
  if (stream == streams_.end()) return;
  auto& [kind, history] = stream->second;
  for (const std::uint16_t sequenceNumber : request.sequenceNumbers) {
    const auto* entry = history.find(sequenceNumber, now);
    if (!entry) continue;
    found.push_back(RequestedPacket{kind, request.ssrc, entry->number,
                                    wireSize(entry->packet.get()), entry->picture, entry->sent});
  }
}

PacketResender::Again PacketResender::again(const RequestedPacket& requested, Time now) {
  const auto stream = streams_.find(requested.ssrc);
  if (stream == streams_.end()) return {};
  const auto* entry =
      stream->second.history.find(static_cast<std::uint16_t>(requested.number), now);
  if (!entry) return {};
  const auto packer = packers_.find(requested.ssrc);
  if (packer == packers_.end()) {
    return {requested.ssrc, Ref<GstBuffer>::adopt(gst_buffer_copy_deep(entry->packet.get()))};
  }
  return {packer->second.ssrc(),
          madeOf(entry->packet.get(), [&](auto bytes) { return packer->second.pack(bytes); })};
}

PacketResender::Again PacketResender::padding(std::size_t wireBytes) {
  if (!latest_) return {};
  RtxPacker& packer = packers_.at(*latest_);
  return {packer.ssrc(), madeOf(latestPacket_.get(), [&](auto like) {
            const auto header = readRtpHeader(like);
            const std::size_t headers = kWireHeaders + (header ? header->payloadOffset : 0);
            return packer.pad(like, std::max(wireBytes, headers) - headers);
          })};
}

}  // namespace cosoup
