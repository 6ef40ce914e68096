#include "cosoup/rtc/packet_ring.hpp"

#include "support/catch.hpp"

using namespace cosoup;

TEST_CASE("a ring gives each packet under its number, once") {
  PacketRing<std::int64_t> ring;
  CHECK_FALSE(ring.take(5));
  for (const std::int64_t number : {7, 5, 20}) ring.put(number, 5, number);
  CHECK(ring.held() == 3);
  CHECK(ring.take(5) == 5);
  CHECK_FALSE(ring.take(5));
  CHECK_FALSE(ring.take(6));
  CHECK(ring.take(7) == 7);
  CHECK(ring.take(20) == 20);
  CHECK(ring.held() == 0);
}

TEST_CASE("a ring that grows keeps what it holds, wherever that begins") {
  for (const std::int64_t first : {0, 11, 15, 65530, 70000}) {
    INFO(first);
    PacketRing<std::int64_t> ring;
    for (std::int64_t i = 0; i < 3000; i += 3) ring.put(first + i, first, first + i);
    CHECK(ring.held() == 1000);
    for (std::int64_t i = 0; i < 3000; ++i) {
      const auto packet = ring.take(first + i);
      REQUIRE(packet.has_value() == (i % 3 == 0));
      if (packet) REQUIRE(*packet == first + i);
    }
  }
}

TEST_CASE("a ring goes on after a flood that it gave the memory of back") {
  PacketRing<std::int64_t> ring;
  ring.put(1000, 1, 1000);
  CHECK(ring.take(1000) == 1000);
  CHECK_FALSE(ring.take(1001));
  ring.put(1003, 1001, 1003);
  CHECK_FALSE(ring.take(1001));
  CHECK(ring.take(1003) == 1003);
}
