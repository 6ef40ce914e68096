#include "cosoup/rtc/loss_tracker.hpp"

#include <algorithm>

namespace cosoup {
namespace {

constexpr LossTracker::Time kNever = LossTracker::Time::max();

}  // namespace

LossTracker::Duration LossTracker::interval(std::optional<Duration> roundTrip) {
  const Duration once = roundTrip.value_or(unknownRoundTrip);
  return std::max<Duration>(minInterval, once + once / 4 + std::chrono::milliseconds(5));
}

void LossTracker::beginAfter(std::int64_t number) {
  missing_.clear();
  newest_ = number;
}

void LossTracker::advance(std::int64_t number, Time now) {
  const std::int64_t gap = number - newest_ - 1;
  if (gap + static_cast<std::int64_t>(missing_.size()) > static_cast<std::int64_t>(maxMissing)) {
    missing_.clear();
  } else {
    const Time request = mayAsk_ ? now + patience_ : kNever;
    for (std::int64_t lost = newest_ + 1; lost < number; ++lost) {
      missing_.push_back(Missing{lost, number, now, request, 0, now});
    }
  }
  newest_ = number;
}

std::optional<LossTracker::Found> LossTracker::find(std::int64_t number, bool isResent, Time now) {
  const auto found = std::lower_bound(
      missing_.begin(), missing_.end(), number,
      [](const Missing& missing, std::int64_t sought) { return missing.number < sought; });
  if (found == missing_.end() || found->number != number) return std::nullopt;
  const bool overtaken = wasOvertaken(*found, isResent, now);
  if (overtaken) {
    learn(*found, now);
  } else {
    unlearn();
  }
  const bool cameAgain = isResent || (!hasRtx_ && found->requests > 0);
  const Found result{overtaken, cameAgain, now - found->since};
  missing_.erase(found);
  return result;
}

/// Without RTX what is sent again looks like any other packet, but it takes a round trip.
bool LossTracker::wasOvertaken(const Missing& missing, bool isResent, Time now) {
  if (isResent) hasRtx_ = true;
  if (isResent || hasRtx_ || missing.requests == 0) return !isResent;
  return now - missing.firstRequest < roundTrip_.value_or(unknownRoundTrip) / 2;
}

void LossTracker::learn(const Missing& missing, Time now) {
  const Duration came = now - missing.since;
  patience_ = std::clamp<Duration>(came + came / 4, patience_, maxPatience);
  const std::int64_t later = newest_ - missing.seenBy + 1;
  overtaking_ = std::clamp(later, overtaking_, maxOvertaking);
}

/// A real loss: where none are overtaken any more, patience only delays the request.
void LossTracker::unlearn() {
  patience_ -= (patience_ - minPatience) / 8;
  overtaking_ -= (overtaking_ - minOvertaking + 7) / 8;
}

bool LossTracker::giveUp(Time now, Duration longestWait) {
  const auto kept = std::find_if(missing_.begin(), missing_.end(), [&](const Missing& missing) {
    return now - missing.since < longestWait;
  });
  const bool any = kept != missing_.begin();
  missing_.erase(missing_.begin(), kept);
  return any;
}

void LossTracker::giveUpOldestGap() {
  const auto end = std::adjacent_find(
      missing_.begin(), missing_.end(),
      [](const Missing& a, const Missing& b) { return a.number + 1 != b.number; });
  missing_.erase(missing_.begin(), end == missing_.end() ? end : end + 1);
}

bool LossTracker::isDue(const Missing& missing, Time now) const {
  if (now >= missing.nextRequest) return true;
  return mayAsk_ && missing.requests == 0 && newest_ - missing.seenBy >= overtaking_;
}

void LossTracker::ask(Time now, Duration longestWait, std::vector<std::uint16_t>& requests) {
  for (Missing& missing : missing_) {
    if (!isDue(missing, now)) continue;
    // Half, since the round trip as measured may be one of a worse moment.
    if (roundTrip_ && now + *roundTrip_ / 2 > missing.since + longestWait) {
      missing.nextRequest = kNever;
      continue;
    }
    requests.push_back(static_cast<std::uint16_t>(missing.number));
    if (missing.requests++ == 0) missing.firstRequest = now;
    missing.nextRequest = missing.requests < maxRequests ? now + interval(roundTrip_) : kNever;
  }
}

std::optional<LossTracker::Time> LossTracker::nextWake(Duration longestWait) const {
  if (missing_.empty()) return std::nullopt;
  Time next = missing_.front().since + longestWait;
  for (const Missing& missing : missing_) next = std::min(next, missing.nextRequest);
  return next;
}

std::optional<std::int64_t> LossTracker::oldest() const {
  if (missing_.empty()) return std::nullopt;
  return missing_.front().number;
}

}  // namespace cosoup
