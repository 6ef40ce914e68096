// OpusPacket: what an Opus packet (RFC 6716, section 3) tells without being decoded. Internal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace cosoup {

struct OpusPacket {
  std::chrono::microseconds duration{0};
  /// It has in it, coarser, what the packet before it held (in-band FEC, "LBRR").
  bool hasFec = false;
};

/// Nothing where the bytes are no packet that a decoder takes.
std::optional<OpusPacket> readOpusPacket(std::span<const std::uint8_t> bytes);

}  // namespace cosoup
