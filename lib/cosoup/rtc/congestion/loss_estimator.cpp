#include "cosoup/rtc/congestion/loss_estimator.hpp"

#include <algorithm>

namespace cosoup {
namespace {

constexpr double kSurprise = 0.15;

}  // namespace

bool LossEstimator::add(std::span<const PacketResult> results) {
  bool isNew = false;
  for (const PacketResult& result : results) {
    if (result.wasLost) {
      open_.lost = std::max(0.0, open_.lost - 1);
      continue;
    }
    take(result);
    if (!isComplete()) continue;
    complete();
    isNew = true;
  }
  return isNew;
}

/// Only times between packets of known fate count: of others it is not known what was sent.
void LossEstimator::take(const PacketResult& result) {
  if (number_ && result.number == *number_ + 1) {
    open_.time += result.sent - last_;
    open_.bits += static_cast<double>(result.size) * 8;
    open_.sent += 1;
    if (!result.arrived) open_.lost += 1;
  }
  number_ = result.number;
  last_ = result.sent;
}

bool LossEstimator::isComplete() const {
  return open_.time >= maxTime || (open_.time >= minTime && open_.sent >= minPackets);
}

/// Far from what the model says: the line is another one than it was. What was sent faster and came
/// through, or slower and did not, was sent on the old one.
void LossEstimator::forgetOtherLine(const LossObservation& newest, double surprise) {
  constexpr double kAbout = 0.9;
  std::erase_if(observations_, [&](const LossObservation& each) {
    return (surprise > kSurprise && each.bitrate > kAbout * newest.bitrate) ||
           (surprise < -kSurprise && each.bitrate * kAbout < newest.bitrate);
  });
}

void LossEstimator::complete() {
  const double seconds = std::chrono::duration<double>(open_.time).count();
  const LossObservation newest{open_.bits / seconds, open_.sent, open_.lost};
  open_ = {};
  const double loss = newest.lost / newest.sent;
  forgetOtherLine(newest, loss - model_.lossAt(newest.bitrate));
  if (observations_.size() == maxObservations) observations_.erase(observations_.begin());
  observations_.push_back(newest);
  model_ = fitLoss(observations_);
  loss_ = loss;
}

}  // namespace cosoup
