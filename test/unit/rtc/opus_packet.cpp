#include "cosoup/rtc/opus_packet.hpp"

#include <cstdint>
#include <vector>

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

using Bytes = std::vector<std::uint8_t>;

/// The first byte of a packet (RFC 6716, section 3.1).
std::uint8_t toc(int configuration, bool isStereo = false, int code = 0) {
  return static_cast<std::uint8_t>(configuration << 3 | (isStereo ? 4 : 0) | code);
}

Bytes withPayload(Bytes start, std::size_t size) {
  start.resize(start.size() + size, 0);
  return start;
}

bool isPacket(const Bytes& bytes) { return readOpusPacket(bytes).has_value(); }

}  // namespace

TEST_CASE("an Opus packet is as long as its frames together") {
  struct Row {
    Bytes packet;
    std::chrono::microseconds duration;
  };
  const Row rows[] = {
      {withPayload({toc(0)}, 10), 10ms},                     // speech
      {withPayload({toc(9)}, 10), 20ms},                     //
      {withPayload({toc(11)}, 10), 60ms},                    //
      {withPayload({toc(12)}, 10), 10ms},                    // both layers
      {withPayload({toc(15)}, 10), 20ms},                    //
      {withPayload({toc(16)}, 10), 2500us},                  // music
      {withPayload({toc(31)}, 10), 20ms},                    //
      {{toc(31)}, 20ms},                                     // silence
      {withPayload({toc(31, true, 1)}, 10), 40ms},           // two equal ones
      {withPayload({toc(31, true, 2), 3}, 10), 40ms},        // two others
      {withPayload({toc(31, true, 2), 252, 1}, 300), 40ms},  // of 256 bytes and 44
      {withPayload({toc(29, false, 3), 12}, 24), 60ms},      // many equal ones
      {withPayload({toc(31, false, 3), 0x83, 1, 2}, 9), 60ms},
      {withPayload({toc(31, false, 3), 0x43, 2}, 3 * 4 + 2), 60ms},  // padded
      {withPayload({toc(31, false, 3), 0x41, 255, 1}, 7 + 255), 20ms},
  };
  for (const Row& row : rows) {
    CAPTURE(static_cast<int>(row.packet[0]), row.packet.size());
    const auto packet = readOpusPacket(row.packet);
    REQUIRE(packet);
    CHECK(packet->duration == row.duration);
    CHECK_FALSE(packet->hasFec);
  }
}

TEST_CASE("what no decoder takes is no Opus packet") {
  CHECK_FALSE(isPacket({}));
  CHECK_FALSE(isPacket(withPayload({toc(31)}, 1276)));
  CHECK_FALSE(isPacket(withPayload({toc(31, false, 1)}, 9)));               // no equal halves
  CHECK_FALSE(isPacket({toc(31, false, 2)}));                               // no length
  CHECK_FALSE(isPacket({toc(31, false, 2), 252}));                          // half of it
  CHECK_FALSE(isPacket(withPayload({toc(31, false, 2), 11}, 10)));          // more than there is
  CHECK_FALSE(isPacket({toc(31, false, 3)}));                               // no count
  CHECK_FALSE(isPacket(withPayload({toc(31, false, 3), 0}, 10)));           // none
  CHECK_FALSE(isPacket(withPayload({toc(31, false, 3), 3}, 10)));           // no equal thirds
  CHECK_FALSE(isPacket(withPayload({toc(31, false, 3), 7}, 14)));           // 140 ms
  CHECK_FALSE(isPacket(withPayload({toc(31, false, 3), 0x41, 20}, 10)));    // padding alone
  CHECK_FALSE(isPacket({toc(31, false, 3), 0x41, 255}));                    // half of its length
  CHECK_FALSE(isPacket(withPayload({toc(31, false, 3), 0x83, 9, 9}, 10)));  // more than there is
}

TEST_CASE("an Opus packet with speech says whether the one before is in it, too") {
  struct Row {
    Bytes packet;
    bool hasFec;
  };
  const Row rows[] = {
      {{toc(9), 0x40, 0}, true},
      {{toc(9), 0xbf, 0xff}, false},
      {{toc(9, true), 0x40, 0}, true},
      {{toc(9, true), 0x10, 0}, true},
      {{toc(9, true), 0xaf, 0}, false},
      {{toc(10), 0x20, 0}, true},
      {{toc(10), 0xdf, 0}, false},
      {{toc(11), 0x10, 0}, true},
      {{toc(11, true), 0x01, 0}, true},
      {{toc(11, true), 0xee, 0}, false},
      {{toc(13), 0x40, 0}, true},
      {{toc(9, false, 2), 1, 0x40, 0}, true},
      {{toc(9, false, 2), 1, 0, 0x40}, false},
      {{toc(9, false, 3), 0x41, 1, 0x40, 0}, true},
      {{toc(31), 0xff, 0xff}, false},  // there is none in music
      {{toc(9)}, false},
  };
  for (const Row& row : rows) {
    CAPTURE(static_cast<int>(row.packet[0]), row.packet.size());
    const auto packet = readOpusPacket(row.packet);
    REQUIRE(packet);
    CHECK(packet->hasFec == row.hasFec);
  }
}
