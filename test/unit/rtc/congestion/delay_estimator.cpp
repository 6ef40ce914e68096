#include "cosoup/rtc/congestion/delay_estimator.hpp"

#include <algorithm>
#include <random>

#include "support/catch.hpp"
#include "unit/rtc/congestion/packet_results.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

TEST_CASE("packets sent or come within 5 ms are one group") {
  PacketGroups groups;
  struct Row {
    std::chrono::microseconds sent;
    std::chrono::microseconds arrived;
    bool isGap;
  };
  std::optional<GroupGap> last;
  for (const Row& row : {Row{0ms, 100ms, false}, Row{5ms, 106ms, false}, Row{10ms, 115ms, false},
                         Row{16ms, 118ms, false}, Row{30ms, 140ms, true}, Row{12ms, 141ms, false},
                         Row{50ms, 155ms, true}}) {
    PacketResult packet;
    packet.sent = SentPackets::Time(row.sent);
    packet.arrived = row.arrived;
    const auto gap = groups.add(packet);
    CHECK(gap.has_value() == row.isGap);
    if (gap && !last) {
      // From the second packet to the fourth, which came with the third.
      CHECK(gap->sent == 11);
      CHECK(gap->arrived == 12);
      CHECK(gap->at == 118);
    }
    if (gap) last = gap;
  }
  REQUIRE(last);
  CHECK(last->sent == 14);
  CHECK(last->arrived == 22);
}

TEST_CASE("the trend is the growth of the delay in a unit of time") {
  for (const double growth : {0.0, 0.1, -0.05}) {
    DelayTrend trend;
    double value = 0;
    for (int i = 1; i <= 200; ++i) {
      const GroupGap gap{10, 10 / (1 - growth), i * 10 / (1 - growth)};
      value = trend.add(gap);
      if (i < int(DelayTrend::window)) CHECK(value == 0);
    }
    CHECK(value == Approx(growth).margin(0.001));
  }
}

TEST_CASE("a trend must exceed the threshold for some time, and not fall, to be over-use") {
  OveruseDetector detector;
  CHECK(detector.detect(20, 10) == NetworkUse::Normal);
  CHECK(detector.detect(25, 10) == NetworkUse::Over);
  CHECK(detector.detect(0, 10) == NetworkUse::Normal);
  CHECK(detector.detect(-25, 10) == NetworkUse::Under);
  CHECK(detector.detect(0, 10) == NetworkUse::Normal);
  CHECK(detector.detect(25, 10) == NetworkUse::Normal);
  CHECK(detector.detect(24, 10) == NetworkUse::Normal);
}

TEST_CASE("the threshold follows trends that are not far beyond it, up and down") {
  OveruseDetector detector;
  for (int i = 0; i < 1000; ++i) detector.detect(0, 10);
  CHECK(detector.threshold() == OveruseDetector::minThreshold);
  for (int i = 0; i < 1000; ++i) detector.detect(18, 10);
  CHECK(detector.threshold() == Approx(18).margin(0.1));
  for (int i = 0; i < 1000; ++i) detector.detect(100, 10);
  CHECK(detector.threshold() == Approx(18).margin(0.1));
}

TEST_CASE("a growing delay is over-use, one that shrinks under-use, a steady one neither") {
  for (const int slope : {0, 1, -1}) {
    DelayEstimator estimator;
    const auto results =
        packetResults(100, 10ms, 1000, [&](int i) { return 300ms + slope * i * 1ms; });
    const NetworkUse expected = slope == 0  ? NetworkUse::Normal
                                : slope > 0 ? NetworkUse::Over
                                            : NetworkUse::Under;
    CHECK(estimator.update(results) == expected);
  }
}

TEST_CASE("the delay of a queue is what packets take longer than on the empty line") {
  DelayEstimator estimator;
  const auto results = packetResults(300, 10ms, 1000, [](int i) { return i < 100 ? 20ms : 75ms; });
  estimator.update(std::span(results).first(100));
  CHECK(estimator.queue() == 0ms);
  estimator.update(std::span(results).subspan(100));
  CHECK(estimator.queue() == 55ms);
}

TEST_CASE("jitter is no queue, and a longer way is none after some time") {
  DelayEstimator estimator;
  std::mt19937 random(1);
  const auto jittery = packetResults(
      200, 5ms, 1000, [&](int) { return std::chrono::microseconds(20'000 + random() % 30'000); });
  estimator.update(jittery);
  CHECK(estimator.queue() < 10ms);
  QueueDelay queue;
  for (const auto& each :
       packetResults(2500, 10ms, 1000, [](int i) { return i < 200 ? 20ms : 80ms; })) {
    queue.add(each);
    if (each.number == 1000) CHECK(queue.value() == 60ms);
  }
  CHECK(queue.value() == 0ms);
}

TEST_CASE("packets that come after they were told as lost say nothing of the delay") {
  DelayEstimator estimator;
  auto results =
      packetResults(200, 10ms, 1000, [](int i) { return 20ms + std::max(0, i - 100) * 1ms; });
  estimator.update(std::span(results).first(100));
  for (PacketResult& each : results) each.wasLost = true;
  CHECK(estimator.update(std::span(results).subspan(100)) == NetworkUse::Normal);
  CHECK(estimator.queue() == 0ms);
}

TEST_CASE("few packets in a long time are no queue as long as one of them was fast") {
  QueueDelay queue;
  for (const auto& each :
       packetResults(40, 120ms, 1000, [](int i) { return i % 4 == 0 ? 20ms : 60ms; })) {
    queue.add(each);
    CHECK(queue.value() == 0ms);
  }
}
