#include "cosoup/rtc/rtp_clock.hpp"

#include "simulated_stream.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

/// A stream at 90 kHz with a frame every 20 ms, each 50 ms underway.
class Played {
 public:
  explicit Played(std::uint32_t first = 1000) : first_(first) {}

  /// Of the next frame, that comes so late: its time, less when it was captured.
  Nanoseconds frame(Nanoseconds late = 0ms) {
    captured_ += 20ms;
    return time(captured_, late);
  }
  Nanoseconds frames(int count, Nanoseconds late = 0ms) {
    Nanoseconds last{0};
    for (int i = 0; i < count; ++i) last = frame(late);
    return last;
  }
  Nanoseconds time(Nanoseconds captured, Nanoseconds late = 0ms,
                   RtpClock::Arrival arrival = RtpClock::Arrival::Direct) {
    return clock.at(stamp(captured), atTime(captured + delay + late), arrival) - atTime(captured);
  }
  std::uint32_t stamp(Nanoseconds captured) const {
    return first_ + static_cast<std::uint32_t>((captured + jumped).count() * 9 / 100000);
  }
  void wait(Nanoseconds time) { captured_ += time; }
  Nanoseconds captured() const { return captured_; }

  RtpClock clock{90000};
  Nanoseconds delay = 50ms;
  Nanoseconds jumped{0};  // the sender's clock

 private:
  std::uint32_t first_;
  Nanoseconds captured_{0};
};

bool isAbout(Nanoseconds a, Nanoseconds b, Nanoseconds tolerance = 1us) {
  return a - b <= tolerance && b - a <= tolerance;
}

}  // namespace

TEST_CASE("frames are due when they come, if they come evenly") {
  Played played;
  for (int i = 0; i < 1000; ++i) CHECK(isAbout(played.frame(), 50ms));
  CHECK(played.clock.lines() == 1);
  CHECK(played.clock.steps() == 0ns);
}

TEST_CASE("packets that come late do not move the times") {
  Played played;
  played.frames(50);
  for (const auto late : {1ms, 30ms, 100ms, 400ms, 0ms, 900ms, 3000ms}) {
    CHECK(isAbout(played.frame(late), 50ms));
  }
  CHECK(isAbout(played.frames(100), 50ms));
}

TEST_CASE("a stream whose first packet is late comes down to the fastest in no time") {
  Played played;
  CHECK(isAbout(played.frame(100ms), 150ms));
  CHECK(isAbout(played.frame(), 140ms));
  CHECK(isAbout(played.frames(9), 50ms));
}

TEST_CASE("time stamps wrap") {
  for (const std::uint32_t first : {0xffffffffU, 0xfffff000U, 0x7ffff000U}) {
    Played played(first);
    for (int i = 0; i < 100; ++i) CHECK(isAbout(played.frame(), 50ms, 12us));
    CHECK(isAbout(played.time(20ms, 2s), 50ms, 12us));
    CHECK(played.clock.lines() == 1);
  }
}

TEST_CASE("frames that come out of order have times in their order") {
  Played played;
  played.frame(60ms);  // so that the line comes down just then
  const Nanoseconds first = played.captured();
  const auto due = [&](Nanoseconds captured) { return captured + played.time(captured); };
  // I P B B P B B, as they are sent.
  const Nanoseconds p1 = due(first + 60ms);
  const Nanoseconds b1 = due(first + 20ms);
  const Nanoseconds b2 = due(first + 40ms);
  const Nanoseconds p2 = due(first + 120ms);
  const Nanoseconds b3 = due(first + 80ms);
  const Nanoseconds b4 = due(first + 100ms);
  CHECK(b1 < b2);
  CHECK(b2 < p1);
  CHECK(p1 < b3);
  CHECK(b3 < b4);
  CHECK(b4 < p2);
}

TEST_CASE("all packets of a frame have its time") {
  Played played;
  played.frames(10, 80ms);
  const Nanoseconds first = played.frame(80ms);
  CHECK(played.time(played.captured(), 20ms) == first);
  CHECK(played.time(played.captured(), 200ms) == first);
}

TEST_CASE("what was sent again does not count for the line") {
  Played played;
  played.frames(50, 30ms);
  for (int i = 0; i < 1000; ++i) {
    played.wait(20ms);
    CHECK(isAbout(played.time(played.captured(), 200ms, RtpClock::Arrival::Recovered), 80ms));
  }
  CHECK(isAbout(played.frames(10, 30ms), 80ms));
  // A clock that took them for the line would have moved by now.
  Played other;
  other.frames(50, 30ms);
  CHECK(isAbout(other.frames(1000, 200ms), 250ms));
}

TEST_CASE("a silence is no restart, and does not move the times") {
  for (const auto silence : {400ms, 1000ms, 5000ms, 600000ms}) {
    INFO(silence.count());
    Played played;
    played.frames(500);
    played.wait(silence);
    CHECK(isAbout(played.frame(), 50ms));
    CHECK(isAbout(played.frames(500), 50ms));
    CHECK(played.clock.lines() == 1);
  }
}

TEST_CASE("the first packet after a pause may be late") {
  Played played;
  played.frames(500);
  played.wait(10s);
  CHECK(isAbout(played.frame(100ms), 50ms, 6ms));
  CHECK(isAbout(played.frame(), 50ms));
}

