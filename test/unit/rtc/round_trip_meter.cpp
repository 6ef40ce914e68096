#include "cosoup/rtc/round_trip_meter.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

const RoundTripMeter::Time kStart{};

}  // namespace

TEST_CASE("the round trip is how long it takes until what was asked for comes") {
  RoundTripMeter meter;
  CHECK_FALSE(meter.value());
  meter.asked(7, kStart);
  CHECK(meter.came(7, kStart + 80ms));
  CHECK(meter.value() == RoundTripMeter::Duration(80ms));
}

TEST_CASE("a packet that nobody asked for says nothing of the round trip") {
  RoundTripMeter meter;
  CHECK_FALSE(meter.came(7, kStart));
  meter.asked(7, kStart);
  CHECK_FALSE(meter.came(8, kStart + 80ms));
  CHECK(meter.came(7, kStart + 90ms));
  CHECK_FALSE(meter.came(7, kStart + 100ms));
  CHECK(meter.value() == RoundTripMeter::Duration(90ms));
}

TEST_CASE("of a packet asked for again it is not known which request was answered") {
  RoundTripMeter meter;
  for (const auto after : {0ms, 80ms, 160ms}) meter.asked(7, kStart + after);
  CHECK_FALSE(meter.came(7, kStart + 200ms));
  CHECK_FALSE(meter.value());
  // The number comes again after the wrap.
  meter.asked(7, kStart + 1h);
  CHECK(meter.came(7, kStart + 1h + 50ms));
}

TEST_CASE("the round trip is smoothed") {
  RoundTripMeter meter;
  meter.asked(1, kStart);
  meter.came(1, kStart + 80ms);
  meter.asked(2, kStart);
  meter.came(2, kStart + 160ms);
  CHECK(meter.value() == RoundTripMeter::Duration(90ms));
}

TEST_CASE("of many requests without an answer the oldest are forgotten") {
  RoundTripMeter meter;
  for (std::uint16_t number = 0; number < 40; ++number) meter.asked(number, kStart);
  CHECK_FALSE(meter.came(0, kStart + 80ms));
  CHECK(meter.came(39, kStart + 80ms));
}
