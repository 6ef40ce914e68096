#include "cosoup/rtc/congestion/aimd_rate_control.hpp"

#include <algorithm>
#include <cmath>

namespace cosoup {
namespace {

using Seconds = std::chrono::duration<double>;

/// How long it takes until the answer to a change is seen: a mediasoup server sends feedback every
/// 100 ms.
constexpr std::chrono::milliseconds kFeedback{100};
constexpr std::chrono::milliseconds kSettling{300};

/// Half an average packet of a video for each response time (the draft's alpha), at 30 frames/s.
double additiveStep(double bitrate, AimdRateControl::Duration roundTrip, double seconds) {
  constexpr double kFrames = 30;
  constexpr double kPacket = 1200 * 8;
  constexpr double kLeast = 4000;  // bit/s in a second
  const double frame = bitrate / kFrames;
  const double packet = frame / std::ceil(std::max(frame, 1.0) / kPacket);
  const double response = Seconds(roundTrip + kFeedback).count();
  return std::max(packet / response, kLeast) * seconds;
}

}  // namespace

void AimdRateControl::setBounds(double min, double max) {
  min_ = min;
  max_ = std::max(min, max);
  set(bitrate_);
}

void AimdRateControl::set(double bitrate) { bitrate_ = std::clamp(bitrate, min_, max_); }

void AimdRateControl::update(const Input& input, Time now) {
  constexpr double kMaxStep = 1;  // s
  const double seconds =
      updated_ ? std::min(Seconds(now - *updated_).count(), kMaxStep) : Seconds(kFeedback).count();
  updated_ = now;
  if (input.use == NetworkUse::Over) shrink(input, now);
  // While a queue empties the rate is held, so that it does.
  if (input.use == NetworkUse::Normal) grow(input, seconds);
}

void AimdRateControl::grow(const Input& input, double seconds) {
  // Both, since what arrives goes up and down with the sizes of the frames.
  if (input.acknowledged && capacity_.isAbove(std::min(*input.acknowledged, bitrate_))) {
    capacity_.forget();
  }
  double next = capacity_.isKnown() ? bitrate_ + additiveStep(bitrate_, input.roundTrip, seconds)
                                    : bitrate_ * std::pow(increasePerSecond, seconds);
  constexpr double kSlack = 10'000;
  if (input.acknowledged) next = std::min(next, maxBeyond * *input.acknowledged + kSlack);
  if (next > bitrate_) set(next);
}

void AimdRateControl::shrink(const Input& input, Time now) {
  // What was sent before the last decrease is still on its way.
  if (lowered_ && now - *lowered_ < input.roundTrip + kFeedback) return;
  // The queue left by a probe drains without help, and the higher rate has not arrived yet.
  const bool isSettling = raised_ && now - *raised_ < input.roundTrip + kSettling;
  if (isSettling && input.queue <= probeQueue) return;
  const double arrives = input.acknowledged.value_or(bitrate_);
  lower(std::max(decrease * arrives, isSettling ? beforeRaise_ : 0), now);
  if (capacity_.isBelow(arrives)) capacity_.forget();
  capacity_.add(arrives);
}

void AimdRateControl::raise(double bitrate, Time now) {
  if (bitrate <= bitrate_) return;
  if (capacity_.isAbove(bitrate)) capacity_.forget();
  beforeRaise_ = bitrate_;
  set(bitrate);
  updated_ = raised_ = now;
}

void AimdRateControl::lower(double bitrate, Time now) {
  lowered_ = now;
  if (bitrate < bitrate_) set(bitrate);
}

}  // namespace cosoup
