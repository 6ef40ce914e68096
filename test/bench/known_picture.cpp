#include "bench/known_picture.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace cosoup::bench {
namespace {

constexpr int kWidth = KnownPicture::kWidth;
constexpr int kHeight = KnownPicture::kHeight;
constexpr int kBarHeight = KnownPicture::kBarHeight;

// The bar: white and black to compare with, the number, and its check.
constexpr int kNumberBits = 9;
constexpr int kCheckBits = 5;
constexpr int kCheckPrime = 31;  // no single bit of the number is a multiple of it
constexpr int kCells = 2 + kNumberBits + kCheckBits;
constexpr int kCellWidth = kWidth / kCells;
constexpr std::uint8_t kWhite = 216;
constexpr std::uint8_t kBlack = 40;
constexpr double kLeastContrast = 60;
static_assert(KnownPicture::kCount <= 1 << kNumberBits);

constexpr int kGrain = 4;        // pixels
constexpr int kGrainHeight = 8;  // either way
constexpr int kBlock = 16;       // pixels, of which the mean is compared: grain is gone
constexpr double kFar = 20;
// By how much a range of 16 to 235 and one of 0 to 255 differ, and some more.
constexpr double kLeastGain = 0.75;
constexpr double kMostGain = 1.35;

int checkOf(int number) { return (number * 11 + 13) % kCheckPrime; }

bool isWhite(int cell, int number) {
  if (cell < 2) return cell == 0;
  const int bits = number << kCheckBits | checkOf(number);
  return bits >> (kCells - 1 - cell) & 1;
}

/// Along one axis; goes round a whole number of times while the pictures do.
double wave(double place, double length, int rounds, int number) {
  const double turns = place / length + static_cast<double>(rounds * number) / KnownPicture::kCount;
  return std::sin(2 * std::numbers::pi * turns);
}

double acrossAt(double x, int number) { return 40 * wave(x, 128, 10, number); }
double downAt(double y, int number) { return 30 * wave(y, 96, -7, number); }

int grainAt(int x, int y, int number) {
  auto mixed = static_cast<std::uint32_t>((number * kHeight + y / kGrain) * kWidth + x / kGrain);
  mixed = (mixed ^ (mixed >> 16)) * 0x7feb352dU;
  mixed = (mixed ^ (mixed >> 15)) * 0x846ca68bU;
  mixed ^= mixed >> 16;
  return static_cast<int>(mixed % (2 * kGrainHeight + 1)) - kGrainHeight;
}

double meanOf(const SeenLuma& luma, int left, int top, int right, int bottom) {
  double sum = 0;
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x)
      sum += luma.bytes[static_cast<std::size_t>(y * luma.stride + x)];
  }
  return sum / std::max((right - left) * (bottom - top), 1);
}

/// Of a rectangle of the picture as it was drawn.
double scaledMean(const SeenLuma& luma, int left, int top, int right, int bottom) {
  return meanOf(luma, left * luma.width / kWidth, top * luma.height / kHeight,
                right * luma.width / kWidth, bottom * luma.height / kHeight);
}

struct Pair {
  double expected;
  double seen;
};

std::vector<Pair> blocksOf(int number, const SeenLuma& luma) {
  std::vector<Pair> blocks;
  for (int y = kBarHeight; y < kHeight; y += kBlock) {
    for (int x = 0; x < kWidth; x += kBlock) {
      const double middle = kBlock / 2.0;
      blocks.push_back({acrossAt(x + middle, number) + downAt(y + middle, number),
                        scaledMean(luma, x, y, x + kBlock, y + kBlock)});
    }
  }
  return blocks;
}

/// The line that fits best: what a change of range or brightness makes of a picture.
struct Fit {
  double gain;
  double offset;
};

Fit fit(const std::vector<Pair>& blocks) {
  const auto count = static_cast<double>(blocks.size());
  double expected = 0;
  double seen = 0;
  for (const Pair& block : blocks) {
    expected += block.expected / count;
    seen += block.seen / count;
  }
  double covariance = 0;
  double variance = 0;
  for (const Pair& block : blocks) {
    covariance += (block.expected - expected) * (block.seen - seen);
    variance += (block.expected - expected) * (block.expected - expected);
  }
  const double gain = std::clamp(covariance / variance, kLeastGain, kMostGain);
  return {gain, seen - gain * expected};
}

}  // namespace

void drawKnownPicture(int number, KnownLuma& luma) {
  std::array<double, kWidth> across{};
  for (int x = 0; x < kWidth; ++x) across[static_cast<std::size_t>(x)] = acrossAt(x, number);
  std::size_t at = 0;
  for (int y = 0; y < kHeight; ++y) {
    const double down = downAt(y, number);
    for (int x = 0; x < kWidth; ++x, ++at) {
      if (y < kBarHeight) {
        luma[at] = isWhite(x / kCellWidth, number) ? kWhite : kBlack;
      } else {
        const double value = 128 + across[static_cast<std::size_t>(x)] + down;
        luma[at] = static_cast<std::uint8_t>(std::lround(value) + grainAt(x, y, number));
      }
    }
  }
}

int readNumber(const SeenLuma& luma) {
  std::array<double, kCells> cells{};
  for (int cell = 0; cell < kCells; ++cell) {
    // The inner half: edges blur.
    const int left = cell * kCellWidth + kCellWidth / 4;
    cells[static_cast<std::size_t>(cell)] =
        scaledMean(luma, left, kBarHeight / 4, left + kCellWidth / 2, kBarHeight * 3 / 4);
  }
  if (cells[0] - cells[1] < kLeastContrast) return -1;
  int bits = 0;
  for (std::size_t cell = 2; cell < cells.size(); ++cell) {
    bits = bits << 1 | (cells[cell] > (cells[0] + cells[1]) / 2 ? 1 : 0);
  }
  const int number = bits >> kCheckBits;
  const bool isRight = (bits & ((1 << kCheckBits) - 1)) == checkOf(number);
  return isRight && number < KnownPicture::kCount ? number : -1;
}

double brokenShare(int number, const SeenLuma& luma) {
  const std::vector<Pair> blocks = blocksOf(number, luma);
  const Fit expected = fit(blocks);
  const auto far = std::count_if(blocks.begin(), blocks.end(), [&](const Pair& block) {
    return std::abs(block.seen - expected.gain * block.expected - expected.offset) > kFar;
  });
  return static_cast<double>(far) / static_cast<double>(blocks.size());
}

}  // namespace cosoup::bench
