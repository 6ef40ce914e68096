#include "cosoup/rtc/sending/layer_steps.hpp"

#include <algorithm>
#include <cmath>

namespace cosoup {
namespace {

constexpr double kFrameRates[] = {30, 15, 10};
constexpr double kScales[] = {0.75, 0.5, 0.25};
constexpr double kFrameRateExponent = 0.6;
constexpr double kLeast = 30'000;  // bit/s

}  // namespace

std::vector<LayerStep> layerSteps(const LayerRequest& layer, double widthBelow) {
  const double least = completeBitrates(layer.bitrates, layer.width, layer.height).least;
  std::vector<LayerStep> steps;
  const auto add = [&](double frameRate, double scale) {
    const double share = std::pow(frameRate / layer.frameRate, kFrameRateExponent) * scale * scale;
    steps.push_back({frameRate, scale, std::max(least * share, std::min(least, kLeast))});
  };
  add(layer.frameRate, 1);
  for (const double frameRate : kFrameRates) {
    if (frameRate < steps.back().frameRate) add(frameRate, 1);
  }
  for (const double scale : kScales) {
    if (layer.width * scale > widthBelow) add(steps.back().frameRate, scale);
  }
  std::reverse(steps.begin(), steps.end());
  return steps;
}

}  // namespace cosoup
