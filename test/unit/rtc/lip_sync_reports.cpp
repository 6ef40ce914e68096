// Sender reports that are wrong, and senders that change.
#include "cosoup/rtc/lip_sync.hpp"

#include "simulated_call.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

TEST_CASE("reports that are wrong move nothing") {
  Call call;
  call.reportsEach = 500ms;
  call.pass(5s);
  auto& video = call.video->received;
  const auto rtp = [&](Nanoseconds at) { return call.video->sent.timestamp(at); };
  const auto wrong = GENERATE(range(0, 10));
  INFO(wrong);
  const Nanoseconds now = call.now;
  switch (wrong) {
    case 0:
      video.report(0, rtp(now), atTime(now));
      break;
    case 1:
      video.report(1, rtp(now), atTime(now));
      break;
    case 2:
      video.report(~0ULL, rtp(now), atTime(now));
      break;
    case 3:
      video.report(ntpTime(now + 1h), rtp(now), atTime(now));
      break;
    case 4:
      video.report(ntpTime(now + 300ms), rtp(now), atTime(now));
      break;
    case 5:
      video.report(ntpTime(now), rtp(now + 300ms), atTime(now));
      break;
    case 6:
      video.report(ntpTime(now), rtp(now) + 0x80000000U, atTime(now));
      break;
    case 7:
      video.report(ntpTime(now + 11s), rtp(now + 11s), atTime(now));
      break;
    case 8:
      video.report(ntpTime(now), rtp(now - 1500ms), atTime(now));
      break;
    // What was right a while ago, and comes now.
    default:
      video.report(ntpTime(now - 4s), rtp(now - 4s), atTime(now));
      break;
  }
  for (int i = 0; i < 50; ++i) {
    call.pass(40ms);
    CHECK(call.isInSync());
  }
}

TEST_CASE("one wrong report in three is outvoted, also from the start") {
  for (const int first : {1, 2}) {
    INFO(first);
    Call call;
    call.pass(200ms);
    for (int i = first; i < 40; ++i) {
      const Nanoseconds error = i % 3 == 0 ? 700ms : 0ms;
      call.audio->report(call.ntp(), call.now);
      call.video->report(ntpTime(call.now + error), call.now);
      call.pass(400ms);
      CHECK(call.isInSync());
    }
  }
}

TEST_CASE("a wrong first report lasts until two others have come") {
  Call call;
  call.pass(200ms);
  call.audio->report(call.ntp(), call.now);
  call.video->report(ntpTime(call.now + 700ms), call.now);
  call.pass(400ms);
  CHECK_FALSE(call.isInSync());
  for (int i = 0; i < 2; ++i) {
    call.report();
    call.pass(400ms);
  }
  call.pass(20s);  // a twentieth of it takes back 800 ms
  CHECK(call.isInSync());
  call.audio->report(call.ntp(), call.now);
  call.video->report(ntpTime(call.now + 700ms), call.now);
  call.pass(1s);
  CHECK(call.isInSync());
}

TEST_CASE("streams that are further apart than can be held back are let be") {
  Call call;
  call.pass(200ms);
  call.audio->report(call.ntp(), call.now);
  call.video->report(ntpTime(call.now + 3s), call.now);
  call.pass(1s);
  CHECK(call.isReleased());
}

TEST_CASE("streams that come to be too far apart keep what they have") {
  Call call;
  call.reportsEach = 1s;
  call.pass(10s);
  call.reportsEach = 0s;
  for (int i = 0; i < 5; ++i) {
    call.audio->report(call.ntp(), call.now);
    call.video->report(ntpTime(call.now + 3s), call.now);
    call.pass(1s);
  }
  CHECK(call.isInSync());
}

TEST_CASE("of three streams the one that is far from the others is let be") {
  for (const auto far : {3000ms, -3000ms, -1950ms}) {
    INFO(far.count());
    Call call;
    SentStream other(call.sync, simulatedVideo());
    call.pass(200ms);
    for (int i = 0; i < 10; ++i) {
      other.frame(call.now);
      other.report(ntpTime(call.now + far), call.now);
      call.report();
      call.pass(500ms);
      CHECK(call.isInSync());
    }
    CHECK(other.received.offset() == 0s);
  }
}

