// The level of samples, as RFC 6464 counts it. Internal.
#pragma once

#include <cstdint>
#include <span>

namespace cosoup {

// All in dBov: 0 … -127, and -127 of no samples at all. Those of several channels count alike.
int levelOf(std::span<const std::int16_t> samples);
int levelOfPcmu(std::span<const std::uint8_t> samples);  ///< mu-law (ITU-T G.711)
int levelOfPcma(std::span<const std::uint8_t> samples);  ///< A-law

}  // namespace cosoup
