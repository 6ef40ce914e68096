#include "cosoup/rtc/interarrival_jitter.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

/// Packets of 20 ms of a clock of 48 kHz.
struct Arriving {
  void come(std::chrono::milliseconds after, std::uint32_t ticks = 960) {
    now += after;
    timestamp += ticks;
    jitter.add(timestamp, now);
  }

  InterarrivalJitter jitter{48000};
  InterarrivalJitter::Time now;
  std::uint32_t timestamp = 0xffffff00;  // wraps soon
};

}  // namespace

TEST_CASE("packets as even as they were sent have no jitter") {
  Arriving arriving;
  for (int i = 0; i < 100; ++i) arriving.come(20ms);
  CHECK(arriving.jitter.seconds() == Approx(0).margin(1e-9));
}

TEST_CASE("one sixteenth of a difference is taken over") {
  Arriving arriving;
  arriving.come(20ms);
  arriving.come(36ms);
  CHECK(arriving.jitter.seconds() == Approx(0.001));
  arriving.come(4ms);
  CHECK(arriving.jitter.seconds() == Approx(0.001 + 0.015 / 16));
  CHECK(arriving.jitter.duration() >= 1937us);
  CHECK(arriving.jitter.duration() <= 1938us);
}

TEST_CASE("in the long run jitter is the mean difference") {
  Arriving arriving;
  for (int i = 0; i < 400; ++i) arriving.come(i % 2 == 0 ? 10ms : 30ms);
  CHECK(arriving.jitter.seconds() == Approx(0.01));
}

TEST_CASE("neither a pause nor a leap of the time stamp is jitter") {
  Arriving arriving;
  for (int i = 0; i < 10; ++i) {
    arriving.come(20ms);
    arriving.come(200ms);              // the time stamp stood still in the silence
    arriving.come(20ms, 50'000);       // a second too much
    arriving.come(20ms, 0x80000000u);  // a restart
  }
  CHECK(arriving.jitter.seconds() == 0);
  arriving.come(199ms);
  CHECK(arriving.jitter.seconds() == Approx(0.179 / 16));
}

TEST_CASE("a packet after an interruption stands for itself") {
  Arriving arriving;
  arriving.come(20ms);
  arriving.jitter.interrupt();
  arriving.come(90ms);
  CHECK(arriving.jitter.seconds() == 0);
}

TEST_CASE("without a clock rate there is no jitter") {
  InterarrivalJitter jitter(0);
  jitter.add(1, {});
  jitter.add(90000, {});
  CHECK(jitter.seconds() == 0);
}
