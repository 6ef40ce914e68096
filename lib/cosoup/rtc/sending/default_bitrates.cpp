#include "cosoup/rtc/sending/default_bitrates.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cosoup {
namespace {

struct Row {
  double pixels;
  BitrateLimits bitrates;
};

constexpr std::array<Row, 7> kRows = {{
    {0, {30'000, 0, 0}},
    {320 * 180, {30'000, 150'000, 200'000}},
    {480 * 270, {150'000, 350'000, 450'000}},
    {640 * 360, {150'000, 500'000, 700'000}},
    {960 * 540, {350'000, 1'200'000, 1'200'000}},
    {1280 * 720, {600'000, 2'500'000, 2'500'000}},
    {1920 * 1080, {800'000, 4'000'000, 5'000'000}},
}};

std::uint32_t between(std::uint32_t low, std::uint32_t high, double share) {
  return low + static_cast<std::uint32_t>((static_cast<double>(high) - low) * share);
}

}  // namespace

BitrateLimits defaultBitrates(unsigned width, unsigned height) {
  const double pixels = static_cast<double>(width) * height;
  if (pixels >= kRows.back().pixels) return kRows.back().bitrates;
  std::size_t i = 1;
  while (kRows[i].pixels <= pixels) ++i;
  const Row& low = kRows[i - 1];
  const Row& high = kRows[i];
  const double share = (pixels - low.pixels) / (high.pixels - low.pixels);
  BitrateLimits limits;
  limits.least = between(low.bitrates.least, high.bitrates.least, share);
  limits.wanted = between(low.bitrates.wanted, high.bitrates.wanted, share);
  limits.most = between(low.bitrates.most, high.bitrates.most, share);
  limits.wanted = std::max(limits.wanted, limits.least);
  limits.most = std::max(limits.most, limits.wanted);
  return limits;
}

BitrateLimits completeBitrates(BitrateLimits given, unsigned width, unsigned height) {
  const BitrateLimits bySize = defaultBitrates(width, height);
  if (given.most == 0) given.most = std::max({bySize.most, given.wanted, given.least});
  if (given.least == 0) given.least = bySize.least;
  given.least = std::min(given.least, given.most);
  if (given.wanted == 0) given.wanted = bySize.wanted;
  given.wanted = std::clamp(given.wanted, given.least, given.most);
  return given;
}

}  // namespace cosoup
