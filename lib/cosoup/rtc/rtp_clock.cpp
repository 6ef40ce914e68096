#include "cosoup/rtc/rtp_clock.hpp"

#include <algorithm>

namespace cosoup {
namespace {

using namespace std::chrono_literals;
using Duration = RtpClock::Duration;

constexpr std::int64_t kSecond = 1'000'000'000;
/// The first packets may all have been late: until so long the line comes down fast.
constexpr Duration kStart = 2s;
/// So long without a packet is a pause, in which nothing is heard or seen, and clocks drift.
constexpr Duration kPause = 3s;
/// The worst clocks, 500 ppm.
constexpr std::int64_t kDrift = 2000;
/// After a pause: more than jitter, so the sender's clock has stood still or jumped.
constexpr Duration kJump = 150ms;
/// As late as this is not the line's jitter when it lasts for kLongSlots; packets that piled up
/// come all at once.
constexpr Duration kLong = 500ms;
constexpr std::size_t kLongSlots = 3;
/// Shares of the media's own pace, so that times still grow.
constexpr std::int64_t kStartShare = 2;
constexpr std::int64_t kCatchUpShare = 20;
constexpr Duration kCaughtUp = 1ms;

Duration slowSlew(Duration step) {
  return step / 1'000'000 * RtpClock::maxSlew + step % 1'000'000 * RtpClock::maxSlew / 1'000'000;
}

}  // namespace

void RtpClock::Window::add(Duration delay, Duration now) {
  if (size_ > 0 && now - begun_ < kSlot) {
    slots_[newest_] = std::min(slots_[newest_], delay);
    least_ = std::min(least_, delay);
    return;
  }
  newest_ = size_ == 0 ? 0 : (newest_ + 1) % kSlots;
  size_ = std::min(size_ + 1, kSlots);
  slots_[newest_] = delay;
  begun_ = now;
  least_ = least(size_);
}

Duration RtpClock::Window::least(std::size_t slots) const {
  Duration least = Duration::max();
  for (std::size_t i = 0; i < slots; ++i) {
    least = std::min(least, slots_[(newest_ + kSlots - i) % kSlots]);
  }
  return least;
}

RtpClock::RtpClock(std::uint32_t clockRate) : clockRate_(std::max<std::int64_t>(clockRate, 1)) {}

RtpClock::Time RtpClock::at(std::uint32_t timestamp, Time arrived, Arrival arrival) {
  const Duration now = arrived.time_since_epoch();
  if (!isRunning_) return begin(timestamp, now);
  const std::int64_t position = ticks(timestamp);
  const Duration media = this->media(position);
  const Duration delay = now - media;
  if (delay - delay_ < -maxEarly || delay - delay_ > maxLate) return begin(timestamp, now);
  if (arrival == Arrival::Direct) measure(delay, now);
  if (media > top_.media) {
    correct(media - top_.media);
    below_ = top_;
    top_ = {media, time(media)};
    topTicks_ = position;
    topTimestamp_ = timestamp;
  }
  return Time(time(media));
}

RtpClock::Time RtpClock::at(std::uint32_t timestamp) const {
  return Time(time(media(ticks(timestamp))));
}

RtpClock::Time RtpClock::begin(std::uint32_t timestamp, Duration now) {
  isRunning_ = true;
  isCatchingUp_ = false;
  ++lines_;
  topTimestamp_ = timestamp;
  topTicks_ = 0;
  delay_ = now;
  started_ = now;
  heard_ = now;
  top_ = {Duration(0), std::max(top_.time, now)};
  below_ = top_;
  window_.clear();
  window_.add(now, now);
  return Time(top_.time);
}

std::int64_t RtpClock::ticks(std::uint32_t timestamp) const {
  return topTicks_ + static_cast<std::int32_t>(timestamp - topTimestamp_);
}

Duration RtpClock::media(std::int64_t ticks) const {
  return Duration(ticks / clockRate_ * kSecond + ticks % clockRate_ * kSecond / clockRate_);
}

/// Below the top the times lie between those that were given, else a frame that comes out of order
/// could pass one that is before it.
Duration RtpClock::time(Duration media) const {
  if (media >= top_.media) return std::max(top_.time, delay_ + media);
  if (media <= below_.media) return below_.time - (below_.media - media);
  const double share = static_cast<double>((media - below_.media).count()) /
                       static_cast<double>((top_.media - below_.media).count());
  const auto length = static_cast<double>((top_.time - below_.time).count());
  return below_.time + Duration(static_cast<std::int64_t>(share * length));
}

void RtpClock::measure(Duration delay, Duration now) {
  const Duration gap = now - heard_;
  heard_ = now;
  // If the media stood still, too, this may as well be packets that piled up.
  if (gap >= kPause && delay - delay_ < maxEarly) resume(delay, gap);
  window_.add(delay, now);
}

/// In a pause the clocks drifted apart by nobody knows how much, and a step disturbs nobody.
void RtpClock::resume(Duration delay, Duration gap) {
  window_.clear();
  started_ = heard_;
  const Duration latest = delay_ + gap / kDrift;
  const Duration late = delay - latest;
  const bool isJitter = late > 0s && late <= kJump;
  move((isJitter ? latest : delay) - delay_);
}

void RtpClock::correct(Duration step) {
  if (window_.size() == 0 || followLongLine()) return;
  const Duration error = window_.least() - delay_;
  if (error > 0s) {
    rise(error, step);
  } else {
    fall(-error, step);
  }
}

/// The sender's clock stood still while it sent nothing, or the way has become very long.
bool RtpClock::followLongLine() {
  if (window_.size() < kLongSlots) return false;
  const Duration recent = window_.least(kLongSlots);
  if (recent - delay_ < kLong) return false;
  move(recent - delay_);
  window_.clear();
  started_ = heard_;
  return true;
}

void RtpClock::rise(Duration error, Duration step) {
  if (!window_.isFull()) return;
  if (error >= minStep) {
    move(error);
  } else {
    delay_ += std::min(error, slowSlew(step));
  }
}

void RtpClock::fall(Duration error, Duration step) {
  if (heard_ - started_ < kStart) return move(-std::min(error, step / kStartShare));
  if (error >= minStep) isCatchingUp_ = true;
  if (error < kCaughtUp) isCatchingUp_ = false;
  if (isCatchingUp_) {
    move(-std::min(error, step / kCatchUpShare));
  } else {
    delay_ -= std::min(error, slowSlew(step));
  }
}

void RtpClock::move(Duration by) {
  delay_ += by;
  steps_ += by;
}

}  // namespace cosoup
