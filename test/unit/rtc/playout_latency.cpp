#include "cosoup/rtc/playout_latency.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

TEST_CASE("a fixed latency stays, within bounds") {
  struct Row {
    std::chrono::milliseconds set;
    std::chrono::milliseconds is;
  };
  for (const Row& row : {Row{0ms, 0ms}, Row{120ms, 120ms}, Row{-5ms, 0ms},
                         Row{std::chrono::milliseconds::max(), 10'000ms}}) {
    PlayoutLatency latency(true, row.set);
    latency.setRoundTrip(400ms);
    latency.update(90ms, {});
    latency.cameAfter(400ms);
    CHECK(latency.value() == row.is);
  }
}

TEST_CASE("an adaptive latency is enough for a request and two repeats") {
  struct Row {
    std::chrono::milliseconds roundTrip;
    std::chrono::milliseconds jitter;
    std::chrono::milliseconds latency;
  };
  // 20 ms before the first request, three times 1.25 round trips and 5 ms; 250 ms at least.
  for (const Row& row :
       {Row{0ms, 0ms, 250ms}, Row{40ms, 0ms, 250ms}, Row{60ms, 0ms, 260ms}, Row{60ms, 10ms, 300ms},
        Row{100ms, 0ms, 410ms}, Row{300ms, 0ms, 500ms}, Row{40ms, 900ms, 500ms}}) {
    INFO(row.roundTrip.count() << ' ' << row.jitter.count());
    PlayoutLatency latency(true);
    CHECK(latency.value() == 410ms);  // as of 100 ms
    latency.setRoundTrip(row.roundTrip);
    latency.update(row.jitter, {});
    CHECK(latency.value() == row.latency);
  }
}

TEST_CASE("without requests the round trip does not matter, only what comes by itself") {
  PlayoutLatency latency(false);
  CHECK(latency.value() == 20ms);
  latency.setRoundTrip(400ms);
  CHECK(latency.value() == 20ms);
  latency.update(10ms, {});
  CHECK(latency.value() == 40ms);
  latency.cameAfter(80ms);
  CHECK(latency.value() == 100ms);
  latency.cameAfter(5ms);
  CHECK(latency.value() == 100ms);
  latency.cameAfter(3600s);
  CHECK(latency.value() == 200ms);
}

TEST_CASE("a latency grows at once and shrinks by 10 ms in a second") {
  PlayoutLatency latency(true);
  PlayoutLatency::Time now;
  latency.setRoundTrip(60ms);
  latency.update(0ms, now);
  CHECK(latency.value() == 260ms);
  latency.setRoundTrip(100ms);
  CHECK(latency.value() == 410ms);
  latency.setRoundTrip(60ms);
  CHECK(latency.value() == 410ms);
  for (int i = 0; i < 50; ++i) latency.update(0ms, now += 20ms);
  CHECK(latency.value() == 400ms);
  latency.update(0ms, now += 60s);
  CHECK(latency.value() == 260ms);
}

TEST_CASE("what was overtaken by far is forgotten slowly") {
  PlayoutLatency latency(false);
  PlayoutLatency::Time now;
  latency.update(0ms, now);
  latency.cameAfter(80ms);
  latency.update(0ms, now += 1s);
  CHECK(latency.value() == 90ms);
  latency.update(0ms, now += 60s);
  CHECK(latency.value() == 20ms);
}

TEST_CASE("a latency that was fixed becomes adaptive") {
  PlayoutLatency latency(true, 0ms);
  latency.setRoundTrip(60ms);
  latency.set(std::nullopt);
  CHECK(latency.value() == 260ms);
}

TEST_CASE("an adaptive latency stays within what it is allowed") {
  PlayoutLatency latency(true);
  latency.setRoundTrip(600ms);
  CHECK(latency.value() == PlayoutLatency::maxWithRequests);
  latency.setLongest(1000ms);
  latency.setRoundTrip(600ms);
  CHECK(latency.value() == PlayoutLatency::Duration(1000ms));
  latency.set(30ms);
  CHECK(latency.value() == PlayoutLatency::Duration(30ms));
}
