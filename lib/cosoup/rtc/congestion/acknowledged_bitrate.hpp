// AcknowledgedBitrate: how much arrives. Internal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>

#include "cosoup/rtc/congestion/sent_packets.hpp"

namespace cosoup {

/// By the arrival times at the receiver, over the last while. Times for which feedback was lost do
/// not count. No thread, no clock of its own.
class AcknowledgedBitrate {
 public:
  static constexpr std::chrono::milliseconds window{300};
  /// As long as less is known there is no bitrate.
  static constexpr std::chrono::milliseconds minWindow{100};

  /// Results by number.
  void add(std::span<const PacketResult> results);
  /// In bit/s.
  std::optional<double> value() const;

 private:
  using Microseconds = std::chrono::microseconds;
  struct Arrival {
    Microseconds gap;  // since the one before
    std::size_t size;
  };

  std::deque<Arrival> arrivals_;
  Microseconds time_{0};  // of all
  std::size_t size_ = 0;  // of all
  std::optional<std::int64_t> number_;
  std::optional<Microseconds> last_;
};

}  // namespace cosoup
