#include "unit/rtc/frames/payloads.hpp"

namespace cosoup::test {
namespace {

void addPictureId(Payload& payload, PictureId id) {
  if (id.bits == 15) add(payload, 0x80u | id.value >> 8);
  add(payload, id.value & (id.bits == 15 ? 0xffu : 0x7fu));
}

}  // namespace

Payload hex(std::string_view digits) {
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

void add(Payload& payload, unsigned byte) { payload.push_back(static_cast<std::uint8_t>(byte)); }

Payload Vp8Packet::payload() const {
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

Payload Vp9Packet::payload() const {
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

}  // namespace cosoup::test
