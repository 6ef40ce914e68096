// The header extensions of RTP packets.
#include "cosoup/rtc/header_extensions.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace cosoup;

namespace {

using Bytes = std::vector<std::uint8_t>;

/// A packet with that extension block; `profile` 0xbede: elements of one byte of header.
Bytes packet(unsigned profile, Bytes block, int csrcs = 0) {
  Bytes bytes = {static_cast<std::uint8_t>(0x90 | csrcs), 111, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3};
  bytes.resize(bytes.size() + static_cast<std::size_t>(4 * csrcs), 0xee);
  while (block.size() % 4 != 0) block.push_back(0);
  bytes.insert(bytes.end(),
               {static_cast<std::uint8_t>(profile >> 8), static_cast<std::uint8_t>(profile), 0,
                static_cast<std::uint8_t>(block.size() / 4)});
  bytes.insert(bytes.end(), block.begin(), block.end());
  bytes.insert(bytes.end(), {0xc0, 0xff, 0xee});
  return bytes;
}

std::optional<Bytes> found(const Bytes& bytes, std::uint8_t id) {
  const auto content = findHeaderExtension(bytes, id);
  if (!content) return std::nullopt;
  return Bytes(content->begin(), content->end());
}

}  // namespace

TEST_CASE("an extension is found in packets with one-byte and with two-byte headers") {
  const Bytes oneByte = packet(0xbede, {0x12, 'm', 'i', 'd', 0, 0x60, 0x8a, 0xe0, 7});
  CHECK(found(oneByte, 1) == Bytes{'m', 'i', 'd'});
  CHECK(found(oneByte, 6) == Bytes{0x8a});
  CHECK(found(oneByte, 14) == Bytes{7});
  CHECK_FALSE(found(oneByte, 2));
  const Bytes twoByte = packet(0x1003, {1, 3, 'm', 'i', 'd', 0, 6, 1, 0x8a, 200, 0});
  CHECK(found(twoByte, 1) == Bytes{'m', 'i', 'd'});
  CHECK(found(twoByte, 6) == Bytes{0x8a});
  CHECK(found(twoByte, 200) == Bytes{});
  CHECK(found(packet(0xbede, {0x60, 5}, 3), 6) == Bytes{5});
}

TEST_CASE("no extension is found where there is none, or where it is cut off") {
  const Bytes whole = packet(0xbede, {0x60, 5, 0x13, 1, 2, 3, 4, 0});
  REQUIRE(found(whole, 1));
  for (std::size_t size = 0; size < 24; ++size) {
    CHECK_FALSE(findHeaderExtension(std::span(whole.data(), size), 6));
  }
  CHECK_FALSE(found(packet(0xbede, {0x60, 5, 0x1f, 1}), 1));  // longer than the block
  CHECK_FALSE(found(packet(0x1000, {1, 0, 6, 9}), 6));        // likewise
  CHECK_FALSE(found(packet(0x1000, {1, 1, 7, 6}), 6));        // no room for its length
  CHECK_FALSE(found(packet(0xbede, {0xf0, 1, 0x60, 5}), 6));  // 15 ends the block
  CHECK_FALSE(found(packet(0xbede, {0, 0, 0, 0}), 0));        // padding
  CHECK_FALSE(found(packet(0x1234, {0x60, 5}), 6));           // of another kind
  Bytes withoutFlag = packet(0xbede, {0x60, 5});
  withoutFlag[0] = 0x80;
  CHECK_FALSE(found(withoutFlag, 6));
  Bytes notRtp = packet(0xbede, {0x60, 5});
  notRtp[0] = 0x50;
  CHECK_FALSE(found(notRtp, 6));
}

TEST_CASE("an audio level is read with its voice flag") {
  CHECK(readAudioLevel(packet(0xbede, {0x60, 0x8a}), 6) == AudioLevel{-10, true});
  CHECK(readAudioLevel(packet(0xbede, {0xa0, 0x7f}), 10) == AudioLevel{-127, false});
  CHECK(readAudioLevel(packet(0x1000, {6, 1, 0x00}), 6) == AudioLevel{0, false});
  CHECK_FALSE(readAudioLevel(packet(0xbede, {0x61, 0x8a, 0x00}), 6));
  CHECK_FALSE(readAudioLevel(packet(0x1000, {6, 0}), 6));
}
