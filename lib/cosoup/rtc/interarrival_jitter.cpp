#include "cosoup/rtc/interarrival_jitter.hpp"

#include <cmath>

namespace cosoup {

void InterarrivalJitter::add(std::uint32_t timestamp, Time arrived) {
  if (clockRate_ == 0) return;
  const std::optional<Last> last = last_;
  last_ = Last{timestamp, arrived};
  if (!last || arrived - last->arrived >= pause) return;
  using Seconds = std::chrono::duration<double>;
  const auto ticks = static_cast<std::int32_t>(timestamp - last->timestamp);
  const double sent = static_cast<double>(ticks) / clockRate_;
  const double difference = std::abs(Seconds(arrived - last->arrived).count() - sent);
  if (difference >= Seconds(leap).count()) return;
  constexpr double gain = 1.0 / 16;
  seconds_ += (difference - seconds_) * gain;
}

std::chrono::steady_clock::duration InterarrivalJitter::duration() const {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(seconds_));
}

}  // namespace cosoup
