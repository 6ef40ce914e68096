// JitterBuffer: the packets of one received RTP stream, put in order. Internal.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "cosoup/rtc/interarrival_jitter.hpp"
#include "cosoup/rtc/loss_tracker.hpp"
#include "cosoup/rtc/packet_ring.hpp"
#include "cosoup/rtc/playout_latency.hpp"
#include "cosoup/rtc/seen_numbers.hpp"
#include "cosoup/rtc/sequence_unwrapper.hpp"

namespace cosoup {

struct JitterBufferOptions {
  unsigned clockRate = 90000;
  bool nack = false;  ///< lost packets may be asked for: negotiated for each codec
  /// How long a missing packet is waited for at most; 0 holds nothing back. Absent: adaptive.
  std::optional<std::chrono::milliseconds> latency = {};
  /// The most that an adaptive one may be. Absent: see PlayoutLatency.
  std::optional<std::chrono::milliseconds> longestLatency = {};
};

struct JitterBufferStatistics {
  std::uint64_t packets = 0;     ///< delivered
  std::uint64_t lost = 0;        ///< given up
  std::uint64_t recovered = 0;   ///< were missing and came again, in time
  std::uint64_t reordered = 0;   ///< were missing and came by themselves, in time
  std::uint64_t duplicates = 0;  ///< had come before
  std::uint64_t late = 0;        ///< had been given up, or are from before the stream's begin
  std::uint64_t strays = 0;      ///< had numbers far from all others
  std::uint64_t nacksSent = 0;   ///< single packets asked for, repeats included
  std::uint64_t restarts = 0;    ///< times the sender's numbering restarted
  double jitter = 0;             ///< RFC 3550, section 6.4.1; in seconds
};

/// Each packet is delivered once and in order. What is in order and has nothing missing before it
/// passes at once; what is not is held until the missing ones have come or are given up, at the
/// latest when latency() is over, as long as wake() is called when nextWake() says. Silence is no
/// loss: only a later packet shows a gap. What is held is bounded, by giving up the oldest gap.
/// No thread, no clock of its own: `now` never goes back.
template <class Packet>
class JitterBuffer {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;
  using Options = JitterBufferOptions;
  using Statistics = JitterBufferStatistics;

  static constexpr std::size_t maxHeld = 2048;

  struct Arrival {
    std::uint16_t sequenceNumber = 0;
    std::uint32_t timestamp = 0;
    bool recovered = false;  ///< came as RTX, and has its first number again
  };
  struct Delivered {
    Packet packet;
    std::int64_t sequence;  ///< ascending, also across a restart
    std::uint32_t timestamp;
    Time arrived;
    bool recovered;
    std::uint32_t missing;  ///< so many right before it are given up
    bool restarted;         ///< the sender's numbers and time stamps restart here
  };
  /// What is to be done now. Made empty by each call that fills it, and kept by the caller for the
  /// next one, so that nothing is allocated per packet.
  struct Actions {
    std::vector<Delivered> packets;
    std::vector<std::uint16_t> nacks;  ///< sequence numbers to ask for
    bool gaveUp = false;               ///< a packet is lost for good: a key frame may be needed

    void clear() {
      packets.clear();
      nacks.clear();
      gaveUp = false;
    }
  };

  explicit JitterBuffer(const Options& options)
      : losses_(options.nack), latency_(options.nack, options.latency), jitter_(options.clockRate) {
    if (options.longestLatency) latency_.setLongest(*options.longestLatency);
  }

  void push(const Arrival& arrival, Packet packet, Time now, Actions& actions) {
    actions.clear();
    Entry entry{std::move(packet), arrival.timestamp, now, arrival.recovered};
    using Kind = SequenceUnwrapper::Kind;
    const auto [kind, number] = unwrapper_.unwrap(arrival.sequenceNumber, arrival.recovered, next_);
    switch (kind) {
      case Kind::First:
        begin(number);
        takeNewest(number, std::move(entry), actions);
        break;
      case Kind::Ahead:
        dropStray();
        takeNewest(number, std::move(entry), actions);
        break;
      case Kind::Behind:
        takeOlder(number, std::move(entry), actions);
        break;
      case Kind::Stray:
        takeStray(std::move(entry));
        break;
      case Kind::Restart:
        restart(number - 1, actions);
        takeNewest(number, std::move(entry), actions);
        break;
    }
    advance(now, actions);
  }

  /// The time that nextWake() told has come.
  void wake(Time now, Actions& actions) {
    actions.clear();
    advance(now, actions);
  }
  /// Absent while nothing is missing. After setLatency() or setRoundTrip() it may be in the past,
  /// after push() and wake() never.
  std::optional<Time> nextWake() const { return losses_.nextWake(latency_.value()); }

  /// The stream ends: all that is held is delivered.
  void drain(Actions& actions) {
    actions.clear();
    flush(actions);
  }

  void setRoundTrip(Duration roundTrip) {
    const auto known =
        std::clamp<Duration>(roundTrip, Duration(0), Duration(PlayoutLatency::maxRoundTrip));
    losses_.setRoundTrip(known);
    latency_.setRoundTrip(known);
  }
  /// Absent: adaptive.
  void setLatency(std::optional<std::chrono::milliseconds> latency) { latency_.set(latency); }
  /// How long a missing packet is waited for at most, as it is now.
  Duration latency() const { return latency_.value(); }

