// Payloads of video packets, written as the RFCs have it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cosoup/rtc/payload_start.hpp"

namespace cosoup::test {

using Payload = std::vector<std::uint8_t>;

inline Payload hex(std::string_view digits) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Payload bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    if (digits[i] == ' ')
      --i;  // after which it goes on at the next digit
    else
      bytes.push_back(static_cast<std::uint8_t>(value(digits[i]) << 4 | value(digits[i + 1])));
  }
  return bytes;
}

inline void add(Payload& payload, unsigned byte) {
  payload.push_back(static_cast<std::uint8_t>(byte));
}

inline void addPictureId(Payload& payload, PictureId id) {
  if (id.bits == 15) add(payload, 0x80u | id.value >> 8);
  add(payload, id.value & (id.bits == 15 ? 0xffu : 0x7fu));
}

/// RFC 7741, section 4.2.
struct Vp8Packet {
  bool starts = true;
  bool isKey = false;
  bool isUnneeded = false;
  std::optional<PictureId> id{};
  std::optional<unsigned> tl0{};
  std::optional<unsigned> layer{};
  bool isSync = false;

  Payload payload() const {
    Payload bytes;
    add(bytes, 0x80u | (isUnneeded ? 0x20u : 0u) | (starts ? 0x10u : 0u));
    add(bytes, (id ? 0x80u : 0u) | (tl0 ? 0x40u : 0u) | (layer ? 0x20u : 0u));
    if (id) addPictureId(bytes, *id);
    if (tl0) add(bytes, *tl0);
    if (layer) add(bytes, *layer << 6 | (isSync ? 0x20u : 0u));
    add(bytes, isKey ? 0x10u : 0x11u);
    add(bytes, 0x02u);
    return bytes;
  }
};

/// RFC 9628, section 4.2.
struct Vp9Packet {
  bool starts = true;
  bool ends = true;
  bool isKey = false;
  std::optional<PictureId> id{};
  std::optional<unsigned> tl0{};         // makes it have layers, in the non-flexible mode
  std::optional<Payload> differences{};  // flexible mode, with layers
  unsigned layer = 0;
  unsigned spatial = 0;
  bool isSwitchingUp = false;
  bool needsLower = false;

  Payload payload() const {
    Payload bytes;
    const bool isPredicted = differences ? !differences->empty() : !isKey;
    const bool hasLayers = tl0 || differences;
    add(bytes, (id ? 0x80u : 0u) | (isPredicted ? 0x40u : 0u) | (hasLayers ? 0x20u : 0u) |
                   (differences ? 0x10u : 0u) | (starts ? 0x08u : 0u) | (ends ? 0x04u : 0u));
    if (id) addPictureId(bytes, *id);
    if (hasLayers) {
      add(bytes, layer << 5 | (isSwitchingUp ? 0x10u : 0u) | spatial << 1 | (needsLower ? 1u : 0u));
    }
    if (tl0) add(bytes, *tl0);
    for (std::size_t i = 0; differences && i < differences->size(); ++i) {
      add(bytes, unsigned{(*differences)[i]} << 1 | (i + 1 < differences->size() ? 1u : 0u));
    }
    add(bytes, isKey ? 0x82u : 0x86u);
    add(bytes, 0x49u);
    return bytes;
  }
};

}  // namespace cosoup::test
