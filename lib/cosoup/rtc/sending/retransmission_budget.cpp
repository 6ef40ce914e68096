#include "cosoup/rtc/sending/retransmission_budget.hpp"

#include <algorithm>

namespace cosoup {
namespace {

bool goesBefore(const RequestedPacket& a, const RequestedPacket& b) {
  if (a.kind != b.kind) return a.kind == MediaKind::audio;
  if (a.picture != b.picture) return a.picture > b.picture;
  if (a.ssrc != b.ssrc) return a.ssrc < b.ssrc;
  return a.number > b.number;
}

}  // namespace

void RetransmissionBudget::setEstimate(double bitrate, Time now) {
  refill(now);
  bitrate_ = bitrate * options_.share;
  refill(now);
}

void RetransmissionBudget::choose(std::vector<RequestedPacket>& requested, Time now) {
  refill(now);
  forget(now);
  std::sort(requested.begin(), requested.end(), goesBefore);
  // Twice in one list is once.
  const auto isSame = [](const RequestedPacket& a, const RequestedPacket& b) {
    return a.ssrc == b.ssrc && a.number == b.number;
  };
  requested.erase(std::unique(requested.begin(), requested.end(), isSame), requested.end());
  std::erase_if(requested, [&](const RequestedPacket& each) { return !isWorthIt(each, now); });
  auto end = requested.begin();
  // One that finds too little left ends it: smaller ones behind it would take what it waits for.
  for (; end != requested.end() && bytes_ >= static_cast<double>(end->size); ++end) {
    bytes_ -= static_cast<double>(end->size);
    sentAgain_[Key(end->ssrc, end->number)] = now;
  }
  refused_.tooMuch += static_cast<std::uint64_t>(requested.end() - end);
  requested.erase(end, requested.end());
}

RetransmissionBudget::Duration RetransmissionBudget::roundTrip() const {
  return std::max<Duration>(roundTrip_, minRoundTrip);
}

RetransmissionBudget::Duration RetransmissionBudget::longestAge() const {
  return std::clamp<Duration>(roundTrips * roundTrip(), minAge, maxAge);
}

void RetransmissionBudget::refill(Time now) {
  const std::chrono::duration<double> since = now - refilled_.value_or(now);
  const double bytesPerSecond = bitrate_ / 8;
  const double most = bytesPerSecond * std::chrono::duration<double>(options_.burst).count();
  bytes_ = std::min(bytes_ + bytesPerSecond * since.count(), std::max(most, minBurst));
  refilled_ = now;
}

/// Those that may be sent again all the same.
void RetransmissionBudget::forget(Time now) {
  std::erase_if(sentAgain_, [&](const auto& each) { return now - each.second >= roundTrip(); });
}

bool RetransmissionBudget::isWorthIt(const RequestedPacket& packet, Time now) {
  if (now - packet.sent > longestAge()) {
    ++refused_.tooOld;
    return false;
  }
  if (sentAgain_.contains(Key(packet.ssrc, packet.number))) {
    ++refused_.tooSoon;
    return false;
  }
  return true;
}

}  // namespace cosoup
