#include "cosoup/rtc/loss_tracker.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

using Numbers = std::vector<std::uint16_t>;

/// A tracker that has seen number 0.
class Tracked {
 public:
  explicit Tracked(bool mayAsk = true) : tracker(mayAsk) {
    tracker.beginAfter(-1);
    tracker.advance(0, now);
  }
  void come(std::int64_t number) { tracker.advance(number, now); }
  Numbers ask(std::chrono::milliseconds longestWait = 1000ms) {
    Numbers numbers;
    tracker.ask(now, longestWait, numbers);
    return numbers;
  }
  /// At which milliseconds from now it asks, for whatever is not given up.
  std::vector<int> timesOfRequests(std::chrono::milliseconds longestWait) {
    std::vector<int> times;
    for (int i = 0; i < 3000; ++i, now += 1ms) {
      tracker.giveUp(now, longestWait);
      if (!ask(longestWait).empty()) times.push_back(i);
    }
    return times;
  }

  LossTracker::Time now;
  LossTracker tracker;
};

}  // namespace

TEST_CASE("a missing packet is asked for after a short while") {
  Tracked tracked;
  tracked.come(3);
  CHECK(tracked.tracker.missing() == 2);
  CHECK(tracked.ask().empty());
  CHECK(tracked.tracker.nextWake(1000ms) == tracked.now + 5ms);
  tracked.now += 4ms;
  CHECK(tracked.ask().empty());
  tracked.now += 1ms;
  CHECK(tracked.ask() == Numbers{1, 2});
  CHECK(tracked.ask().empty());
}

TEST_CASE("a missing packet is asked for once two more later ones have come") {
  Tracked tracked;
  tracked.come(2);
  tracked.come(3);
  CHECK(tracked.ask().empty());
  tracked.come(4);
  CHECK(tracked.ask() == Numbers{1});
  CHECK(tracked.ask().empty());
}

TEST_CASE("requests are repeated every round trip and a quarter, no sooner than after 20 ms") {
  struct Row {
    std::optional<std::chrono::milliseconds> roundTrip;
    std::vector<int> times;
  };
  for (const Row& row :
       {Row{0ms, {5, 25, 45, 65, 85, 105, 125, 145, 165, 185, 205, 225, 245, 265, 285}},
        Row{40ms, {5, 60, 115, 170}}, Row{100ms, {5, 135}}, Row{std::nullopt, {5, 135}}}) {
    Tracked tracked;
    if (row.roundTrip) tracked.tracker.setRoundTrip(*row.roundTrip);
    tracked.come(2);
    CHECK(tracked.timesOfRequests(row.roundTrip == 0ms ? 1000ms : 200ms) == row.times);
  }
}

TEST_CASE("what cannot come in time is not asked for") {
  Tracked tracked;
  tracked.tracker.setRoundTrip(300ms);
  tracked.come(2);
  CHECK(tracked.timesOfRequests(154ms).empty());
  Tracked other;
  other.tracker.setRoundTrip(300ms);
  other.come(2);
  CHECK(other.timesOfRequests(155ms) == std::vector<int>{5});
}

