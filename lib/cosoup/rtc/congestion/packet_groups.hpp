// PacketGroups: how the gaps between bursts of packets change on their way. Internal.
#pragma once

#include <chrono>
#include <optional>

#include "cosoup/rtc/congestion/sent_packets.hpp"

namespace cosoup {

/// From the end of one group of packets to that of the next.
struct GroupGap {
  double sent = 0;     ///< ms, by the sender's clock
  double arrived = 0;  ///< ms, by the receiver's
  double at = 0;       ///< when the later one ended, by the receiver's clock, in ms
};

/// draft-ietf-rmcat-gcc-02, section 5.2: packets sent within 5 ms are one group, since what comes
/// of a pacer at once says nothing of the line; and so are those that wait somewhere and then come
/// together. What was overtaken is left out. No thread, no clock of its own.
class PacketGroups {
 public:
  static constexpr std::chrono::milliseconds burst{5};
  /// What comes together, but in more than this, is a queue.
  static constexpr std::chrono::milliseconds maxBurst{100};
  /// After so long without a packet the groups say nothing of each other.
  static constexpr std::chrono::seconds maxGap{3};

  /// A packet that has come. Tells a gap when it begins a group and two before it are complete.
  std::optional<GroupGap> add(const PacketResult& packet);

 private:
  using Time = SentPackets::Time;
  using Microseconds = std::chrono::microseconds;
  struct Group {
    Time firstSent;
    Time lastSent;
    Microseconds firstArrived;
    Microseconds lastArrived;
  };

  static bool belongs(const Group& group, Time sent, Microseconds arrived);
  std::optional<GroupGap> gap() const;

  std::optional<Group> current_;
  std::optional<Group> previous_;
};

}  // namespace cosoup
