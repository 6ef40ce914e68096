#include "cosoup/rtc/congestion/queue_delay.hpp"

#include <algorithm>

namespace cosoup {

void QueueDelay::remember(Duration delay, SentPackets::Time sent) {
  constexpr auto kSlot = memory / static_cast<int>(kSlots);
  if (!slotBegan_ || sent - *slotBegan_ >= memory) {
    least_.fill(kNone);
    slotBegan_ = sent;
  }
  while (sent - *slotBegan_ >= kSlot) {
    slot_ = (slot_ + 1) % kSlots;
    least_[slot_] = kNone;
    *slotBegan_ += kSlot;
  }
  least_[slot_] = std::min(least_[slot_], delay);
}

void QueueDelay::add(const PacketResult& packet) {
  if (!packet.arrived) return;
  const auto sent = std::chrono::duration_cast<Duration>(packet.sent.time_since_epoch());
  const Duration delay = *packet.arrived - sent;
  remember(delay, packet.sent);
  if (!began_) {
    began_ = packet.sent;
    fastest_ = delay;
  }
  fastest_ = std::min(fastest_, delay);
  ++packets_;
  if (packets_ < minPackets || packet.sent - *began_ < recent) return;
  Duration base = fastest_;
  for (const Duration least : least_) base = std::min(base, least);
  value_ = fastest_ - base;
  began_.reset();
  packets_ = 0;
}

}  // namespace cosoup
