#include "cosoup/rtc/lip_sync.hpp"

#include "simulated_call.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

TEST_CASE("without reports of both streams nothing is held back") {
  Call call;
  call.pass(1s);
  CHECK(call.apart() == -100ms);
  call.audio->report(call.ntp(), call.now);
  call.pass(1s);
  CHECK(call.isReleased());
}

TEST_CASE("with the first reports of both, the faster one is held back at once") {
  for (const auto until : {40ms, 400ms, 20000ms}) {
    INFO(until.count());
    Call call;
    call.pass(until);
    call.report();
    call.pass(40ms);
    CHECK(call.isInSync());
    CHECK(call.video->received.offset() == 0s);
    CHECK(call.audio->received.offset() > 99ms);
  }
}

TEST_CASE("it does not matter which of them is the faster one") {
  Call call;
  call.audio->sent.delay = 300ms;
  call.pass(200ms);
  call.report();
  call.pass(40ms);
  CHECK(call.isInSync());
  CHECK(call.audio->received.offset() == 0s);
  CHECK(call.video->received.offset() > 179ms);
}

TEST_CASE("a report before the first packet is let be") {
  Call call;
  call.report();
  call.pass(1s);
  CHECK(call.isReleased());
}

TEST_CASE("what is less than anybody hears moves nothing") {
  Call call;
  call.reportsEach = 1s;
  call.pass(10s);
  call.reportsEach = 0s;
  const auto offset = call.audio->received.offset();
  for (int i = 0; i < 10; ++i) {
    call.audio->report(call.ntp(), call.now);
    call.video->report(ntpTime(call.now - 4ms), call.now);
    call.pass(1s);
    CHECK(call.audio->received.offset() == offset);
  }
}

TEST_CASE("an offset that was too long at the start shrinks fast") {
  Call call;
  call.audio->frame(0ms);
  call.video->frame(0ms, 100ms);
  call.report();
  call.now = 20ms;
  call.pass(40ms);
  CHECK(call.audio->received.offset() > 150ms);
  call.pass(700ms);
  CHECK(call.isInSync());
  CHECK(call.audio->isMonotonic);
}

TEST_CASE("who leaves is not waited for any longer") {
  Call call;
  call.reportsEach = 1s;
  call.pass(5s);
  call.reportsEach = 0s;
  call.video.reset();
  for (int i = 0; i < 18; ++i) {
    call.pass(100ms);
    CHECK(call.audio->received.offset() > 0s);
  }
  call.pass(400ms);
  CHECK(call.audio->received.offset() == 0s);
  CHECK(call.audio->isMonotonic);
}

TEST_CASE("a line that became longer keeps the streams in sync, reports or not") {
  Call call;
  call.pass(200ms);
  call.report();
  call.pass(2s);
  call.video->sent.delay += 200ms;
  call.pass(9s);
  CHECK(*call.video->late > 319ms);
  call.pass(4s);  // a twentieth makes up for the 200 ms
  CHECK(call.isInSync());
  call.video->sent.delay -= 200ms;
  for (int i = 0; i < 200; ++i) {
    call.pass(40ms);
    CHECK(call.apart() < 10ms);
    CHECK(call.apart() > -10ms);
  }
}

TEST_CASE("a stream that begins anew keeps its place until it has a report") {
  Call call;
  call.reportsEach = 1s;
  call.pass(5s);
  call.reportsEach = 0s;
  call.video->sent.firstTimestamp += 1U << 31;
  call.video->frame(call.now, 80ms);
  call.pass(2s);
  CHECK(call.isInSync());
  call.report();
  call.pass(2s);
  CHECK(call.isInSync());
  CHECK(call.video->received.clock().lines() == 2);
}

TEST_CASE("a stream that begins anew at another distance is in sync with its first report") {
  Call call;
  call.reportsEach = 1s;
  call.pass(5s);
  call.reportsEach = 0s;
  call.audio->received.restart();
  call.audio->sent.firstTimestamp += 1U << 31;
  call.audio->sent.delay = 60ms;
  call.pass(200ms);
  call.report();
  call.pass(200ms);
  CHECK(call.isInSync());
}

TEST_CASE("when no report comes any more the streams stay where they are") {
  Call call;
  call.audio->sent.clock.ppm = 200;
  call.video->sent.clock.ppm = -200;
  call.reportsEach = 1s;
  call.pass(10s);
  call.reportsEach = 0s;
  call.pass(10min);
  CHECK(call.apart() < 5ms);
  CHECK(call.apart() > -5ms);
}
