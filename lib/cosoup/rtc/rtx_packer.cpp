#include "cosoup/rtc/rtx_packer.hpp"

#include <algorithm>

#include "cosoup/rtc/big_endian.hpp"
#include "cosoup/rtc/rtp_header.hpp"

namespace cosoup {
namespace {

constexpr std::uint8_t kPaddingBit = 0x20;
constexpr std::uint8_t kMarkerBit = 0x80;

}  // namespace

/// That of the packet, `size` bytes with its extensions, made one of the RTX stream.
std::vector<std::uint8_t> RtxPacker::header(std::span<const std::uint8_t> packet,
                                            std::size_t size) {
  const auto begin = packet.begin();
  std::vector<std::uint8_t> bytes(begin, begin + static_cast<std::ptrdiff_t>(size));
  bytes[0] &= static_cast<std::uint8_t>(~kPaddingBit);
  bytes[1] = static_cast<std::uint8_t>((bytes[1] & kMarkerBit) | payloadType_);
  putBigEndian16(bytes, 2, next_++);
  putBigEndian32(bytes, 8, ssrc_);
  return bytes;
}

std::vector<std::uint8_t> RtxPacker::pack(std::span<const std::uint8_t> packet) {
  const std::optional<RtpHeader> read = readRtpHeader(packet);
  if (!read) return {};
  std::vector<std::uint8_t> again = header(packet, read->payloadOffset);
  again.reserve(again.size() + 2 + read->payloadSize);
  again.insert(again.end(), packet.begin() + 2, packet.begin() + 4);
  const auto payload = read->payload(packet);
  again.insert(again.end(), payload.begin(), payload.end());
  return again;
}

std::vector<std::uint8_t> RtxPacker::pad(std::span<const std::uint8_t> like, std::size_t padding) {
  const std::optional<RtpHeader> read = readRtpHeader(like);
  if (!read) return {};
  padding = std::clamp<std::size_t>(padding, 1, maxPadding);
  std::vector<std::uint8_t> packet = header(like, read->payloadOffset);
  packet[0] |= kPaddingBit;
  packet[1] &= static_cast<std::uint8_t>(~kMarkerBit);
  packet.resize(packet.size() + padding);
  packet.back() = static_cast<std::uint8_t>(padding);
  return packet;
}

}  // namespace cosoup
