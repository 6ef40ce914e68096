#include "unit/rtc/modelled_line.hpp"

#include <algorithm>

using namespace std::chrono_literals;

namespace cosoup {

ModelledLine::ModelledLine(const LineOptions& options, unsigned packets, unsigned seed)
    : options_(options),
      random_(seed),
      buffer_({.clockRate = 90000, .nack = options.nack, .latency = options.latency}),
      sent_(packets) {
  buffer_.setRoundTrip(std::chrono::milliseconds(options.roundTrip));
  plan();
}

/// What is sent when, and under which number.
void ModelledLine::plan() {
  Time at;
  std::uint16_t number = 65000;
  std::uint32_t timestamp = 0xfffff000;
  for (std::uint32_t i = 0; i < sent_.size(); ++i) {
    const bool isFrameStart = i % static_cast<unsigned>(options_.packetsPerFrame) == 0;
    at += isFrameStart ? Microseconds(20'000 - 300 * (options_.packetsPerFrame - 1)) : 300us;
    if (isFrameStart) timestamp += 1800;
    if (options_.restartsEvery != 0 && i % options_.restartsEvery == 0 && i != 0) {
      at += 1s;
      number = static_cast<std::uint16_t>(number + 10'000 + random_() % 40'000);
      timestamp = static_cast<std::uint32_t>(random_());
    }
    sent_[i] = Sent{number++, timestamp, at, at - 1h};
    schedule(at, Kind::Send, i);
  }
}

void ModelledLine::schedule(Time at, Kind kind, std::uint32_t packet, bool isResent) {
  events_.push(Event{at, order_++, kind, packet, isResent});
}

bool ModelledLine::isDrawn(double probability) {
  return std::uniform_real_distribution<double>(0, 1)(random_) < probability;
}

/// Gilbert's model: bursts end with a probability, and begin with one that makes the loss right.
bool ModelledLine::isLost() {
  const double ends = 1 / options_.burst;
  const double begins = ends * options_.loss / (1 - options_.loss);
  if (options_.burst == 1) return isDrawn(options_.loss);
  isInBurst_ = isInBurst_ ? !isDrawn(ends) : isDrawn(begins);
  return isInBurst_;
}

ModelledLine::Microseconds ModelledLine::oneWay() {
  std::uniform_int_distribution<int> jitter(0, options_.jitter * 1000);
  return Microseconds(options_.roundTrip * 500 + jitter(random_));
}

void ModelledLine::transmit(std::uint32_t packet, bool isResent) {
  for (int copies = isDrawn(options_.duplicated) ? 2 : 1; copies > 0; --copies) {
    if (isLost()) continue;
    if (isDrawn(options_.overtaken)) {
      const Microseconds more(3000 + random_() % 27'000);
      schedule(now_ + oneWay() + more, Kind::Arrive, packet, isResent);
      continue;
    }
    lastArrival_ = std::max(lastArrival_, now_ + oneWay());
    schedule(lastArrival_, Kind::Arrive, packet, isResent);
  }
}

void ModelledLine::run() {
  while (!events_.empty()) {
    const Event event = events_.top();
    const auto due = buffer_.nextWake();
    if (due && *due + lag < event.at) {
      now_ = std::max(now_, *due + lag);
      wake();
      continue;
    }
    events_.pop();
    now_ = event.at;
    handle(event);
  }
  buffer_.drain(actions_);
  look();
}

void ModelledLine::wake() {
  buffer_.wake(now_, actions_);
  if (actions_.nacks.empty() && !actions_.gaveUp) ++idleWakes;
  look();
}

void ModelledLine::handle(const Event& event) {
  const Sent& sent = sent_[event.kind == Kind::Ask ? 0 : event.packet];
  switch (event.kind) {
    case Kind::Send:
      newestSent_ = event.packet;
      transmit(event.packet, false);
      break;
    case Kind::Ask:
      answer(static_cast<std::uint16_t>(event.packet));
      break;
    case Kind::Arrive:
      ++arrived;
      buffer_.push({sent.sequenceNumber, sent.timestamp, event.isResent && options_.rtx},
                   event.packet, now_, actions_);
      look();
      break;
  }
}

/// As a server does: what was sent again less than a round trip ago is not.
void ModelledLine::answer(std::uint16_t sequenceNumber) {
  const std::uint32_t oldest = newestSent_ - std::min<std::uint32_t>(newestSent_, 5000);
  for (std::uint32_t i = newestSent_ + 1; i-- > oldest;) {
    if (sent_[i].sequenceNumber != sequenceNumber) continue;
    if (now_ - sent_[i].resent <= std::chrono::milliseconds(options_.roundTrip)) return;
    sent_[i].resent = now_;
    transmit(i, true);
    return;
  }
}

void ModelledLine::look() {
  longest_ = std::max(longest_, buffer_.latency());
  for (const Buffer::Delivered& each : actions_.packets) {
    if (last_ && each.packet <= lastDelivered) ++outOfOrder;
    if (last_ && each.sequence <= *last_) ++outOfOrder;
    if (last_ && !each.restarted && each.sequence != *last_ + 1 + each.missing) ++miscounted;
    if (now_ - each.arrived > longest_ + lag) ++tooLong;
    last_ = each.sequence;
    lastDelivered = each.packet;
    missing += each.missing;
    ++delivered;
  }
  if (buffer_.held() > Buffer::maxHeld || buffer_.missing() > LossTracker::maxMissing) ++tooMany;
  const auto next = buffer_.nextWake();
  if (next && *next <= now_) ++sleepless;
  for (const std::uint16_t number : actions_.nacks) {
    if (!isDrawn(options_.loss)) schedule(now_ + oneWay(), Kind::Ask, number);
  }
}

}  // namespace cosoup
