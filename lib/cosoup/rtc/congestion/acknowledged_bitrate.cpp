#include "cosoup/rtc/congestion/acknowledged_bitrate.hpp"

#include <algorithm>

namespace cosoup {

void AcknowledgedBitrate::add(std::span<const PacketResult> results) {
  for (const PacketResult& result : results) {
    if (result.wasLost) continue;
    // What feedback is missing for has arrived, too, or has not.
    if (number_ && result.number != *number_ + 1) last_.reset();
    number_ = result.number;
    if (!result.arrived) continue;
    if (last_) {
      const Microseconds gap = std::max(*result.arrived - *last_, Microseconds(0));
      arrivals_.push_back({gap, result.size});
      time_ += gap;
      size_ += result.size;
    }
    last_ = std::max(last_.value_or(*result.arrived), *result.arrived);
    while (arrivals_.size() > 1 && time_ - arrivals_.front().gap >= window) {
      time_ -= arrivals_.front().gap;
      size_ -= arrivals_.front().size;
      arrivals_.pop_front();
    }
  }
}

std::optional<double> AcknowledgedBitrate::value() const {
  if (time_ < minWindow) return std::nullopt;
  return static_cast<double>(size_) * 8 / std::chrono::duration<double>(time_).count();
}

}  // namespace cosoup
