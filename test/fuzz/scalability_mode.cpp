// The number of layers.
#include "cosoup/rtc/scalability_mode.hpp"

#include "fuzz/target.hpp"

namespace cosoup {

std::vector<std::string> fuzz::examples() { return {"L1T3", "S3T3", "L3T2_KEY", "L99T99h"}; }

void fuzz::read(std::string_view input) {
  const ScalabilityMode mode = parseScalabilityMode(input);
  require(mode.spatialLayers >= 1 && mode.spatialLayers <= 99);
  require(mode.temporalLayers >= 1 && mode.temporalLayers <= 99);
}

}  // namespace cosoup
