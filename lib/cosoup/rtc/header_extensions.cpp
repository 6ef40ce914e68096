#include "cosoup/rtc/header_extensions.hpp"

#include "cosoup/rtc/big_endian.hpp"

namespace cosoup {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr unsigned kOneByte = 0xbede;
constexpr unsigned kTwoByte = 0x1000;  // the last four bits are the app's

struct Element {
  std::uint8_t id;
  std::size_t header;  // bytes
  std::size_t length;  // of the content
};

// RFC 8285, sections 4.2 and 4.3. Nothing: no more elements.
std::optional<Element> elementAt(Bytes block, std::size_t at, bool oneByte) {
  if (oneByte) {
    const auto id = static_cast<std::uint8_t>(block[at] >> 4);
    if (id == 15) return std::nullopt;
    return Element{id, 1, (block[at] & 15u) + 1};
  }
  if (at + 1 >= block.size()) return std::nullopt;
  return Element{block[at], 2, block[at + 1]};
}

std::optional<Bytes> findIn(Bytes block, std::uint8_t id, bool oneByte) {
  std::size_t at = 0;
  while (at < block.size()) {
    if (block[at] == 0) {  // padding
      ++at;
      continue;
    }
    const std::optional<Element> element = elementAt(block, at, oneByte);
    if (!element) return std::nullopt;
    at += element->header;
    if (element->length > block.size() - at) return std::nullopt;
    if (element->id == id) return block.subspan(at, element->length);
    at += element->length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Bytes> findHeaderExtension(Bytes packet, std::uint8_t id) {
  constexpr std::size_t kFixed = 12;
  constexpr std::size_t kProfileAndLength = 4;
  if (id == 0 || packet.size() < kFixed || packet[0] >> 6 != 2 || !(packet[0] & 0x10)) {
    return std::nullopt;
  }
  const std::size_t at = kFixed + 4 * (packet[0] & 15u);
  if (packet.size() < at + kProfileAndLength) return std::nullopt;
  const unsigned profile = bigEndian16(packet, at);
  const std::size_t length = std::size_t{4} * bigEndian16(packet, at + 2);
  const Bytes rest = packet.subspan(at + kProfileAndLength);
  if (length > rest.size()) return std::nullopt;
  const bool oneByte = profile == kOneByte;
  if (!oneByte && (profile & 0xfff0) != kTwoByte) return std::nullopt;
  return findIn(rest.first(length), id, oneByte);
}

std::optional<AudioLevel> readAudioLevel(Bytes packet, std::uint8_t id) {
  const std::optional<Bytes> content = findHeaderExtension(packet, id);
  if (!content || content->size() != 1) return std::nullopt;
  const std::uint8_t byte = content->front();
  return AudioLevel{-static_cast<int>(byte & 0x7f), (byte & 0x80) != 0};
}

}  // namespace cosoup
