#include "cosoup/rtc/congestion/acknowledged_bitrate.hpp"

#include "support/catch.hpp"
#include "unit/rtc/congestion/packet_results.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

/// 1 Mbit/s.
std::vector<PacketResult> steady(int count) {
  return packetResults(count, 10ms, 1250, [](int) { return 30ms; });
}

}  // namespace

TEST_CASE("the acknowledged bitrate is that of the arrivals, once there is enough") {
  AcknowledgedBitrate bitrate;
  const auto results = steady(100);
  bitrate.add(std::span(results).first(10));
  CHECK_FALSE(bitrate.value());
  bitrate.add(std::span(results).subspan(10));
  CHECK(bitrate.value().value() == Approx(1e6));
}

TEST_CASE("what is lost does not count as acknowledged") {
  AcknowledgedBitrate bitrate;
  bitrate.add(packetResults(100, 10ms, 1250, [](int i) { return i % 4 == 1 ? -1ms : 30ms; }));
  CHECK(bitrate.value().value() == Approx(0.75e6).epsilon(0.05));
}

TEST_CASE("times for which feedback is missing do not count") {
  AcknowledgedBitrate bitrate;
  auto results = steady(40);
  results.erase(results.begin() + 20, results.begin() + 30);
  bitrate.add(results);
  CHECK(bitrate.value().value() == Approx(1e6));
}

TEST_CASE("the acknowledged bitrate follows a change within its window") {
  AcknowledgedBitrate bitrate;
  bitrate.add(steady(50));
  auto slow = packetResults(10, 40ms, 1250, [](int) { return 540ms; });
  for (PacketResult& each : slow) each.number += 50;
  bitrate.add(slow);
  CHECK(bitrate.value().value() == Approx(0.25e6).epsilon(0.01));
}
