// A stream of RTP packets as it comes over a network, in virtual time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>

#include "cosoup/rtc/rtp_clock.hpp"

namespace cosoup {

using Nanoseconds = std::chrono::nanoseconds;

/// Evenly from 0 to 1, the same with every standard library.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : engine_(seed) {}
  double next() { return engine_() / 4294967296.0; }
  std::int64_t percent() { return static_cast<std::int64_t>(next() * 100); }
  bool is(double share) { return next() < share; }
  /// As the delays of packets are: many small ones, few long ones, none for ever.
  Nanoseconds jitter(Nanoseconds mean) {
    const double times = std::min(-std::log(1 - next()), 6.0);
    return Nanoseconds(static_cast<std::int64_t>(times * static_cast<double>(mean.count())));
  }

 private:
  std::mt19937 engine_;
};

/// Whose clock has a pace of its own.
struct SkewedClock {
  double ppm = 0;
  Nanoseconds at(Nanoseconds now) const {
    return now +
           Nanoseconds(static_cast<std::int64_t>(static_cast<double>(now.count()) * ppm / 1e6));
  }
};

struct SimulatedStream {
  std::int64_t clockRate = 90000;
  SkewedClock clock;
  Nanoseconds delay{0};
  Nanoseconds meanJitter{0};
  Nanoseconds interval{33'333'333};
  std::uint32_t firstTimestamp = 0;

  std::uint32_t timestamp(Nanoseconds captured) const {
    const std::int64_t media = clock.at(captured).count();
    constexpr std::int64_t second = 1'000'000'000;
    const std::int64_t ticks = media / second * clockRate + media % second * clockRate / second;
    return firstTimestamp + static_cast<std::uint32_t>(ticks);
  }
  Nanoseconds arrival(Nanoseconds captured, Chance& chance) const {
    return captured + delay + chance.jitter(meanJitter);
  }
};

/// The times since the start of the test as the clock wants them.
inline RtpClock::Time atTime(Nanoseconds time) {
  return RtpClock::Time(std::chrono::hours(1) + time);
}

}  // namespace cosoup
