#include "cosoup/rtc/rtp_header.hpp"

#include "cosoup/rtc/big_endian.hpp"

namespace cosoup {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kFixed = 12;
constexpr std::size_t kWord = 4;

/// Where the payload begins; absent where the packet ends before it.
std::optional<std::size_t> headerSize(Bytes packet) {
  if (packet.size() < kFixed || packet[0] >> 6 != 2) return std::nullopt;
  std::size_t size = kFixed + kWord * (packet[0] & 15u);
  if (packet[0] & 0x10) {
    if (packet.size() < size + kWord) return std::nullopt;
    size += kWord + kWord * bigEndian16(packet, size + 2);
  }
  if (packet.size() < size) return std::nullopt;
  return size;
}

}  // namespace

std::optional<RtpHeader> readRtpHeader(Bytes packet) {
  const std::optional<std::size_t> begin = headerSize(packet);
  if (!begin) return std::nullopt;
  // The last byte of padding says how long it is, itself included.
  const std::size_t padding = packet[0] & 0x20 ? packet.back() : 0;
  if (padding > packet.size() - *begin || (packet[0] & 0x20 && padding == 0)) return std::nullopt;
  RtpHeader header;
  header.ssrc = bigEndian32(packet, 8);
  header.timestamp = bigEndian32(packet, 4);
  header.sequenceNumber = bigEndian16(packet, 2);
  header.payloadType = packet[1] & 0x7f;
  header.marker = packet[1] >> 7 != 0;
  header.payloadOffset = *begin;
  header.payloadSize = packet.size() - *begin - padding;
  return header;
}

}  // namespace cosoup
