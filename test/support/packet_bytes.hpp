// RTP and RTCP packets, written byte by byte.
#pragma once

#include <cstdint>
#include <vector>

namespace cosoup::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes word(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

inline Bytes joined(const std::vector<Bytes>& parts) {
  Bytes bytes;
  for (const Bytes& part : parts) {
    for (const std::uint8_t byte : part) bytes.push_back(byte);
  }
  return bytes;
}

/// An RTP packet with its contributing sources and some payload.
inline Bytes rtpPacket(std::uint32_t ssrc, std::uint8_t payloadType,
                       const std::vector<std::uint32_t>& contributing = {}) {
  Bytes bytes = {
      static_cast<std::uint8_t>(0x80 | contributing.size()), payloadType, 0, 1, 0, 0, 0, 2};
  bytes = joined({bytes, word(ssrc)});
  for (const std::uint32_t source : contributing) bytes = joined({bytes, word(source)});
  return joined({bytes, {'m', 'e', 'd', 'i', 'a'}});
}

/// An RTCP packet (RFC 3550, section 6) with the body filled up to whole words.
inline Bytes rtcpPacket(std::uint8_t type, std::uint8_t count, Bytes body) {
  body.resize((body.size() + 3) / 4 * 4);
  const std::size_t words = body.size() / 4;
  return joined({{static_cast<std::uint8_t>(0x80 | count), type,
                  static_cast<std::uint8_t>(words >> 8), static_cast<std::uint8_t>(words)},
                 body});
}

inline Bytes senderReport(std::uint32_t sender) {
  return rtcpPacket(200, 0, joined({word(sender), Bytes(20)}));
}
inline Bytes receiverReport(std::uint32_t sender) { return rtcpPacket(201, 0, word(sender)); }
inline Bytes goodbye(std::uint32_t ssrc) { return rtcpPacket(203, 1, word(ssrc)); }

}  // namespace cosoup::test
