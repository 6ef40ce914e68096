#include "cosoup/rtc/congestion/probing.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

constexpr ProbePlanner::Time start{1000s};

/// Five packets of 250 bytes each 2 ms, 1 Mbit/s; they arrive at these times.
std::vector<PacketResult> cluster(const std::vector<std::chrono::microseconds>& arrivals) {
  std::vector<PacketResult> results;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    PacketResult result{static_cast<std::int64_t>(i), 250, start + i * 2ms, {}, 1u, false};
    if (arrivals[i] >= 0ms) result.arrived = arrivals[i];
    results.push_back(result);
  }
  return results;
}

ProbeMeter expecting() {
  ProbeMeter meter;
  meter.expect({1, 1e6, 5, 1250});
  return meter;
}

}  // namespace

TEST_CASE("probing starts with 3 and 6 times the first bitrate") {
  ProbePlanner planner;
  planner.start(300e3, start);
  const auto first = planner.next();
  REQUIRE(first);
  CHECK(first->bitrate == 900e3);
  CHECK(first->packets == 5);
  CHECK(first->bytes == 1687);
  const auto second = planner.next();
  REQUIRE(second);
  CHECK(second->bitrate == 1800e3);
  CHECK(second->id != first->id);
  CHECK_FALSE(planner.next());
}

TEST_CASE("a probe that came through is followed by one twice as high, up to the most") {
  ProbePlanner planner;
  planner.setMax(3e6);
  planner.start(300e3, start);
  while (planner.next()) continue;
  planner.measured(1.2e6, start + 200ms);
  CHECK_FALSE(planner.next());
  planner.measured(1.7e6, start + 200ms);
  CHECK(planner.next().value().bitrate == 3e6);
  planner.measured(3e6, start + 400ms);
  CHECK_FALSE(planner.next());
}

TEST_CASE("a calm line is probed every five seconds, unless all that is wanted is there") {
  ProbePlanner planner;
  planner.setMax(3e6);
  planner.update(1e6, start);
  planner.update(1e6, start + 4900ms);
  CHECK_FALSE(planner.next());
  planner.update(1e6, start + 5s);
  CHECK(planner.next().value().bitrate == 2e6);
  planner.update(1e6, start + 9s);
  CHECK_FALSE(planner.next());
  planner.update(2.9e6, start + 10s);
  CHECK_FALSE(planner.next());
}

TEST_CASE("the meter of probes tells the rate that arrived") {
  struct Row {
    const char* name;
    std::vector<std::chrono::microseconds> arrivals;
    double bitrate;
    bool isThrough;
  };
  for (const Row& row : {
           Row{"through", {100ms, 102ms, 104ms, 106ms, 108ms}, 1e6, true},
           Row{"together", {100ms, 100ms, 101ms, 101ms, 102ms}, 1e6, true},
           Row{"a full line", {100ms, 104ms, 108ms, 112ms, 116ms}, 0.95 * 0.5e6, false},
           Row{"one lost", {100ms, 102ms, -1ms, 106ms, 108ms}, 0.75e6, true},
       }) {
    INFO(row.name);
    ProbeMeter meter = expecting();
    const auto shown = meter.add(cluster(row.arrivals));
    REQUIRE(shown);
    CHECK(shown->bitrate == Approx(row.bitrate).epsilon(0.05));
    CHECK(shown->isThrough == row.isThrough);
  }
}

TEST_CASE("a first packet that is larger makes no probe seem slow, and no slow line fast") {
  // 1200 bytes and four of 200 at 1 Mbit/s, on a line of 500 kbit/s and one of 10 Mbit/s.
  auto slow = cluster({19200us, 22400us, 25600us, 28800us, 32ms});
  auto fast = cluster({960us, 9760us, 11360us, 12960us, 14560us});
  for (auto* results : {&slow, &fast}) {
    for (std::size_t i = 0; i < 5; ++i) {
      (*results)[i].size = i == 0 ? 1200 : 200;
      if (i > 0) (*results)[i].sent = start + 8ms + i * 1600us;
    }
  }
  ProbeMeter meter = expecting();
  const auto shown = meter.add(slow);
  REQUIRE(shown);
  CHECK_FALSE(shown->isThrough);
  CHECK(shown->bitrate == Approx(0.95 * 500e3).epsilon(0.05));
  ProbeMeter other = expecting();
  const auto through = other.add(fast);
  REQUIRE(through);
  CHECK(through->isThrough);
  CHECK(through->bitrate == Approx(1e6).epsilon(0.01));
}

TEST_CASE("a probe counts once, when enough of it has come") {
  ProbeMeter meter = expecting();
  const auto results = cluster({100ms, 102ms, 104ms, 106ms, 108ms, 110ms});
  CHECK_FALSE(meter.add(std::span(results).first(3)));
  CHECK(meter.add(std::span(results).subspan(3, 2)));
  CHECK_FALSE(meter.add(std::span(results).subspan(5)));
  ProbeMeter lossy = expecting();
  CHECK_FALSE(lossy.add(cluster({100ms, -1ms, -1ms, 106ms, 108ms})));
  ProbeMeter other;
  CHECK_FALSE(other.add(results));
}

TEST_CASE("a packet of a probe that comes after it was told as lost does not count twice") {
  ProbeMeter meter = expecting();
  const auto results = cluster({100ms, -1ms, 104ms, 106ms, 108ms});
  CHECK_FALSE(meter.add(std::span(results).first(3)));
  PacketResult late = results[1];
  late.arrived = 120ms;
  late.wasLost = true;
  CHECK_FALSE(meter.add(std::span(&late, 1)));
  CHECK_FALSE(meter.add(std::span(results).subspan(3, 1)));
  CHECK(meter.add(std::span(results).subspan(4)));
}
