#include "unit/rtc/congestion/modelled_bottleneck.hpp"

#include <algorithm>
#include <cmath>

#include "unit/rtc/congestion/feedback_writer.hpp"

using namespace std::chrono_literals;

namespace cosoup {
namespace {

using Microseconds = ModelledBottleneck::Microseconds;

constexpr double kFrames = 30;
constexpr double kLargest = 1200;  // bytes
constexpr double kSmallest = 200;
constexpr auto kFeedbackInterval = 100ms;
constexpr Microseconds kReceiverClock = 77'777'777us;  // is ahead of the sender's

Microseconds duration(double bytes, double bitrate) {
  return Microseconds(static_cast<std::int64_t>(bytes * 8e6 / bitrate));
}

}  // namespace

ModelledBottleneck::ModelledBottleneck(const BottleneckOptions& options)
    : options_(options), random_(options.seed) {
  for (unsigned i = 0; i < options.senders; ++i) {
    CongestionBounds bounds;
    bounds.max = options.wanted;
    senders_.push_back(std::make_unique<Sender>(bounds));
    schedule(i * 5s, Kind::Frame, i);
    schedule(i * 5s + Microseconds(random_() % 100'000), Kind::Feedback, i);
  }
  if (options.cross > 0) schedule(1s, Kind::Cross);
  schedule(100ms, Kind::Sample);
}

void ModelledBottleneck::schedule(Microseconds in, Kind kind, unsigned sender,
                                  const Packet& packet) {
  events_.push(Event{now_ + in, order_++, kind, sender, packet, nullptr});
}

double ModelledBottleneck::drawn(double from, double to) {
  return std::uniform_real_distribution<double>(from, to)(random_);
}

void ModelledBottleneck::run(double seconds) {
  const Microseconds end = now_ + Microseconds(static_cast<std::int64_t>(seconds * 1e6));
  while (events_.top().at <= end) {
    const Event event = events_.top();
    events_.pop();
    now_ = event.at;
    handle(event);
  }
  now_ = end;
}

void ModelledBottleneck::handle(const Event& event) {
  switch (event.kind) {
    case Kind::Frame:
      return makeFrame(event.sender);
    case Kind::Pace:
      return pace(event.sender);
    case Kind::Depart:
      return depart();
    case Kind::Arrive:
      return arrive(event.packet);
    case Kind::Feedback:
      return sendFeedback(event.sender);
    case Kind::Report:
      if (const auto feedback = readTransportCcPacket(*event.feedback)) {
        senders_[event.sender]->controller.onFeedback(*feedback, now());
      }
      return;
    case Kind::Cross:
      enqueue({{}, 0, kLargest});
      return schedule(duration(kLargest, options_.cross * drawn(0.5, 1.5)), Kind::Cross);
    case Kind::Sample:
      return sample();
  }
}

void ModelledBottleneck::makeFrame(unsigned index) {
  Sender& sender = *senders_[index];
  sender.controller.onTick(now());
  const double bitrate = std::min(sender.controller.target(), options_.wanted);
  // An encoder that is ahead of its pacer leaves a frame out.
  constexpr double kMaxBacklog = 0.3;  // s
  if (sender.backlog * 8 < kMaxBacklog * bitrate) {
    sender.backlog += std::max(kSmallest, bitrate / 8 / kFrames * drawn(0.7, 1.3));
  }
  schedule(Microseconds(1'000'000 / 30), Kind::Frame, index);
  if (!sender.isPacing) pace(index);
}

/// Sends a packet, and comes again when it has left at the rate of the pacer.
void ModelledBottleneck::pace(unsigned index) {
  Sender& sender = *senders_[index];
  if (!sender.probe) sender.probe = sender.controller.nextProbe();
  sender.isPacing = sender.probe || sender.backlog >= 1;
  if (!sender.isPacing) return;
  constexpr double kPacing = 1.5;
  if (!sender.probe) {
    const double size = send(index, {});
    return schedule(duration(size, kPacing * sender.controller.target()), Kind::Pace, index);
  }
  const ProbeCluster cluster = *sender.probe;
  const double size = send(index, cluster.id);
  sender.probe->packets -= std::min(1u, cluster.packets);
  sender.probe->bytes -= std::min(cluster.bytes, static_cast<std::size_t>(size));
  if (sender.probe->packets == 0 && sender.probe->bytes == 0) sender.probe.reset();
  schedule(duration(size, cluster.bitrate), Kind::Pace, index);
}

/// Media, or padding for a probe.
double ModelledBottleneck::send(unsigned index, std::optional<unsigned> probe) {
  Sender& sender = *senders_[index];
  double size = std::min(sender.backlog, kLargest);
  sender.backlog -= size;
  if (sender.probe) {
    const double share =
        static_cast<double>(sender.probe->bytes) / std::max(1u, sender.probe->packets);
    size = std::max(size, std::clamp(share, kSmallest, kLargest));
  }
  size = std::ceil(size);
  const Packet packet{index, sender.nextNumber++, size};
  sender.controller.onSent(packet.number, static_cast<std::size_t>(size), now(), probe);
  enqueue(packet);
  return size;
}

bool ModelledBottleneck::isPoliced(const Packet& packet) {
  if (options_.policer == 0) return false;
  constexpr double kBucket = 15'000;
  const double seconds = std::chrono::duration<double>(now_ - refilled_).count();
  tokens_ = std::min(kBucket, tokens_ + seconds * options_.policer / 8);
  refilled_ = now_;
  if (tokens_ < packet.size) return true;
  tokens_ -= packet.size;
  return false;
}

void ModelledBottleneck::enqueue(const Packet& packet) {
  const double waits = queued_ * 8e3 / options_.bitrate;  // ms
  waited_ += waits;
  ++entered_;
  if (waits > options_.queue || isPoliced(packet)) {
    ++lost_;
    return;
  }
  queue_.push_back(packet);
  queued_ += packet.size;
  if (queue_.size() == 1) serve();
}

void ModelledBottleneck::serve() {
  schedule(duration(queue_.front().size, options_.bitrate), Kind::Depart);
}

void ModelledBottleneck::depart() {
  const Packet packet = queue_.front();
  queue_.pop_front();
  queued_ -= packet.size;
  if (!queue_.empty()) serve();
  if (!packet.sender) return;
  if (drawn(0, 1) < options_.loss) {
    ++lost_;
    return;
  }
  Sender& sender = *senders_[*packet.sender];
  const Microseconds way(
      static_cast<std::int64_t>(options_.roundTrip * 500 + drawn(0, options_.jitter * 1000)));
  sender.lastArrival = std::max(sender.lastArrival, now_ + way);
  schedule(sender.lastArrival - now_, Kind::Arrive, *packet.sender, packet);
}

void ModelledBottleneck::arrive(const Packet& packet) {
  Sender& sender = *senders_[*packet.sender];
  sender.received.emplace_back(packet.number, now_ + kReceiverClock);
  sender.receivedBytes += packet.size;
}

void ModelledBottleneck::sendFeedback(unsigned index) {
  schedule(kFeedbackInterval, Kind::Feedback, index);
  Sender& sender = *senders_[index];
  if (sender.received.empty()) return;
  constexpr Microseconds kUnit = 64ms;
  ReceivedPackets told;
  told.base = sender.expected;
  told.reference = static_cast<std::uint32_t>(sender.received.front().second / kUnit);
  told.serial = sender.serial++;
  for (const auto& [number, time] : sender.received) {
    while (sender.expected != number) {
      told.times.push_back(std::nullopt);
      ++sender.expected;
    }
    told.times.push_back(time - told.reference * kUnit);
    ++sender.expected;
  }
  sender.received.clear();
  if (drawn(0, 1) < options_.feedbackLoss) return;
  const Microseconds way(options_.roundTrip * 500);
  events_.push(Event{now_ + way,
                     order_++,
                     Kind::Report,
                     index,
                     {},
                     std::make_shared<std::vector<std::uint8_t>>(writeTransportCc(told))});
}

void ModelledBottleneck::sample() {
  schedule(100ms, Kind::Sample);
  Sample sample;
  sample.target = senders_.front()->controller.target();
  sample.received = senders_.front()->receivedBytes * 8 * samplesPerSecond;
  if (senders_.size() > 1) sample.other = senders_[1]->receivedBytes * 8 * samplesPerSecond;
  sample.queue = waited_ / std::max(entered_, 1u);
  sample.lost = lost_;
  sample.packets = entered_;
  samples_.push_back(sample);
  waited_ = 0;
  entered_ = lost_ = 0;
  for (const auto& sender : senders_) sender->receivedBytes = 0;
}

double ModelledBottleneck::mean(double Sample::*value, double from, double to) const {
  double sum = 0;
  const auto begin = static_cast<std::size_t>(from * samplesPerSecond);
  const auto end = std::min(samples_.size(), static_cast<std::size_t>(to * samplesPerSecond));
  for (std::size_t i = begin; i < end; ++i) sum += samples_[i].*value;
  return sum / static_cast<double>(end - begin);
}

double ModelledBottleneck::quantile(double Sample::*value, double share, double from,
                                    double to) const {
  std::vector<double> sorted;
  const auto begin = static_cast<std::size_t>(from * samplesPerSecond);
  const auto end = std::min(samples_.size(), static_cast<std::size_t>(to * samplesPerSecond));
  for (std::size_t i = begin; i < end; ++i) sorted.push_back(samples_[i].*value);
  std::sort(sorted.begin(), sorted.end());
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

std::optional<double> ModelledBottleneck::reached(double Sample::*value, double bound, bool isAbove,
                                                  double from) const {
  std::size_t run = 0;
  for (auto i = static_cast<std::size_t>(from * samplesPerSecond); i < samples_.size(); ++i) {
    const double at = samples_[i].*value;
    run = (isAbove ? at >= bound : at <= bound) ? run + 1 : 0;
    if (run < samplesPerSecond) continue;
    return (static_cast<double>(i) - samplesPerSecond + 1) / samplesPerSecond - from;
  }
  return std::nullopt;
}

}  // namespace cosoup
