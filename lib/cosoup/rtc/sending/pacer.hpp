// Pacer: when each packet of a transport is sent. Internal.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "cosoup/rtc/sending/leaky_bucket.hpp"
#include "cosoup/rtc/sending/send_queue.hpp"

namespace cosoup {

struct PacerOptions {
  /// The pacing rate is so much of the target: a key frame is spread over a while, yet no packet of
  /// an encoder that keeps to the target waits long. As in libwebrtc.
  double factor = 2.5;
  /// No packet waits longer: with more in the queue than the pacing rate carries in this time, more
  /// than that is sent. As in libwebrtc.
  std::chrono::milliseconds queueLimit{2000};
  /// If set, video and what is sent again are dropped after so long, see SendQueue, and nothing is
  /// sent faster than the pacing rate. Of no use for packets that have their sequence numbers
  /// already: a receiver asks for those of a gap.
  std::optional<std::chrono::milliseconds> dropAfter = {};
  std::size_t paddingSize = 250;  ///< of one packet of it, in bytes
};

/// A cluster of packets at a rate of its own, to find out whether the line carries it: at least so
/// many packets and bytes.
struct PacedProbe {
  unsigned id = 0;
  double bitrate = 0;  ///< bit/s, more than 0
  unsigned packets = 0;
  std::size_t bytes = 0;
};

/// Spreads the packets of all streams of a transport over time, by a leaky bucket. Audio is sent at
/// once, but counted: what comes after it waits the longer. All else goes by its class, the streams
/// of one class by turns, see SendQueue. What has waited for as long as the queue limit is sent,
/// whatever its class, so that none starves; padding that has is dropped.
///
/// While a probe lasts its bitrate holds in place of the pacing rate, and padding fills up what
/// there is too little of.
///
/// push() only queues. wake() is to be called when nextWake() says, which push(), probe() and
/// setTarget() may bring forward; a call too early does no harm. No thread, no clock of its own:
/// `now` never goes back. Not thread-safe: who pushes on other threads than the one that wakes
/// locks each call, reads the clock under the lock, and sends what wake() has chosen outside of it.
template <class Packet>
class Pacer {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;
  using Options = PacerOptions;

  /// Bit/s: with a lower target this is the pacing rate, so that things move at all.
  static constexpr double minBitrate = 30'000;
  /// From one wake to the next, but for audio. The bucket's credit makes up for it.
  static constexpr std::chrono::milliseconds minInterval{1};

  struct Sent {
    PacedPacket info;
    Packet packet;
    std::optional<unsigned> probe;  ///< the id of the one that it is part of
  };
  /// A packet of padding is to be made and sent now. It is counted by the pacer already.
  struct Padding {
    std::size_t size;
    unsigned probe;
  };
  /// What is to be done now, in this order. Made empty by wake(), and kept by the caller for the
  /// next time, so that nothing is allocated per packet.
  struct Actions {
    std::vector<Sent> packets;
    std::vector<Padding> padding;
    std::vector<DroppedPackets> dropped;  ///< since the last wake

    void clear() {
      packets.clear();
      padding.clear();
      dropped.clear();
    }
  };

  explicit Pacer(const Options& options = {})
      : options_(options),
        queues_{Queue(false, {}), Queue(false, options.dropAfter), Queue(true, options.dropAfter),
                Queue(false, options.queueLimit)} {}

  /// What the line carries; bit/s.
  void setTarget(double bitrate, Time now) {
    pacingRate_ = std::max(bitrate * options_.factor, minBitrate);
    adapt(now);
  }
  /// One probe follows the other.
  void probe(const PacedProbe& probe, Time now) {
    probes_.push_back(probe);
    if (probes_.size() == 1) beginProbe(now);
  }

  void push(const PacedPacket& info, Packet packet, Time now) {
    if (info.priority == SendPriority::audio && audio().empty()) audioSince_ = now;
    queue(info.priority).push(info, std::move(packet), now);
    adapt(now);
  }

  void wake(Time now, Actions& actions) {
    actions.clear();
    woken_ = now;
    while (!audio().empty()) send(audio(), now, actions);
    for (Queue& queue : queues_) queue.trim(now);
    while (Queue* next = nextQueue(now)) {
      if (!bucket_.isEmpty(now) && !isOverdue(*next, now)) break;
      send(*next, now, actions);
    }
    while (!probes_.empty() && bucket_.isEmpty(now)) pad(now, actions);
    adapt(now);
    for (Queue& queue : queues_) queue.report(actions.dropped);
  }
  /// Absent while there is nothing to send. In the past, or now, only after a call of the others:
  /// after wake() it is later than its `now`.
  std::optional<Time> nextWake() const {
    if (!queues_[0].empty()) return audioSince_;
    if (packets() == 0 && probes_.empty()) return std::nullopt;
    Time next = bucket_.emptyAt();
    for (const Queue& queue : queues_) {
      if (!queue.empty()) next = std::min(next, queue.oldest() + options_.queueLimit);
    }
    return woken_ ? std::max(next, *woken_ + minInterval) : next;
  }

