// Writes transport-cc feedback as a receiver does.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace cosoup {

/// What a receiver knows of consecutive packets.
struct ReceivedPackets {
  std::uint16_t base = 0;
  std::uint32_t reference = 0;  // in 64 ms
  std::uint8_t serial = 0;
  /// After the reference; absent: not received.
  std::vector<std::optional<std::chrono::microseconds>> times = {};
};

/// The whole RTCP packet, with padding. Runs of seven and more are run-length chunks, all else is
/// in vectors of seven.
std::vector<std::uint8_t> writeTransportCc(const ReceivedPackets& received);

}  // namespace cosoup
