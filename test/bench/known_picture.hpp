// Pictures that say which they are and what they should look like, so that whoever receives them
// can tell a whole one from a broken one without the one that was sent.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace cosoup::bench {

/// 640x480 at 30 pictures/s. On top a bar of black and white cells, which is the number; below it
/// soft waves that move, and grain on them, which costs bits as that of a camera does.
struct KnownPicture {
  static constexpr int kWidth = 640;
  static constexpr int kHeight = 480;
  static constexpr int kPerSecond = 30;
  static constexpr int kCount = 300;  ///< after the last comes the first
  static constexpr int kBarHeight = 48;
};

using KnownLuma = std::array<std::uint8_t, KnownPicture::kWidth * KnownPicture::kHeight>;

void drawKnownPicture(int number, KnownLuma& luma);

/// Luma of any size and range that the picture may have come to.
struct SeenLuma {
  std::span<const std::uint8_t> bytes;
  int width = 0;
  int height = 0;
  int stride = 0;
};

/// The number that the bar says; -1: it is none.
int readNumber(const SeenLuma& luma);

/// Which share of the picture below the bar is far from what this one should be.
double brokenShare(int number, const SeenLuma& luma);

}  // namespace cosoup::bench
