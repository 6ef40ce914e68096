// AimdRateControl: the rate that follows what the delay says. Internal.
#pragma once

#include <chrono>
#include <optional>

#include "cosoup/rtc/congestion/link_capacity.hpp"
#include "cosoup/rtc/congestion/overuse_detector.hpp"

namespace cosoup {

/// Additive increase near the last known capacity of the line, multiplicative far from it, and a
/// decrease to a share of what arrives (draft-ietf-rmcat-gcc-02, section 5.5). Rates in bit/s. No
/// thread, no clock of its own: `now` never goes back.
class AimdRateControl {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  static constexpr double decrease = 0.85;
  static constexpr double increasePerSecond = 1.08;
  /// What is sent is not raised far beyond what has been seen to arrive.
  static constexpr double maxBeyond = 1.5;
  /// A probe leaves no longer queue behind; one that is longer shows that the probe has misled.
  static constexpr std::chrono::milliseconds probeQueue{40};

  struct Input {
    NetworkUse use = NetworkUse::Normal;
    std::optional<double> acknowledged;  ///< what arrives
    Duration roundTrip{0};
    Duration queue{0};  ///< for so long packets stand in it
  };

  explicit AimdRateControl(double start) : bitrate_(start) {}

  /// With what has come within the last step of time.
  void update(const Input& input, Time now);
  /// It is known that the line carries so much. Never lowers.
  void raise(double bitrate, Time now);
  /// It is known that the line carries no more. Never raises.
  void lower(double bitrate, Time now);
  void setBounds(double min, double max);

  double bitrate() const { return bitrate_; }
  /// When it was last lowered.
  std::optional<Time> lowered() const { return lowered_; }

 private:
  void set(double bitrate);
  void grow(const Input& input, double seconds);
  void shrink(const Input& input, Time now);

  double bitrate_;
  double min_ = 0;
  double max_ = 1e9;
  LinkCapacity capacity_;
  std::optional<Time> updated_;
  std::optional<Time> lowered_;
  std::optional<Time> raised_;  // by a probe
  double beforeRaise_ = 0;
};

}  // namespace cosoup
