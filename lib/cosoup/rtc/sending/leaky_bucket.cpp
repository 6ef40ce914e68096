#include "cosoup/rtc/sending/leaky_bucket.hpp"

#include <algorithm>
#include <cmath>

namespace cosoup {
namespace {

using Seconds = std::chrono::duration<double>;

/// Beyond this a time is of no use, and would not fit its type.
constexpr Seconds kLongest{3600};

}  // namespace

void LeakyBucket::setBitrate(double bitrate, Time now) {
  leak(now);
  bitrate_ = bitrate;
}

bool LeakyBucket::isEmpty(Time now) {
  leak(now);
  return level_ <= 0;
}

void LeakyBucket::fill(std::size_t bytes) {
  const double most = std::max(level_, bitrate_ * Seconds(maxDebt).count());
  level_ = std::min(level_ + 8 * static_cast<double>(bytes), most);
}

LeakyBucket::Time LeakyBucket::emptyAt() const {
  const Seconds left = std::min(Seconds(std::max(level_, 0.0) / bitrate_), kLongest);
  // Rounded up, or who comes at that time would find a last bit in it.
  return leaked_ + std::chrono::ceil<std::chrono::microseconds>(left);
}

void LeakyBucket::leak(Time now) {
  const double leaked = bitrate_ * Seconds(now - leaked_).count();
  const double most = bitrate_ * Seconds(maxCredit).count();
  level_ = std::max(level_ - leaked, -most);
  leaked_ = now;
}

}  // namespace cosoup