TEST_CASE("a sender without a wall clock is let be") {
  Call call;
  for (int i = 0; i < 10; ++i) {
    call.pass(500ms);
    (i % 2 ? call.audio : call.video)->report(0, call.now);
    CHECK(call.isReleased());
  }
}

TEST_CASE("a first report that speaks of other packets does not count") {
  for (const auto off : {2500ms, -11000ms}) {
    INFO(off.count());
    Call call;
    call.pass(200ms);
    auto& video = call.video->received;
    video.report(
        call.ntp(),
        call.video->sent.timestamp(call.now) + static_cast<std::uint32_t>(off.count() * 90),
        atTime(call.now));
    call.report();
    call.pass(40ms);
    CHECK(call.isInSync());
  }
}

TEST_CASE("two wrong reports that are alike by chance are no step of the sender") {
  for (const auto between : {0s, 60s}) {
    INFO(between.count());
    Call call;
    call.reportsEach = 1s;
    call.pass(10s);
    call.reportsEach = 0s;
    call.audio->report(ntpTime(call.now + 700ms), call.now);
    call.pass(between);
    for (int i = 0; i < (between > 0s ? 2 : 1); ++i) {
      call.video->report(ntpTime(call.now + 700ms), call.now);
    }
    // Of the audio nothing more is heard.
    for (int i = 0; i < 30; ++i) {
      call.pass(1s);
      call.video->report(call.ntp(), call.now);
      CHECK(call.isInSync());
    }
  }
}

TEST_CASE("a stream that alone reports a step is believed in the end") {
  Call call;
  call.reportsEach = 1s;
  call.pass(10s);
  call.reportsEach = 0s;
  const auto more = [&](int reports) {
    for (int i = 0; i < reports; ++i) {
      call.audio->report(ntpTime(call.now - 200ms), call.now);
      call.pass(1s);
    }
  };
  more(15);
  CHECK(call.isInSync());
  more(20);
  CHECK(call.audio->received.offset() == 0s);
  CHECK(call.video->received.offset() > 99ms);
  CHECK(call.video->received.offset() < 101ms);
}

TEST_CASE("a sender that sets its clock stays in sync") {
  for (const auto step : {60ms, 1000ms, -1000ms, 3600000ms, -3600000ms}) {
    for (const auto each : {100ms, 1000ms}) {
      INFO(step.count() << " " << each.count());
      Call call;
      call.reportsEach = each;
      call.pass(10s);
      call.ntpStep = step;
      for (int i = 0; i < 500; ++i) {
        call.pass(40ms);
        CHECK(call.isInSync());
      }
    }
  }
}

TEST_CASE("a sender that sets its clock stays in sync when one stream reports seldom") {
  Call call;
  call.pass(200ms);
  call.report();
  call.ntpStep = 600ms;
  for (int i = 0; i < 40; ++i) {
    call.pass(200ms);
    call.audio->report(call.ntp(), call.now);
    CHECK(call.isInSync());
  }
  call.report();
  call.pass(2s);
  CHECK(call.isInSync());
}

TEST_CASE("the era of NTP may end") {
  Call call;
  call.reportsEach = 500ms;
  call.ntpStep = std::chrono::seconds((1LL << 32) - 3'987'000'000LL) - 5s;
  for (int i = 0; i < 250; ++i) {
    call.pass(40ms);
    CHECK(call.isInSync());
  }
}

TEST_CASE("a stream whose reports change for good is believed the third time, slowly") {
  Call call;
  call.reportsEach = 1s;
  call.pass(10s);
  // As mediasoup's do when it comes to know when frames were captured.
  const auto changed = [&] {
    call.audio->report(call.ntp(), call.now);
    call.video->report(ntpTime(call.now - 200ms), call.now);
  };
  call.reportsEach = 0s;
  for (int i = 0; i < 2; ++i) {
    changed();
    call.pass(1s);
    CHECK(call.isInSync());
  }
  changed();
  Nanoseconds last = call.audio->received.offset();
  for (int i = 0; i < 100; ++i) {
    call.pass(100ms);
    const Nanoseconds offset = call.audio->received.offset();
    CHECK(offset - last <= 5ms);
    CHECK(offset >= last);
    last = offset;
  }
  for (int i = 0; i < 3; ++i) {
    changed();
    call.pass(1s);
  }
  last = call.audio->received.offset();
  CHECK(last > 298ms);
  CHECK(last < 302ms);
}
