// The sender report in a compound RTCP packet (RFC 3550, section 6.4.1). Internal.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace cosoup {

struct SenderReport {
  std::uint32_t ssrc = 0;
  std::uint64_t ntp = 0;  ///< 32.32 bit, s
  std::uint32_t rtpTimestamp = 0;
};

/// A compound packet begins with it; nothing where it does not.
std::optional<SenderReport> readSenderReport(std::span<const std::uint8_t> compound);

}  // namespace cosoup
