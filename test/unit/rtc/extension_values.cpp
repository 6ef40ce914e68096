// The bytes of header extensions.
#include "cosoup/rtc/extension_values.hpp"

#include <vector>

#include "cosoup/core/error.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

bool isRefused(const PlayoutDelay& delay) {
  try {
    playoutDelayBytes(delay);
  } catch (const Error& error) {
    return error.code() == Error::Code::InvalidArgument;
  }
  return false;
}

}  // namespace

TEST_CASE("video-orientation counts quarter turns, whatever else its byte says") {
  for (const int rotation : {0, 90, 180, 270}) {
    CHECK(isRotation(rotation));
    CHECK(videoOrientationByte(rotation) == rotation / 90);
    CHECK(rotationOfVideoOrientation(videoOrientationByte(rotation)) == rotation);
    const auto onBack = static_cast<std::uint8_t>(videoOrientationByte(rotation) | 0xfc);
    CHECK(rotationOfVideoOrientation(onBack) == rotation);
  }
  for (const int other : {-90, 1, 45, 360}) CHECK_FALSE(isRotation(other));
}

TEST_CASE("abs-send-time has six bits of seconds and eighteen of their fraction") {
  using Bytes = std::array<std::uint8_t, 3>;
  CHECK(absSendTimeBytes(0) == Bytes{0, 0, 0});
  CHECK(absSendTimeBytes(1'000'000) == Bytes{0x04, 0, 0});
  CHECK(absSendTimeBytes(63'500'000) == Bytes{0xfe, 0, 0});
  CHECK(absSendTimeBytes(64'000'004) == Bytes{0, 0, 1});
  CHECK(absSendTimeBytes(0xffff'ffff'ffff'ffff) ==
        absSendTimeBytes(0xffff'ffff'ffff'ffff % 64'000'000));
}

TEST_CASE("abs-capture-time counts from 1900 in 32 bits of seconds and 32 of their fraction") {
  // 1970 began 2,208,988,800 s (0x83aa7e80) after 1900.
  using Bytes = std::array<std::uint8_t, 8>;
  CHECK(absCaptureTimeBytes(0) == Bytes{0x83, 0xaa, 0x7e, 0x80, 0, 0, 0, 0});
  CHECK(absCaptureTimeBytes(1500000000) == Bytes{0x83, 0xaa, 0x7e, 0x81, 0x80, 0, 0, 0});
  CHECK(absCaptureTimeBytes(999999999) == Bytes{0x83, 0xaa, 0x7e, 0x80, 0xff, 0xff, 0xff, 0xfb});
  // In 2036 the seconds begin again at 0.
  CHECK(absCaptureTimeBytes(2085978496000000000) == Bytes{0, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("playout-delay has two times twelve bits of 10 ms") {
  using Bytes = std::array<std::uint8_t, 3>;
  CHECK(playoutDelayBytes({0ms, 0ms}) == Bytes{0, 0, 0});
  CHECK(playoutDelayBytes({100ms, 400ms}) == Bytes{0x00, 0xa0, 0x28});
  CHECK(playoutDelayBytes({4ms, 5ms}) == Bytes{0, 0, 1});
  CHECK(playoutDelayBytes({40950ms, 40950ms}) == Bytes{0xff, 0xff, 0xff});
  for (const PlayoutDelay& delay :
       {PlayoutDelay(0ms, 0ms), PlayoutDelay(120ms, 4000ms), PlayoutDelay(40950ms, 40950ms)}) {
    CHECK(readPlayoutDelay(playoutDelayBytes(delay)) == delay);
  }
}

TEST_CASE("a playout delay that cannot be sent is refused, one that makes no sense not read") {
  CHECK(isRefused({-10ms, 10ms}));
  CHECK(isRefused({0ms, 40955ms}));
  CHECK(isRefused({20ms, 10ms}));
  CHECK(isRefused({0ms, std::chrono::milliseconds::max()}));
  const std::vector<std::uint8_t> reversed = {0x00, 0x20, 0x01};
  CHECK_FALSE(readPlayoutDelay(reversed));
  for (const std::size_t size : {0u, 1u, 2u, 4u, 16u}) {
    CHECK_FALSE(readPlayoutDelay(std::vector<std::uint8_t>(size)));
  }
}
