#include "cosoup/rtc/playout_latency.hpp"

#include <algorithm>

#include "cosoup/rtc/loss_tracker.hpp"

namespace cosoup {
namespace {

// A mean deviation: four of them hold nearly all packets.
constexpr int kDeviations = 4;
constexpr int kRequests = 3;

}  // namespace

PlayoutLatency::PlayoutLatency(bool mayAsk, std::optional<std::chrono::milliseconds> fixed)
    : mayAsk_(mayAsk), longest_(mayAsk ? maxWithRequests : maxWithout), adaptive_(target()) {
  set(fixed);
}

void PlayoutLatency::set(std::optional<std::chrono::milliseconds> fixed) {
  fixed_.reset();
  if (fixed) fixed_ = std::clamp(*fixed, std::chrono::milliseconds(0), maxFixed);
}

void PlayoutLatency::setRoundTrip(Duration roundTrip) {
  const bool wasGuessed = !roundTrip_;
  roundTrip_ = roundTrip;
  // A guess leaves nothing to be careful about.
  adaptive_ = wasGuessed ? target() : std::max(adaptive_, target());
}

void PlayoutLatency::update(Duration jitter, Time now) {
  jitter_ = jitter;
  const Duration less = updated_ ? (now - *updated_) / shrinking : Duration(0);
  updated_ = now;
  seen_ = std::max(seen_ - less, Duration(0));
  adaptive_ = std::max(adaptive_ - less, target());
}

void PlayoutLatency::cameAfter(Duration wait) {
  seen_ = std::clamp(wait + wait / 4, seen_, std::max(seen_, longest_));
  adaptive_ = std::max(adaptive_, target());
}

PlayoutLatency::Duration PlayoutLatency::target() const {
  Duration wait = jitter_ * kDeviations;
  if (mayAsk_) wait += LossTracker::maxPatience + kRequests * LossTracker::interval(roundTrip_);
  const Duration shortest = mayAsk_ ? minWithRequests : minWithout;
  return std::clamp(std::max(wait, seen_), shortest, longest_);
}

}  // namespace cosoup
