// SentPackets: what was sent under which transport-wide number, and what became of it. Internal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "cosoup/rtc/congestion/transport_cc_feedback.hpp"

namespace cosoup {

/// What became of a packet.
struct PacketResult {
  std::int64_t number = 0;  ///< never wraps; the low 16 bits are those of the packet
  std::size_t size = 0;     ///< bytes, as told when it was sent
  std::chrono::steady_clock::time_point sent;
  /// By the receiver's clock, whose zero means nothing; absent: lost.
  std::optional<std::chrono::microseconds> arrived;
  std::optional<unsigned> probe;  ///< the id of the cluster that it is part of
  bool wasLost = false;           ///< was told as lost before, and has come after all
};

/// Matches feedback with what was sent. Each packet has at most one result; a second one only when
/// it was told as lost and then as come. Those that no feedback speaks of have none: a gap between
/// two feedbacks is feedback that was lost, and says nothing of the packets. No thread, no clock
/// of its own: `now` never goes back.
class SentPackets {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// What is older, or more, is forgotten; feedback on it says nothing.
  static constexpr std::size_t maxPackets = 16384;
  static constexpr std::chrono::seconds maxAge{10};

  /// In the order of their numbers, which may have gaps. One that is not newer is let be.
  void add(std::uint16_t number, std::size_t size, Time now, std::optional<unsigned> probe = {});

  /// Replaces `results`; in the order of the numbers.
  void match(const TransportCcFeedback& feedback, Time now, std::vector<PacketResult>& results);

  std::size_t size() const { return entries_.size(); }

 private:
  enum class Fate : std::uint8_t { Unknown, Lost, Arrived };
  struct Entry {
    std::int64_t number;
    std::size_t size;
    Time sent;
    std::optional<unsigned> probe;
    Fate fate;
  };

  std::int64_t unwrap(std::uint16_t number) const;
  std::chrono::microseconds referenceTime(std::uint32_t reference);
  void forget(Time now);

  std::deque<Entry> entries_;  // by number
  std::optional<std::uint32_t> reference_;
  std::int64_t references_ = 0;  // of reference_, without the wrap of 24 bits
};

}  // namespace cosoup
