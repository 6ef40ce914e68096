#include "cosoup/rtc/loss_length.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

TEST_CASE("what is lost is as long as the packets around it") {
  LossLength length(48000);
  CHECK(length.before(1000, 0) == 0ms);
  CHECK(length.before(1960, 0) == 0ms);
  CHECK(length.before(1960 + 2 * 960, 1) == 20ms);
  CHECK(length.before(1960 + 6 * 960, 3) == 60ms);
  // Packets of 60 ms from here on.
  CHECK(length.before(1960 + 7 * 960, 0) == 0ms);
  CHECK(length.before(1960 + 10 * 960, 0) == 0ms);
  CHECK(length.before(1960 + 16 * 960, 1) == 60ms);
}

TEST_CASE("silence that is not sent is not lost") {
  LossLength length(48000);
  length.before(0, 0);
  length.before(960, 0);
  CHECK(length.before(960 + 19'200, 0) == 0ms);
  CHECK(length.before(960 + 2 * 19'200, 1) == 20ms);
}

TEST_CASE("a loss is never longer than there is room for it") {
  LossLength length(8000);
  length.before(0, 0);
  length.before(480, 0);
  CHECK(length.before(480 + 320, 1) == 20ms);
  CHECK(length.before(480 + 320, 5) == 0ms);
  CHECK(length.before(0, 5) == 0ms);  // it went back
}

TEST_CASE("before the spacing is known packets are taken for those of 20 ms") {
  LossLength length(48000);
  CHECK(length.before(7, 3) == 0ms);
  CHECK(length.before(7 + 48'000, 2) == 40ms);
}

TEST_CASE("a loss is measured across the wrap of the time stamps, not across a new numbering") {
  LossLength length(48000);
  length.before(0xffff'fc40, 0);
  CHECK(length.before(960, 1) == 20ms);
  length.restart();
  CHECK(length.before(960 + 1'000'000, 1) == 0ms);
}
