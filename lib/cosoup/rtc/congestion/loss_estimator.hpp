// LossEstimator: what rate the lost packets of a transport speak against. Internal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "cosoup/rtc/congestion/loss_model.hpp"
#include "cosoup/rtc/congestion/sent_packets.hpp"

namespace cosoup {

/// Makes observations of the results and fits a LossModel to the last of them. No thread, no clock
/// of its own.
class LossEstimator {
 public:
  /// Of one observation; with fewer packets it goes on, but not for ever.
  static constexpr std::chrono::milliseconds minTime{250};
  static constexpr std::chrono::milliseconds maxTime{1000};
  static constexpr double minPackets = 20;
  static constexpr std::size_t maxObservations = 20;

  /// Results by number. Whether the model is a new one now.
  bool add(std::span<const PacketResult> results);

  /// Beyond this, in bit/s, loss grows. Absent: it is noise.
  std::optional<double> limit() const { return model_.limit; }
  /// The fraction that is lost whatever the rate.
  double noise() const { return model_.noise; }
  /// The fraction that was lost of late.
  double loss() const { return loss_; }

 private:
  void take(const PacketResult& result);
  bool isComplete() const;
  void complete();
  void forgetOtherLine(const LossObservation& newest, double surprise);

  struct Open {
    std::chrono::steady_clock::duration time{0};
    double bits = 0;
    double sent = 0;
    double lost = 0;
  };

  Open open_;
  std::optional<std::int64_t> number_;
  SentPackets::Time last_;
  std::vector<LossObservation> observations_;  // oldest first
  LossModel model_;
  double loss_ = 0;
};

}  // namespace cosoup
