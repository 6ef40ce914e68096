#include "cosoup/rtc/nack.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using Numbers = std::vector<std::uint16_t>;
using Bytes = std::vector<std::uint8_t>;

TEST_CASE("a NACK names a packet and, by its mask, some of the 16 that follow") {
  CHECK(nackedPackets(Bytes{0x01, 0x02, 0x00, 0x00}) == Numbers{0x0102});
  CHECK(nackedPackets(Bytes{0x01, 0x02, 0x80, 0x05}) == Numbers{0x0102, 0x0103, 0x0105, 0x0112});
}

TEST_CASE("a NACK has as many entries as fit, and its numbers wrap") {
  CHECK(nackedPackets(Bytes{0xff, 0xff, 0x00, 0x01, 0x00, 0x09, 0x00, 0x00}) ==
        Numbers{0xffff, 0x0000, 0x0009});
}

TEST_CASE("of a NACK that is cut off the whole entries count") {
  CHECK(nackedPackets({}).empty());
  CHECK(nackedPackets(Bytes{0x01, 0x02, 0x00}).empty());
  CHECK(nackedPackets(Bytes{0x01, 0x02, 0x00, 0x00, 0x01, 0x03, 0x00}) == Numbers{0x0102});
}

TEST_CASE("a NACK of any length names a bounded number of packets") {
  CHECK(nackedPackets(Bytes(65536, 0xff)).size() == 1000);
}
