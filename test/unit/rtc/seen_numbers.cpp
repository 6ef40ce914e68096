#include "cosoup/rtc/seen_numbers.hpp"

#include "support/catch.hpp"

using namespace cosoup;

TEST_CASE("of the last 512 numbers is known which have come") {
  SeenNumbers seen;
  CHECK_FALSE(seen.hasCome(0));
  for (std::int64_t number = 100; number < 2000; ++number) seen.put(number, number % 3 != 0);
  for (std::int64_t number = 2000 - 512; number < 2000; ++number) {
    REQUIRE(seen.hasCome(number) == (number % 3 != 0));
  }
  CHECK(1487 % 3 != 0);
  CHECK_FALSE(seen.hasCome(1487));
  CHECK_FALSE(seen.hasCome(2000));
}

TEST_CASE("a number that comes late has come") {
  SeenNumbers seen;
  for (std::int64_t number = 0; number < 600; ++number) seen.put(number, false);
  seen.comeLate(300);
  CHECK(seen.hasCome(300));
  seen.comeLate(50);  // too old; 562 has its place
  CHECK_FALSE(seen.hasCome(50));
  CHECK_FALSE(seen.hasCome(562));
}

TEST_CASE("in a new numbering no number has come") {
  SeenNumbers seen;
  for (std::int64_t number = 0; number < 600; ++number) seen.put(number, true);
  seen.clear();
  CHECK_FALSE(seen.hasCome(300));
}
