// QueueDelay: how long packets stand in a queue on the way. Internal.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

#include "cosoup/rtc/congestion/sent_packets.hpp"

namespace cosoup {

/// By how much the fastest of the newest packets is slower than the fastest of the last seconds.
/// That the two clocks have nothing to do with each other does not show, since only differences
/// count; that they run apart, by some 100 us a second, hardly. Jitter does not show as long as
/// some packets have none. No thread, no clock of its own.
class QueueDelay {
 public:
  using Duration = std::chrono::microseconds;

  /// The fastest of so long is taken for the empty line. A longer way is one from then on.
  static constexpr std::chrono::seconds memory{16};
  /// Of the newest packets; but of at least so many.
  static constexpr std::chrono::milliseconds recent{100};
  static constexpr unsigned minPackets = 4;

  QueueDelay() { least_.fill(kNone); }

  /// A packet that has come.
  void add(const PacketResult& packet);
  /// 0 as long as nothing is known.
  Duration value() const { return value_; }

 private:
  static constexpr std::size_t kSlots = 16;
  static constexpr Duration kNone = Duration::max();

  void remember(Duration delay, SentPackets::Time sent);

  std::array<Duration, kSlots> least_;  // in a second each
  std::size_t slot_ = 0;
  std::optional<SentPackets::Time> slotBegan_;
  std::optional<SentPackets::Time> began_;
  Duration fastest_{0};  // since began_
  unsigned packets_ = 0;
  Duration value_{0};
};

}  // namespace cosoup
