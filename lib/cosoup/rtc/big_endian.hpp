// Numbers in network order. Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cosoup {

// The bytes have to be there.

inline std::uint16_t bigEndian16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

inline std::uint32_t bigEndian32(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bigEndian16(bytes, at)) << 16 | bigEndian16(bytes, at + 2);
}

}  // namespace cosoup
