#include "cosoup/room/reconnect.hpp"

#include <algorithm>
#include <cmath>

namespace cosoup {

std::chrono::milliseconds ReconnectPolicy::delayBefore(int attempt, double chance) const {
  const double longest = static_cast<double>(maxDelay.count());
  const double grown = static_cast<double>(minDelay.count()) * std::pow(factor, attempt - 1);
  const double delay = std::min(grown, longest) * (1 + jitter * chance);
  return std::chrono::milliseconds(std::max(0L, std::lround(delay)));
}

}  // namespace cosoup
