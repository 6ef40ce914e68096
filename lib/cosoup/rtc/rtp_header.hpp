// The fixed header of an RTP packet (RFC 3550, section 5.1). Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cosoup {

struct RtpHeader {
  std::uint32_t ssrc = 0;
  std::uint32_t timestamp = 0;
  std::uint16_t sequenceNumber = 0;
  std::uint8_t payloadType = 0;
  bool marker = false;
  /// Where in the packet the payload lies, without header extensions and padding. A packet of
  /// nothing but padding has none.
  std::size_t payloadOffset = 0;
  std::size_t payloadSize = 0;

  std::span<const std::uint8_t> payload(std::span<const std::uint8_t> packet) const {
    return packet.subspan(payloadOffset, payloadSize);
  }
};

/// Nothing where the bytes are no whole packet.
std::optional<RtpHeader> readRtpHeader(std::span<const std::uint8_t> packet);

}  // namespace cosoup
