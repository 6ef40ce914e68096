#include "cosoup/rtc/level_meter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace cosoup {
namespace {

constexpr double kOverload = std::numeric_limits<std::int16_t>::max();
constexpr int kSilence = -127;

int levelOf(double sumOfSquares, std::size_t samples) {
  if (samples == 0 || sumOfSquares <= 0) return kSilence;
  const double meanSquare = sumOfSquares / static_cast<double>(samples) / (kOverload * kOverload);
  return std::clamp(static_cast<int>(std::lround(10 * std::log10(meanSquare))), kSilence, 0);
}

// Both laws on a scale of 16 bits, where PCMU reaches 32124 and PCMA 32256.
double linearOfPcmu(unsigned code) {
  const unsigned inverted = ~code & 0xff;
  const unsigned exponent = inverted >> 4 & 7;
  const unsigned mantissa = inverted & 15;
  return static_cast<double>((((mantissa << 3) + 132) << exponent) - 132);
}

double linearOfPcma(unsigned code) {
  const unsigned toggled = code ^ 0x55;
  const unsigned exponent = toggled >> 4 & 7;
  const unsigned mantissa = (toggled & 15) << 4;
  return exponent == 0 ? mantissa + 8 : static_cast<double>((mantissa + 264) << (exponent - 1));
}

using Squares = std::array<double, 256>;

Squares squaresBy(double (*linear)(unsigned)) {
  Squares squares;
  for (unsigned code = 0; code < squares.size(); ++code) {
    squares[code] = linear(code) * linear(code);
  }
  return squares;
}

int levelOf(std::span<const std::uint8_t> samples, const Squares& squares) {
  double sum = 0;
  for (const std::uint8_t code : samples) sum += squares[code];
  return levelOf(sum, samples.size());
}

}  // namespace

int levelOf(std::span<const std::int16_t> samples) {
  std::uint64_t sum = 0;
  for (const std::int16_t sample : samples) {
    sum += static_cast<std::uint64_t>(std::int64_t{sample} * sample);
  }
  return levelOf(static_cast<double>(sum), samples.size());
}

int levelOfPcmu(std::span<const std::uint8_t> samples) {
  static const Squares squares = squaresBy(&linearOfPcmu);
  return levelOf(samples, squares);
}

int levelOfPcma(std::span<const std::uint8_t> samples) {
  static const Squares squares = squaresBy(&linearOfPcma);
  // The quietest code of A-law is not zero, and yet all the silence that it has.
  static const int quietest = levelOf(squares[0x55], 1);
  const int level = levelOf(samples, squares);
  return level <= quietest ? kSilence : level;
}

}  // namespace cosoup
