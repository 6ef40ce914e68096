// Results of packets on lines that are easily described.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "cosoup/rtc/congestion/sent_packets.hpp"

namespace cosoup {

/// Packets of `size` bytes sent every `interval`, the first at 1000 s, of which the i-th takes
/// `delay(i)`; lost where that is less than 0.
inline std::vector<PacketResult> packetResults(
    int count, std::chrono::microseconds interval, std::size_t size,
    const std::function<std::chrono::microseconds(int)>& delay) {
  std::vector<PacketResult> results;
  for (int i = 0; i < count; ++i) {
    PacketResult result;
    result.number = i;
    result.size = size;
    const std::chrono::microseconds sent = std::chrono::seconds(1000) + i * interval;
    result.sent = SentPackets::Time(sent);
    const std::chrono::microseconds took = delay(i);
    if (took.count() >= 0) result.arrived = sent + took;
    results.push_back(result);
  }
  return results;
}

}  // namespace cosoup
