#include "cosoup/rtc/congestion/packet_groups.hpp"

#include <algorithm>

namespace cosoup {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

}  // namespace

bool PacketGroups::belongs(const Group& group, Time sent, Microseconds arrived) {
  if (sent - group.firstSent <= burst) return true;
  const Microseconds later = arrived - group.lastArrived;
  return later <= burst && later < sent - group.lastSent && arrived - group.firstArrived < maxBurst;
}

std::optional<GroupGap> PacketGroups::gap() const {
  if (!previous_) return std::nullopt;
  const Microseconds arrived = current_->lastArrived - previous_->lastArrived;
  if (arrived < Microseconds(0)) return std::nullopt;
  return GroupGap{Milliseconds(current_->lastSent - previous_->lastSent).count(),
                  Milliseconds(arrived).count(), Milliseconds(current_->lastArrived).count()};
}

std::optional<GroupGap> PacketGroups::add(const PacketResult& packet) {
  if (!packet.arrived) return std::nullopt;
  const Microseconds arrived = *packet.arrived;
  const bool goesOn = current_ && packet.sent - current_->lastSent <= maxGap &&
                      arrived - current_->lastArrived <= maxGap &&
                      current_->lastArrived - arrived <= maxGap;
  if (!goesOn) {
    current_ = Group{packet.sent, packet.sent, arrived, arrived};
    previous_.reset();
    return std::nullopt;
  }
  if (packet.sent < current_->firstSent) return std::nullopt;
  if (belongs(*current_, packet.sent, arrived)) {
    current_->lastSent = std::max(current_->lastSent, packet.sent);
    current_->lastArrived = std::max(current_->lastArrived, arrived);
    return std::nullopt;
  }
  const std::optional<GroupGap> result = gap();
  previous_ = current_;
  current_ = Group{packet.sent, packet.sent, arrived, arrived};
  return result;
}

}  // namespace cosoup
