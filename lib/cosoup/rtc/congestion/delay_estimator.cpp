#include "cosoup/rtc/congestion/delay_estimator.hpp"

#include <algorithm>

namespace cosoup {

double DelayTrend::add(const GroupGap& gap) {
  // A pause, or another line: what was before says nothing.
  constexpr double kPause = 2000;
  if (!points_.empty() && gap.at - points_.back().at > kPause) points_.clear();
  delay_ += gap.arrived - gap.sent;
  smoothed_ = smoothing * smoothed_ + (1 - smoothing) * delay_;
  points_.push_back({gap.at, smoothed_});
  if (points_.size() > window) points_.pop_front();
  return points_.size() == window ? slope() : 0;
}

double DelayTrend::slope() const {
  double at = 0;
  double delay = 0;
  for (const Point& point : points_) {
    at += point.at / window;
    delay += point.delay / window;
  }
  double covariance = 0;
  double variance = 0;
  for (const Point& point : points_) {
    covariance += (point.at - at) * (point.delay - delay);
    variance += (point.at - at) * (point.at - at);
  }
  return variance > 0 ? covariance / variance : 0;
}

NetworkUse DelayEstimator::update(std::span<const PacketResult> results) {
  bool wasOver = false;
  for (const PacketResult& result : results) {
    // A packet told of late says where the queue was, not where it is.
    if (result.wasLost) continue;
    queue_.add(result);
    const std::optional<GroupGap> gap = groups_.add(result);
    if (!gap) continue;
    seen_ = std::min(seen_ + 1, maxGroups);
    use_ = detector_.detect(trend_.add(*gap) * seen_ * gain, gap->sent);
    wasOver |= use_ == NetworkUse::Over;
  }
  return wasOver ? NetworkUse::Over : use_;
}

}  // namespace cosoup
