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

inline void putBigEndian16(std::span<std::uint8_t> bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

inline void putBigEndian32(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value) {
  putBigEndian16(bytes, at, static_cast<std::uint16_t>(value >> 16));
  putBigEndian16(bytes, at + 2, static_cast<std::uint16_t>(value));
}

}  // namespace cosoup
