// Generic NACK (RFC 4585, section 6.2.1): which packets a receiver misses. Pure functions.
// Internal.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cosoup {

/// The sequence numbers that the body of an RTCP packet (its FCI) names, in its order. Of a body
/// that is cut off the whole entries count, and of one that is absurdly long the first thousand
/// numbers.
std::vector<std::uint16_t> nackedPackets(std::span<const std::uint8_t> body);

}  // namespace cosoup