TEST_CASE("where the sender's clock has jumped in a pause is followed at once") {
  for (const auto jump : {-800ms, -200ms, 200ms, 800ms}) {
    INFO(jump.count());
    Played played;
    played.frames(500);
    played.wait(5s);
    played.jumped += jump;
    CHECK(isAbout(played.frame(), 50ms));
    CHECK(isAbout(played.frames(100), 50ms));
    CHECK(isAbout(played.clock.steps(), -jump));
  }
}

TEST_CASE("a clock that stood still while nothing was sent is followed within two seconds") {
  for (const auto pause : {2s, 5s, 9s}) {
    INFO(pause.count());
    Played played;
    played.frames(500);
    played.wait(pause);
    played.jumped -= pause;
    CHECK(isAbout(played.frames(100), 50ms));
    CHECK(played.clock.lines() == 1);
  }
}

TEST_CASE("packets that piled up for seconds keep their times") {
  Played played;
  played.frames(500);
  const Nanoseconds arrived = played.captured() + 4s;
  for (int i = 0; i < 200; ++i) {
    const Nanoseconds next = played.captured() + 20ms;
    CHECK(isAbout(played.frame(arrived - next), 50ms));
  }
  CHECK(isAbout(played.frames(100), 50ms));
  CHECK(played.clock.steps() == 0ns);
}

TEST_CASE("a line that became longer for good is followed after the window") {
  for (const auto longer : {100ms, 300ms}) {
    Played played;
    played.frames(500);
    played.delay += longer;
    CHECK(isAbout(played.frames(350), 50ms));  // 7 s: it could be a jam
    CHECK(isAbout(played.frames(100), 50ms + longer));
    CHECK(isAbout(played.clock.steps(), longer));
  }
}

TEST_CASE("a line that became shorter for good is followed by a twentieth") {
  Played played;
  played.frames(500);
  played.delay = 0ms;
  CHECK(isAbout(played.frames(25), 25ms));
  CHECK(isAbout(played.frames(25), 0ms, 1100us));
  // Slowly again, once it is done.
  played.frames(50);
  played.delay = -20ms;
  CHECK(isAbout(played.frames(50), -2ms, 50us));
}

TEST_CASE("less than a step is followed by 2 ms a second") {
  for (const auto change : {-30ms, 30ms}) {
    INFO(change.count());
    Played played;
    played.frames(500);
    played.delay += change;
    Nanoseconds last = 50ms;
    for (int i = 0; i < 1300; ++i) {
      const Nanoseconds now = played.frame();
      CHECK(isAbout(now, last, 41us));
      last = now;
    }
    CHECK(isAbout(last, 50ms + change));
  }
}

TEST_CASE("a stream that begins anew is due when it comes") {
  for (const std::uint32_t jump : {1U << 31, 3U << 30, 1U << 30, 2'000'000U, 0U - 2'000'000U}) {
    INFO(jump);
    Played played;
    played.frames(500);
    const Nanoseconds now = played.captured() + 60ms;
    const auto time = played.clock.at(played.stamp(now) + jump, atTime(now));
    CHECK(time == atTime(now));
    CHECK(played.clock.lines() == 2);
  }
}

TEST_CASE("the next line begins no earlier than the last one ended") {
  Played played;
  played.frames(500);
  const auto last = played.clock.at(played.stamp(played.captured() + 900ms), atTime(10s));
  played.clock.restart();
  CHECK_FALSE(played.clock.isRunning());
  CHECK(played.clock.at(77, atTime(10s)) == last);
  CHECK(played.clock.at(77 - 900, atTime(10s)) == last - 10ms);
  CHECK(played.clock.at(77 + 1800, atTime(10020ms)) == last);
  CHECK(played.clock.at(77 + 180000, atTime(12s)) == atTime(12s));
  CHECK(played.clock.lines() == 2);
}

TEST_CASE("one asks for a time without a packet") {
  Played played;
  played.frames(500);
  const RtpClock& clock = played.clock;
  CHECK(isAbout(clock.at(played.stamp(9s)) - atTime(9s), 50ms));
  CHECK(isAbout(clock.at(played.stamp(14s)) - atTime(14s), 50ms));
  CHECK(isAbout(played.frame(), 50ms));
}

TEST_CASE("a stream without a clock rate does no harm") {
  RtpClock clock(0);
  CHECK(clock.at(0, atTime(0s)) == atTime(0s));
  CHECK(clock.at(5, atTime(5s)) == atTime(5s));
}

TEST_CASE("the times follow the local clock for an hour, whatever pace the sender's has") {
  for (const double ppm : {-500.0, -200.0, 0.0, 200.0, 500.0}) {
    INFO(ppm);
    SimulatedStream stream;
    stream.clock.ppm = ppm;
    stream.delay = 80ms;
    stream.meanJitter = 15ms;
    stream.firstTimestamp = 0xffff0000;
    RtpClock clock(90000);
    Chance chance(7);
    Nanoseconds earliest = 1h, latest = -1h, uneven = 0ms;
    Nanoseconds before{0};
    for (Nanoseconds captured = 0s; captured < 1h; captured += stream.interval) {
      const auto arrived = atTime(stream.arrival(captured, chance));
      const Nanoseconds late = clock.at(stream.timestamp(captured), arrived) - atTime(captured);
      if (captured >= 3s) {
        earliest = std::min(earliest, late);
        latest = std::max(latest, late);
        uneven = std::max({uneven, late - before, before - late});
      }
      before = late;
    }
    CHECK(earliest >= 80ms - 5ms);  // half a thousandth of the window, for a slow clock
    CHECK(latest <= 80ms + 3ms);
    CHECK(uneven <= 33us * 3);
    CHECK(clock.lines() == 1);
  }
}
