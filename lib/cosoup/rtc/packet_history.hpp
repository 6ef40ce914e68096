// PacketHistory: what was sent of one RTP stream lately, for receivers that missed some of it.
// Internal.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

namespace cosoup {

/// Holds the packets of the last five seconds, none more than 1024 numbers behind the newest.
/// Whether one is worth sending again is not its business. No thread, no clock of its own.
template <class Packet>
class PacketHistory {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::size_t maxPackets = 1024;
  static constexpr std::chrono::milliseconds maxAge{5000};

  struct Entry {
    std::int64_t number;      ///< never wraps; the low 16 bits are those of the packet
    std::uint32_t timestamp;  ///< the same for all packets of a picture
    Packet packet;
    Time sent;
    Time picture;  ///< when the first packet of its timestamp was sent
  };

  /// Packets in the order in which they are sent. One that is known already, or a bit older, is let
  /// be; another numbering begins a new history.
  void put(std::uint16_t sequenceNumber, std::uint32_t timestamp, Packet packet, Time now) {
    std::int64_t number = sequenceNumber;
    Time picture = now;
    if (!entries_.empty()) {
      const Entry& last = entries_.back();
      const auto step =
          static_cast<std::int16_t>(sequenceNumber - static_cast<std::uint16_t>(last.number));
      if (step <= 0 && step > -kReach) return;
      number = last.number + step;
      if (last.timestamp == timestamp) picture = last.picture;
      if (step <= 0 || step > kReach) {
        number += 1 << 16;  // so that it is a new one in any case
        entries_.clear();
      }
    }
    entries_.push_back(Entry{number, timestamp, std::move(packet), now, picture});
    forget(now);
  }

  /// Null: it is not known, or not any more. Valid until the next call.
  const Entry* find(std::uint16_t sequenceNumber, Time now) {
    forget(now);
    if (entries_.empty()) return nullptr;
    const std::int64_t newest = entries_.back().number;
    const auto behind =
        static_cast<std::uint16_t>(static_cast<std::uint16_t>(newest) - sequenceNumber);
    const auto found = std::lower_bound(
        entries_.begin(), entries_.end(), newest - behind,
        [](const Entry& entry, std::int64_t number) { return entry.number < number; });
    const bool isThere = found != entries_.end() && found->number == newest - behind;
    return isThere && behind <= kReach ? &*found : nullptr;
  }

  std::size_t size() const { return entries_.size(); }

 private:
  static constexpr int kReach = maxPackets;  // sequence numbers, not all of which need be there

  void forget(Time now) {
    while (!entries_.empty() &&
           (entries_.size() > maxPackets || now - entries_.front().sent > maxAge)) {
      entries_.pop_front();
    }
  }

  std::deque<Entry> entries_;  // by number
};

}  // namespace cosoup
