#include "bench/known_picture.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "support/catch.hpp"

using namespace cosoup::bench;

namespace {

constexpr double kBroken = 0.02;  // as picture-watch has it

/// A picture on its way; of any size.
struct Picture {
  explicit Picture(int number) {
    const auto drawn = std::make_unique<KnownLuma>();
    drawKnownPicture(number, *drawn);
    bytes.assign(drawn->begin(), drawn->end());
  }

  Picture halved() const {
    Picture half = *this;
    half.width = width / 2;
    half.height = height / 2;
    half.bytes.clear();
    for (int y = 0; y < height; y += 2) {
      for (int x = 0; x < width; x += 2) half.bytes.push_back(at(x, y));
    }
    return half;
  }

  std::uint8_t at(int x, int y) const { return bytes[static_cast<std::size_t>(y * width + x)]; }
  SeenLuma luma() const { return {bytes, width, height, width}; }

  int width = KnownPicture::kWidth;
  int height = KnownPicture::kHeight;
  std::vector<std::uint8_t> bytes;
};

}  // namespace

TEST_CASE("each known picture says its number and is whole") {
  for (int number = 0; number < KnownPicture::kCount; number += 23) {
    const Picture picture(number);
    CHECK(readNumber(picture.luma()) == number);
    CHECK(brokenShare(number, picture.luma()) == 0);
  }
}

TEST_CASE("a known picture may become smaller and lose its range") {
  Picture picture = Picture(77).halved();
  for (std::uint8_t& byte : picture.bytes) byte = static_cast<std::uint8_t>(16 + byte * 219 / 255);
  CHECK(readNumber(picture.luma()) == 77);
  CHECK(brokenShare(77, picture.luma()) < kBroken);
}

TEST_CASE("a known picture is broken where it shows an earlier one") {
  const Picture earlier(70);
  Picture picture(77);
  const auto from = picture.bytes.size() / 2;
  const auto end = from + static_cast<std::size_t>(48 * picture.width);
  std::copy(earlier.bytes.begin() + static_cast<std::ptrdiff_t>(from),
            earlier.bytes.begin() + static_cast<std::ptrdiff_t>(end),
            picture.bytes.begin() + static_cast<std::ptrdiff_t>(from));
  CHECK(readNumber(picture.luma()) == 77);
  CHECK(brokenShare(77, picture.luma()) > kBroken);
}

TEST_CASE("a grey picture says nothing and is broken") {
  Picture picture(5);
  std::fill(picture.bytes.begin(), picture.bytes.end(), std::uint8_t{128});
  CHECK(readNumber(picture.luma()) == -1);
  CHECK(brokenShare(5, picture.luma()) > 0.3);
}

TEST_CASE("a bar of which a cell is wrong says no number") {
  constexpr int cellWidth = KnownPicture::kWidth / 16;
  for (int cell = 2; cell < 16; ++cell) {
    Picture picture(123);
    for (int y = 0; y < KnownPicture::kBarHeight; ++y) {
      for (int x = cell * cellWidth; x < (cell + 1) * cellWidth; ++x) {
        std::uint8_t& byte = picture.bytes[static_cast<std::size_t>(y * picture.width + x)];
        byte = static_cast<std::uint8_t>(255 - byte);
      }
    }
    CAPTURE(cell);
    CHECK(readNumber(picture.luma()) == -1);
  }
}
