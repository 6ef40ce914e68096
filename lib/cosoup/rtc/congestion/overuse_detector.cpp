#include "cosoup/rtc/congestion/overuse_detector.hpp"

#include <algorithm>
#include <cmath>

namespace cosoup {

NetworkUse OveruseDetector::detect(double trend, double elapsed) {
  if (trend > threshold_) {
    // Half of the time since the last one: it has begun somewhere between.
    over_ = over_ ? *over_ + elapsed : elapsed / 2;
    ++count_;
    if (*over_ > overuseTime && count_ > 1 && trend >= previous_) {
      over_ = 0;
      count_ = 0;
      use_ = NetworkUse::Over;
    }
  } else {
    over_.reset();
    count_ = 0;
    use_ = trend < -threshold_ ? NetworkUse::Under : NetworkUse::Normal;
  }
  previous_ = trend;
  adapt(trend, elapsed);
  return use_;
}

void OveruseDetector::adapt(double trend, double elapsed) {
  constexpr double kUp = 0.0087;  // per ms
  constexpr double kDown = 0.039;
  constexpr double kMaxElapsed = 100;
  const double size = std::abs(trend);
  if (size > threshold_ + maxExcess) return;
  const double pace = size < threshold_ ? kDown : kUp;
  threshold_ += pace * (size - threshold_) * std::min(elapsed, kMaxElapsed);
  threshold_ = std::clamp(threshold_, minThreshold, maxThreshold);
}

}  // namespace cosoup
