// PacketHistory: what was sent of one RTP stream lately, and what of it may be sent again.
// Internal.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace cosoup {

/// Holds the packets of the last second, none more than 256 numbers behind the newest. Given back
/// is a packet no sooner than one round trip after the last time, for until then the receiver
/// cannot know whether it has come; and for two packets sent no more than one is sent again, so
/// that a receiver that loses everything does not take the line from what is new. No thread, no
/// clock of its own.
template <class Packet>
class PacketHistory {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::size_t maxPackets = 256;
  static constexpr std::chrono::milliseconds maxAge{1000};
  /// Of a round trip that is not known, or shorter.
  static constexpr std::chrono::milliseconds minRoundTrip{20};

  /// Packets in the order in which they are sent. One that is known already, or a bit older, is let
  /// be; another numbering begins a new history.
  void put(std::uint16_t sequenceNumber, Packet packet, Time now) {
    if (!entries_.empty()) {
      const auto step = static_cast<std::int16_t>(sequenceNumber - entries_.back().sequenceNumber);
      if (step <= 0 && step > -kReach) return;
      if (step <= 0 || step > kReach) entries_.clear();
    }
    entries_.push_back(Entry{sequenceNumber, std::move(packet), now, std::nullopt});
    budget_ = std::min(budget_ + kShare, kBurst);
    forget(now);
  }

  /// The packet, if it is to be sent again now.
  std::optional<Packet> again(std::uint16_t sequenceNumber, Time now,
                              std::chrono::steady_clock::duration roundTrip = {}) {
    forget(now);
    const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& entry) {
      return entry.sequenceNumber == sequenceNumber;
    });
    if (found == entries_.rend() || budget_ < 1) return std::nullopt;
    const auto behind = static_cast<std::uint16_t>(entries_.back().sequenceNumber - sequenceNumber);
    if (behind > kReach) return std::nullopt;
    const auto pause = std::max<std::chrono::steady_clock::duration>(roundTrip, minRoundTrip);
    if (found->sentAgain && now - *found->sentAgain < pause) return std::nullopt;
    found->sentAgain = now;
    budget_ -= 1;
    return found->packet;
  }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::uint16_t sequenceNumber;
    Packet packet;
    Time sent;
    std::optional<Time> sentAgain;
  };

  static constexpr int kReach = maxPackets;  // sequence numbers, not all of which need be there
  static constexpr double kShare = 0.5;
  static constexpr double kBurst = 25;

  void forget(Time now) {
    while (!entries_.empty() &&
           (entries_.size() > maxPackets || now - entries_.front().sent > maxAge)) {
      entries_.pop_front();
    }
  }

  std::deque<Entry> entries_;
  double budget_ = kBurst;
};

}  // namespace cosoup
