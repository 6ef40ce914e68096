// DelayEstimator: whether the delay of a transport's packets grows. Internal.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>

#include "cosoup/rtc/congestion/overuse_detector.hpp"
#include "cosoup/rtc/congestion/packet_groups.hpp"
#include "cosoup/rtc/congestion/queue_delay.hpp"

namespace cosoup {

/// The slope of a line through the smoothed delays of the last groups, by least squares (the
/// trendline filter, which libwebrtc uses in place of the draft's Kalman filter): by how much the
/// delay grows in a unit of time.
class DelayTrend {
 public:
  static constexpr std::size_t window = 20;  // groups
  static constexpr double smoothing = 0.9;

  /// 0 until the window is full.
  double add(const GroupGap& gap);

 private:
  struct Point {
    double at;
    double delay;
  };
  double slope() const;

  std::deque<Point> points_;
  double delay_ = 0;  // since the first group; ms
  double smoothed_ = 0;
};

/// No thread, no clock of its own.
class DelayEstimator {
 public:
  /// What makes a slope comparable with the thresholds of the detector: libwebrtc's figures.
  static constexpr double gain = 4;
  static constexpr unsigned maxGroups = 60;

  /// Results by number. Over as soon as one group of them was.
  NetworkUse update(std::span<const PacketResult> results);

  QueueDelay::Duration queue() const { return queue_.value(); }

 private:
  PacketGroups groups_;
  DelayTrend trend_;
  OveruseDetector detector_;
  QueueDelay queue_;
  unsigned seen_ = 0;  // groups, up to maxGroups
  NetworkUse use_ = NetworkUse::Normal;
};

}  // namespace cosoup
