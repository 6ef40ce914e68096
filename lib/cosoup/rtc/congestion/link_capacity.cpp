#include "cosoup/rtc/congestion/link_capacity.hpp"

#include <algorithm>
#include <cmath>

namespace cosoup {

void LinkCapacity::add(double bitrate) {
  constexpr double kWeight = 0.05;
  constexpr double kMinDeviation = 0.4;  // 14 kbit/s at 500
  constexpr double kMaxDeviation = 2.5;  // 35
  const double sample = bitrate / 1000;
  const double average = average_.value_or(sample);
  average_ = average + kWeight * (sample - average);
  const double error = *average_ - sample;
  const double scaled = error * error / std::max(*average_, 1.0);
  deviation_ += kWeight * (scaled - deviation_);
  deviation_ = std::clamp(deviation_, kMinDeviation, kMaxDeviation);
}

/// Three standard deviations.
double LinkCapacity::spread() const { return 3 * std::sqrt(deviation_ * *average_); }

bool LinkCapacity::isBelow(double bitrate) const {
  return average_ && bitrate / 1000 < std::max(0.0, *average_ - spread());
}

bool LinkCapacity::isAbove(double bitrate) const {
  return average_ && bitrate / 1000 > *average_ + spread();
}

}  // namespace cosoup
