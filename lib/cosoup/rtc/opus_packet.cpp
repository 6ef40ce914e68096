#include "cosoup/rtc/opus_packet.hpp"

#include <cstddef>

namespace cosoup {
namespace {

using std::chrono::microseconds;
using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kLongestFrame = 1275;  // bytes
constexpr microseconds kLongestPacket{120'000};

/// The first byte, "TOC".
struct Contents {
  explicit Contents(std::uint8_t toc)
      : configuration(toc >> 3), isStereo((toc & 0x04) != 0), code(toc & 0x03) {}

  bool hasSpeechLayer() const { return configuration < 16; }  // SILK
  microseconds frameDuration() const {
    if (!hasSpeechLayer()) return microseconds(2500 << (configuration & 3));
    if (configuration >= 12) return microseconds(10'000 << (configuration & 1));
    return microseconds((configuration & 3) == 3 ? 60'000 : 10'000 << (configuration & 3));
  }

  int configuration;
  bool isStereo;
  int code;  // how the frames are packed
};

/// The frames of a packet: their number, and the first one.
struct Frames {
  std::size_t count = 0;
  Bytes first;
};

/// Takes the length of a frame (section 3.2.1) off the front.
std::optional<std::size_t> takeLength(Bytes& rest) {
  if (rest.empty()) return std::nullopt;
  std::size_t length = rest[0];
  std::size_t size = 1;
  if (length >= 252) {
    if (rest.size() < 2) return std::nullopt;
    length += std::size_t{4} * rest[1];
    size = 2;
  }
  rest = rest.subspan(size);
  return length;
}

/// Takes the padding off the end, and what says how much it is off the front.
bool takePadding(Bytes& rest) {
  std::size_t padding = 0;
  std::uint8_t more = 255;
  while (more == 255) {
    if (rest.empty()) return false;
    more = rest[0];
    padding += more == 255 ? 254 : more;
    rest = rest.subspan(1);
  }
  if (padding > rest.size()) return false;
  rest = rest.first(rest.size() - padding);
  return true;
}

std::optional<Frames> equalFrames(std::size_t count, Bytes rest) {
  const std::size_t size = rest.size() / count;
  if (rest.size() % count != 0 || size > kLongestFrame) return std::nullopt;
  return Frames{count, rest.first(size)};
}

/// Each but the last with its length in front of all.
std::optional<Frames> framesWithLengths(std::size_t count, Bytes rest) {
  std::size_t first = 0;
  std::size_t sum = 0;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    const auto length = takeLength(rest);
    if (!length) return std::nullopt;
    if (i == 0) first = *length;
    sum += *length;
  }
  if (sum > rest.size() || rest.size() - sum > kLongestFrame) return std::nullopt;
  return Frames{count, rest.first(count == 1 ? rest.size() : first)};
}

std::optional<Frames> manyFrames(Bytes rest) {
  if (rest.empty()) return std::nullopt;
  const std::uint8_t header = rest[0];
  const std::size_t count = header & 0x3f;
  rest = rest.subspan(1);
  if (count == 0 || ((header & 0x40) != 0 && !takePadding(rest))) return std::nullopt;
  return (header & 0x80) != 0 ? framesWithLengths(count, rest) : equalFrames(count, rest);
}

std::optional<Frames> framesOf(const Contents& contents, Bytes rest) {
  switch (contents.code) {
    case 0:
      return equalFrames(1, rest);
    case 1:
      return equalFrames(2, rest);
    case 2:
      return framesWithLengths(2, rest);
    default:
      return manyFrames(rest);
  }
}

/// Section 4.2.3: for each channel a bit for every 20 ms, whether there is speech, then this one.
bool hasFec(const Contents& contents, Bytes frame) {
  if (!contents.hasSpeechLayer() || frame.empty()) return false;
  const int parts = contents.frameDuration() == microseconds(60'000)   ? 3
                    : contents.frameDuration() == microseconds(40'000) ? 2
                                                                       : 1;
  const bool first = (frame[0] >> (7 - parts) & 1) != 0;
  const bool second = contents.isStereo && (frame[0] >> (6 - 2 * parts) & 1) != 0;
  return first || second;
}

}  // namespace

std::optional<OpusPacket> readOpusPacket(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return std::nullopt;
  const Contents contents(bytes[0]);
  const auto frames = framesOf(contents, bytes.subspan(1));
  if (!frames) return std::nullopt;
  OpusPacket packet;
  packet.duration = contents.frameDuration() * frames->count;
  if (packet.duration > kLongestPacket) return std::nullopt;
  packet.hasFec = hasFec(contents, frames->first);
  return packet;
}

}  // namespace cosoup