TEST_CASE("a packet that was asked for as often as may be is still awaited") {
  Tracked tracked;
  tracked.tracker.setRoundTrip(1ms);
  tracked.come(2);
  CHECK(tracked.timesOfRequests(60'000ms).size() == LossTracker::maxRequests);
  CHECK(tracked.tracker.missing() == 1);
  CHECK(tracked.tracker.nextWake(60'000ms) == LossTracker::Time() + 60'000ms);
  CHECK(tracked.tracker.find(1, true, tracked.now));
}

TEST_CASE("where requests are not allowed none is made") {
  Tracked tracked(false);
  tracked.come(2);
  tracked.come(9);
  CHECK(tracked.timesOfRequests(60'000ms).empty());
  CHECK(tracked.tracker.nextWake(100ms) == LossTracker::Time() + 100ms);
}

TEST_CASE("patience grows with the packets that were overtaken, and shrinks with losses") {
  Tracked tracked;
  tracked.come(2);
  tracked.now += 4ms;
  CHECK(tracked.tracker.find(1, false, tracked.now)->wasOvertaken);
  tracked.come(4);
  CHECK(tracked.tracker.nextWake(1000ms) == tracked.now + 5ms);
  tracked.now += 12ms;
  tracked.tracker.find(3, false, tracked.now);
  tracked.come(6);
  CHECK(tracked.tracker.nextWake(1000ms) == tracked.now + 15ms);
  tracked.now += 1ms;
  tracked.tracker.find(5, false, tracked.now);
  tracked.come(8);
  CHECK(tracked.tracker.nextWake(1000ms) == tracked.now + 15ms);
  tracked.now += 400ms;
  tracked.tracker.find(7, false, tracked.now);
  tracked.come(10);
  CHECK(tracked.tracker.nextWake(1000ms) == tracked.now + LossTracker::maxPatience);
  for (std::int64_t number = 10; number < 200; number += 2) {
    tracked.tracker.find(number - 1, true, tracked.now);
    tracked.come(number + 2);
  }
  CHECK(*tracked.tracker.nextWake(1000ms) - tracked.now < 6ms);
}

TEST_CASE("how many later packets are waited for is learnt, too") {
  Tracked tracked;
  for (const std::int64_t number : {2, 3, 4, 5, 6}) tracked.come(number);
  CHECK(tracked.tracker.find(1, false, tracked.now)->wasOvertaken);  // by five
  for (const std::int64_t number : {8, 9, 10, 11, 12}) tracked.come(number);
  CHECK(tracked.ask().empty());
  tracked.come(13);
  CHECK(tracked.ask() == Numbers{7});
}

TEST_CASE("what was sent again is told from what was overtaken") {
  struct Row {
    std::chrono::milliseconds afterRequest;
    bool isResent;
    bool knowsRtx;
    bool wasOvertaken;
    bool cameAgain;
  };
  for (const Row& row : {Row{19ms, false, false, true, true}, Row{20ms, false, false, false, true},
                         Row{20ms, false, true, true, false}, Row{19ms, true, false, false, true},
                         Row{20ms, true, true, false, true}}) {
    INFO(row.afterRequest.count() << ' ' << row.isResent << ' ' << row.knowsRtx);
    Tracked tracked;
    tracked.tracker.setRoundTrip(40ms);
    tracked.come(2);
    if (row.knowsRtx) tracked.tracker.find(1, true, tracked.now);
    tracked.come(4);
    tracked.now += 5ms;
    tracked.ask();
    tracked.now += row.afterRequest;
    const auto found = tracked.tracker.find(3, row.isResent, tracked.now);
    REQUIRE(found);
    CHECK(found->wasOvertaken == row.wasOvertaken);
    CHECK(found->cameAgain == row.cameAgain);
    CHECK(found->after == row.afterRequest + 5ms);
  }
}

TEST_CASE("what nobody was asked for has not come again") {
  Tracked tracked;
  tracked.come(2);
  const auto found = tracked.tracker.find(1, false, tracked.now + 100ms);
  REQUIRE(found);
  CHECK_FALSE(found->cameAgain);
}

TEST_CASE("only missing packets are found, each once") {
  Tracked tracked;
  tracked.come(3);
  CHECK_FALSE(tracked.tracker.find(0, false, tracked.now));
  CHECK_FALSE(tracked.tracker.find(3, false, tracked.now));
  CHECK(tracked.tracker.find(2, false, tracked.now));
  CHECK_FALSE(tracked.tracker.find(2, false, tracked.now));
  CHECK(tracked.tracker.oldest() == 1);
  CHECK(tracked.tracker.find(1, false, tracked.now));
  CHECK_FALSE(tracked.tracker.oldest());
  CHECK_FALSE(tracked.tracker.nextWake(1000ms));
}

TEST_CASE("the oldest gap ends at the first packet that has come") {
  Tracked tracked;
  tracked.come(4);
  tracked.come(6);
  tracked.tracker.giveUpOldestGap();
  CHECK(tracked.tracker.oldest() == 5);
  tracked.tracker.giveUpOldestGap();
  CHECK_FALSE(tracked.tracker.oldest());
}
