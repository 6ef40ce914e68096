// The layers that a scalability mode such as "L3T2_KEY" stands for.
#pragma once

#include <string_view>

#include "cosoup/core/export.hpp"

namespace cosoup {

/// How many layers one RTP stream carries (the names of W3C's "Scalable Video Coding Extension for
/// WebRTC").
struct ScalabilityMode {
  unsigned spatialLayers = 1;   ///< 1 to 99
  unsigned temporalLayers = 1;  ///< 1 to 99
  friend bool operator==(const ScalabilityMode&, const ScalabilityMode&) = default;
};

/// Reads `L<spatial>T<temporal>` or `S<spatial>T<temporal>` from the beginning of the text and
/// ignores what follows (`_KEY`, `h`). Never fails: text that is no scalability mode means one
/// layer of each, as mediasoup has it.
COSOUP_API ScalabilityMode parseScalabilityMode(std::string_view text);

}  // namespace cosoup
