// The level of samples, as RFC 6464 counts it.
#include "cosoup/rtc/level_meter.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include "support/catch.hpp"

using namespace cosoup;

namespace {

std::vector<std::int16_t> sine(double amplitude) {
  std::vector<std::int16_t> samples;
  for (int i = 0; i < 960; ++i) {
    const double phase = 2 * std::numbers::pi * i / 96;
    samples.push_back(static_cast<std::int16_t>(std::lround(32767 * amplitude * std::sin(phase))));
  }
  return samples;
}

// G.711 as its tables say, from the other side: the codes whose values are the nearest.
std::vector<std::uint8_t> square(std::uint8_t positive, std::uint8_t negative) {
  std::vector<std::uint8_t> samples;
  for (int i = 0; i < 80; ++i) samples.insert(samples.end(), {positive, negative});
  return samples;
}

}  // namespace

TEST_CASE("the level is the root mean square against full scale") {
  CHECK(levelOf(sine(1)) == -3);
  CHECK(levelOf(sine(0.5)) == -9);
  CHECK(levelOf(sine(0.1)) == -23);
  CHECK(levelOf(sine(0.01)) == -43);
  CHECK(levelOf(std::vector<std::int16_t>(960, 32767)) == 0);
  CHECK(levelOf(std::vector<std::int16_t>(960, -32768)) == 0);  // no louder than can be said
  CHECK(levelOf(std::vector<std::int16_t>(960, 1)) == -90);
}

TEST_CASE("the level of silence and of nothing is -127") {
  CHECK(levelOf(std::vector<std::int16_t>(960, 0)) == -127);
  CHECK(levelOf(std::span<const std::int16_t>()) == -127);
  CHECK(levelOfPcmu(std::span<const std::uint8_t>()) == -127);
  CHECK(levelOfPcmu(square(0xff, 0x7f)) == -127);
  CHECK(levelOfPcma(square(0xd5, 0x55)) == -127);
}

TEST_CASE("the level of PCMU and PCMA is that of the samples that they stand for") {
  // The largest codes: 32124 and 32256 of 32767.
  CHECK(levelOfPcmu(square(0x80, 0x00)) == 0);
  CHECK(levelOfPcma(square(0xaa, 0x2a)) == 0);
  // 16764 and 15996 in mu-law; 1 octave of A-law below its largest, 16128.
  CHECK(levelOfPcmu(square(0x8f, 0x0f)) == -6);
  CHECK(levelOfPcma(square(0xba, 0x3a)) == -6);
  // 132 and 8 * 33 = 264: the first values of the second segments.
  CHECK(levelOfPcmu(square(0xef, 0x6f)) == -48);
  CHECK(levelOfPcma(square(0xc5, 0x45)) == -42);
}
