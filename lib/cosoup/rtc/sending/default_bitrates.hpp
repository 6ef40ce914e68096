// Which bitrates a picture of some size needs. Pure functions. Internal.
#pragma once

#include <cstdint>

namespace cosoup {

/// Of the media alone, in bit/s.
struct BitrateLimits {
  std::uint32_t least = 0;   ///< below it the picture is to be reduced
  std::uint32_t wanted = 0;  ///< with it a larger layer may be sent, too
  std::uint32_t most = 0;    ///< more is of no use
  friend bool operator==(const BitrateLimits&, const BitrateLimits&) = default;
};

/// For VP8 and H.264 at 30 frames/s, in proportion to the pixels between the sizes that libwebrtc
/// has figures for (media/engine and video/config, simulcast.cc: kSimulcastFormats). The least is
/// never below 30 kbit/s.
BitrateLimits defaultBitrates(unsigned width, unsigned height);

/// `given`, with what is 0 in it by the size, made consistent: the most rules, then the least.
BitrateLimits completeBitrates(BitrateLimits given, unsigned width, unsigned height);

}  // namespace cosoup