  /// The stream has ended: what waits of it is thrown away.
  void forget(std::uint32_t ssrc) {
    for (Queue& queue : queues_) queue.forget(ssrc);
  }

  /// What waits.
  std::size_t packets() const { return sum(&Queue::packets); }
  std::size_t bytes() const { return sum(&Queue::bytes); }
  /// Bit/s at which it is sent but for probes: the pacing rate, or more so that the queue limit
  /// holds.
  double bitrate() const { return bitrate_; }
  /// How long it takes until all that waits is sent. An encoder may skip a frame when it is long.
  Duration expectedWait() const {
    const std::chrono::duration<double> wait(8 * static_cast<double>(bytes()) / bitrate_);
    return std::chrono::duration_cast<Duration>(wait);
  }

 private:
  using Queue = SendQueue<Packet>;

  Queue& queue(SendPriority priority) { return queues_[static_cast<std::size_t>(priority)]; }
  Queue& audio() { return queue(SendPriority::audio); }
  std::size_t sum(std::size_t (Queue::*of)() const) const {
    std::size_t sum = 0;
    for (const Queue& queue : queues_) sum += (queue.*of)();
    return sum;
  }

  /// With which all that waits but padding is sent within the queue limit, evenly, if none has
  /// waited much longer than the average.
  double neededBitrate(Time now) const {
    if (options_.dropAfter) return 0;
    std::chrono::microseconds waited{0};
    std::size_t packets = 0;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(SendPriority::padding); ++i) {
      waited += queues_[i].waited(now);
      packets += queues_[i].packets();
      bytes += queues_[i].bytes();
    }
    if (packets == 0) return 0;
    const auto average = waited / static_cast<std::int64_t>(packets);
    const std::chrono::duration<double> left =
        std::max<std::chrono::microseconds>(options_.queueLimit - average, minInterval);
    return 8 * static_cast<double>(bytes) / left.count();
  }
  void adapt(Time now) {
    bitrate_ = std::max(pacingRate_, neededBitrate(now));
    if (probes_.empty()) bucket_.setBitrate(bitrate_, now);
  }

  bool isOverdue(const Queue& queue, Time now) const {
    return now - queue.oldest() >= options_.queueLimit;
  }
  /// Null if all are empty.
  Queue* nextQueue(Time now) {
    Queue* next = nullptr;
    for (Queue& queue : queues_) {
      if (queue.empty()) continue;
      if (!next || (isOverdue(queue, now) && queue.oldest() < next->oldest())) next = &queue;
    }
    return next;
  }

  void pad(Time now, Actions& actions) {
    actions.padding.push_back(Padding{options_.paddingSize, probes_.front().id});
    count(options_.paddingSize, now);
  }

  void send(Queue& queue, Time now, Actions& actions) {
    auto entry = queue.take();
    std::optional<unsigned> probe;
    if (!probes_.empty()) probe = probes_.front().id;
    actions.packets.push_back(Sent{entry.info, std::move(entry.packet), probe});
    count(entry.info.size, now);
  }

  void count(std::size_t bytes, Time now) {
    bucket_.fill(bytes);
    if (probes_.empty()) return;
    PacedProbe& probe = probes_.front();
    probe.packets -= std::min(probe.packets, 1u);
    probe.bytes -= std::min(probe.bytes, bytes);
    if (probe.packets > 0 || probe.bytes > 0) return;
    probes_.pop_front();
    beginProbe(now);
  }

  void beginProbe(Time now) {
    if (probes_.empty()) return adapt(now);
    bucket_.setBitrate(probes_.front().bitrate, now);
    // With it the first packets would be faster than the probe is to be.
    bucket_.forfeit();
  }

  Options options_;
  std::array<Queue, 4> queues_;  // by SendPriority
  double pacingRate_ = minBitrate;
  double bitrate_ = minBitrate;
  LeakyBucket bucket_{minBitrate};
  std::deque<PacedProbe> probes_;  // the first one lasts; with what is left of it
  Time audioSince_;
  std::optional<Time> woken_;
};

}  // namespace cosoup