  const Statistics& statistics() const { return statistics_; }
  std::size_t held() const { return held_.held(); }
  std::size_t missing() const { return losses_.missing(); }

 private:
  struct Entry {
    Packet packet;
    std::uint32_t timestamp;
    Time arrived;
    bool recovered;
  };
  /// The last time that a wait was over.
  struct GivenUp {
    Time at;
    Duration waited;
  };

  void begin(std::int64_t number) {
    losses_.beginAfter(number - 1);
    seen_.clear();
    first_ = next_ = number;
    gaveUp_.reset();
    jitter_.interrupt();
  }

  void restart(std::int64_t number, Actions& actions) {
    flush(actions);
    begin(number);
    restarted_ = true;
    ++statistics_.restarts;
    Entry entry = std::move(*stray_);
    stray_.reset();
    takeNewest(number, std::move(entry), actions);
  }

  void takeNewest(std::int64_t number, Entry entry, Actions& actions) {
    if (!entry.recovered) {
      jitter_.add(entry.timestamp, entry.arrived);
      statistics_.jitter = jitter_.seconds();
    }
    latency_.update(jitter_.duration(), entry.arrived);
    losses_.advance(number, entry.arrived);
    release(number, actions);  // a gap that is given up at once takes no room among the held
    place(number, std::move(entry), actions);
  }

  void takeOlder(std::int64_t number, Entry entry, Actions& actions) {
    if (number < next_) {
      takeLate(number, entry);
      return;
    }
    const auto found = losses_.find(number, entry.recovered, entry.arrived);
    if (!found) {
      ++statistics_.duplicates;
      return;
    }
    ++(found->cameAgain ? statistics_.recovered : statistics_.reordered);
    if (found->wasOvertaken) latency_.cameAfter(found->after);
    place(number, std::move(entry), actions);
  }

  void takeLate(std::int64_t number, const Entry& entry) {
    if (seen_.hasCome(number)) {
      ++statistics_.duplicates;
      return;
    }
    ++statistics_.late;
    seen_.comeLate(number);
    // At least so long it took, for it was given up then or before.
    if (gaveUp_ && number >= first_) {
      latency_.cameAfter(gaveUp_->waited + (entry.arrived - gaveUp_->at));
    }
  }

  /// It may be the first packet of a new numbering.
  void takeStray(Entry entry) {
    if (entry.recovered) {
      ++statistics_.strays;
      return;
    }
    dropStray();
    stray_ = std::move(entry);
  }

  void dropStray() {
    if (stray_) ++statistics_.strays;
    stray_.reset();
  }

  void place(std::int64_t number, Entry entry, Actions& actions) {
    if (number == next_) {
      deliver(std::move(entry), actions);
    } else {
      held_.put(number, next_, std::move(entry));
      while (held_.held() > maxHeld) {
        losses_.giveUpOldestGap();
        release(losses_.newest() + 1, actions);
      }
    }
    release(losses_.newest() + 1, actions);
  }

  void advance(Time now, Actions& actions) {
    if (losses_.missing() == 0) return;
    if (losses_.giveUp(now, latency())) {
      gaveUp_ = GivenUp{now, latency()};
      release(losses_.newest() + 1, actions);
    }
    losses_.ask(now, latency(), actions.nacks);
    statistics_.nacksSent += actions.nacks.size();
  }

  void flush(Actions& actions) {
    losses_.giveUpAll();
    release(losses_.newest() + 1, actions);
  }

  /// Delivers what nothing is missing before any more, up to a number that has not come yet.
  void release(std::int64_t end, Actions& actions) {
    end = std::min(end, losses_.oldest().value_or(end));
    while (next_ < end) {
      if (std::optional<Entry> entry = held_.take(next_)) {
        deliver(std::move(*entry), actions);
      } else {
        giveUpNext(actions);
      }
    }
  }

  void deliver(Entry entry, Actions& actions) {
    actions.packets.push_back(Delivered{std::move(entry.packet), next_, entry.timestamp,
                                        entry.arrived, entry.recovered, std::exchange(missing_, 0),
                                        std::exchange(restarted_, false)});
    ++statistics_.packets;
    seen_.put(next_++, true);
  }

  void giveUpNext(Actions& actions) {
    actions.gaveUp = true;
    ++missing_;
    ++statistics_.lost;
    seen_.put(next_++, false);
  }

  SequenceUnwrapper unwrapper_;
  LossTracker losses_;
  PlayoutLatency latency_;
  InterarrivalJitter jitter_;
  SeenNumbers seen_;
  PacketRing<Entry> held_;
  std::optional<Entry> stray_;
  std::int64_t first_ = 0;  // of this numbering
  std::int64_t next_ = 0;   // to be delivered or given up
  std::uint32_t missing_ = 0;
  bool restarted_ = false;
  std::optional<GivenUp> gaveUp_;
  Statistics statistics_;
};

}  // namespace cosoup
