#include "cosoup/rtc/congestion/aimd_rate_control.hpp"

#include <algorithm>

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

constexpr AimdRateControl::Time start{1000s};

/// Ten times a second, from `from` on.
void run(AimdRateControl& rate, AimdRateControl::Input input, AimdRateControl::Time from,
         int steps) {
  for (int i = 1; i <= steps; ++i) rate.update(input, from + i * 100ms);
}

}  // namespace

TEST_CASE("far from a known capacity the rate grows by 8 % in a second") {
  AimdRateControl rate(1e6);
  rate.update({}, start);
  const double before = rate.bitrate();
  run(rate, {}, start, 10);
  CHECK(rate.bitrate() == Approx(1.08 * before));
}

TEST_CASE("over-use lowers the rate to 85 % of what arrives, once in a response time") {
  AimdRateControl rate(1e6);
  const AimdRateControl::Input over{NetworkUse::Over, 800e3, 50ms};
  rate.update(over, start);
  CHECK(rate.bitrate() == Approx(680e3));
  rate.update({NetworkUse::Over, 500e3, 50ms}, start + 100ms);
  CHECK(rate.bitrate() == Approx(680e3));
  rate.update({NetworkUse::Over, 500e3, 50ms}, start + 150ms);
  CHECK(rate.bitrate() == Approx(425e3));
  rate.update({NetworkUse::Over, 2e6, 50ms}, start + 400ms);
  CHECK(rate.bitrate() == Approx(425e3));
}

TEST_CASE("while a queue empties the rate is held") {
  AimdRateControl rate(1e6);
  run(rate, {NetworkUse::Under, 1e6, 50ms}, start, 20);
  CHECK(rate.bitrate() == 1e6);
}

TEST_CASE("near the known capacity the rate grows by half a packet in a response time") {
  AimdRateControl rate(1e6);
  rate.update({NetworkUse::Over, 900e3, 100ms}, start);
  const double before = rate.bitrate();
  run(rate, {NetworkUse::Normal, 800e3, 100ms}, start, 10);
  // 26 kbit a frame: three packets of 8.7 kbit, one in 200 ms.
  CHECK(rate.bitrate() - before == Approx(43.6e3).epsilon(0.05));
  // What arrives is far above it: the line is another one.
  rate.raise(2e6, start + 1s);
  run(rate, {NetworkUse::Normal, 2e6, 100ms}, start + 1s, 10);
  CHECK(rate.bitrate() == Approx(2.16e6));
}

TEST_CASE("the rate does not grow far beyond what arrives, and stays within its bounds") {
  AimdRateControl rate(1e6);
  run(rate, {NetworkUse::Normal, 500e3, 50ms}, start, 100);
  CHECK(rate.bitrate() == 1e6);
  run(rate, {NetworkUse::Normal, 700e3, 50ms}, start + 10s, 100);
  CHECK(rate.bitrate() == Approx(1.06e6));
  rate.setBounds(100e3, 900e3);
  CHECK(rate.bitrate() == 900e3);
  rate.update({NetworkUse::Over, 50e3, 50ms}, start + 60s);
  CHECK(rate.bitrate() == 100e3);
}

TEST_CASE("over-use right after a probe is the probe's own") {
  AimdRateControl rate(1e6);
  rate.raise(3e6, start);
  rate.update({NetworkUse::Over, 1e6, 50ms}, start + 300ms);
  CHECK(rate.bitrate() == 3e6);
  rate.update({NetworkUse::Over, 2e6, 50ms}, start + 400ms);
  CHECK(rate.bitrate() == Approx(1.7e6));
}

TEST_CASE("a probe that leaves a long queue has misled: the rate is that of before, or 85 %") {
  for (const double arrives : {0.5e6, 2e6}) {
    AimdRateControl rate(1e6);
    rate.raise(3e6, start);
    rate.update({NetworkUse::Over, arrives, 50ms, 40ms}, start + 200ms);
    CHECK(rate.bitrate() == 3e6);
    rate.update({NetworkUse::Over, arrives, 50ms, 41ms}, start + 200ms);
    CHECK(rate.bitrate() == Approx(std::max(1e6, 0.85 * arrives)));
  }
}

TEST_CASE("a capacity far below the known one is another line's, beyond which the rate hurries") {
  AimdRateControl rate(1e6);
  rate.update({NetworkUse::Over, 900e3, 300ms}, start);
  rate.update({NetworkUse::Over, 300e3, 300ms}, start + 1s);
  rate.raise(400e3, start + 2s);
  run(rate, {NetworkUse::Normal, 400e3, 300ms}, start + 2s, 10);
  CHECK(rate.bitrate() == Approx(1.08 * 400e3).epsilon(0.005));
}
