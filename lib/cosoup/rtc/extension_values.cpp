#include "cosoup/rtc/extension_values.hpp"

#include "cosoup/core/error.hpp"

namespace cosoup {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kMicroseconds = 1000000;  // of a second
constexpr std::uint64_t kNanoseconds = 1000000000;
constexpr std::uint64_t kUnixEpoch = 2208988800;  // s from 1900 to 1970
constexpr unsigned kLargestDelay = 0xfff;
constexpr milliseconds kDelayUnit{10};

unsigned delayUnits(milliseconds delay) {
  const bool fits = delay >= milliseconds(0) && delay < (kLargestDelay + 1) * kDelayUnit;
  const auto units = fits ? (delay + kDelayUnit / 2) / kDelayUnit : 0;
  if (fits && units <= kLargestDelay) return static_cast<unsigned>(units);
  throw Error(Error::Code::InvalidArgument,
              "playout delay: " + std::to_string(delay.count()) + " ms are out of range");
}

std::uint8_t byteOf(std::uint64_t value, int shift) {
  return static_cast<std::uint8_t>((value >> shift) & 0xff);
}

}  // namespace

bool isRotation(int degrees) {
  return degrees == 0 || degrees == 90 || degrees == 180 || degrees == 270;
}

std::uint8_t videoOrientationByte(int rotation) {
  return static_cast<std::uint8_t>(rotation / 90 & 3);
}

int rotationOfVideoOrientation(std::uint8_t byte) { return (byte & 3) * 90; }

std::array<std::uint8_t, 3> absSendTimeBytes(std::uint64_t microseconds) {
  // Only these seconds count, and more of them would not fit.
  const std::uint64_t time = (microseconds % (64 * kMicroseconds) << 18) / kMicroseconds;
  return {byteOf(time, 16), byteOf(time, 8), byteOf(time, 0)};
}

std::array<std::uint8_t, 8> absCaptureTimeBytes(std::uint64_t unixTime) {
  const std::uint64_t seconds = unixTime / kNanoseconds + kUnixEpoch;
  const std::uint64_t fraction = (unixTime % kNanoseconds << 32) / kNanoseconds;
  const std::uint64_t time = seconds << 32 | fraction;
  std::array<std::uint8_t, 8> bytes;
  for (int i = 0; i < 8; ++i) bytes[static_cast<std::size_t>(i)] = byteOf(time, 56 - 8 * i);
  return bytes;
}

std::array<std::uint8_t, 3> playoutDelayBytes(const PlayoutDelay& delay) {
  const unsigned least = delayUnits(delay.min);
  const unsigned most = delayUnits(delay.max);
  if (least > most) {
    throw Error(Error::Code::InvalidArgument, "playout delay: the least is more than the most");
  }
  const unsigned both = least << 12 | most;
  return {byteOf(both, 16), byteOf(both, 8), byteOf(both, 0)};
}

std::optional<PlayoutDelay> readPlayoutDelay(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != 3) return std::nullopt;
  const unsigned both = static_cast<unsigned>(bytes[0]) << 16 |
                        static_cast<unsigned>(bytes[1]) << 8 | static_cast<unsigned>(bytes[2]);
  const unsigned least = both >> 12;
  const unsigned most = both & kLargestDelay;
  if (least > most) return std::nullopt;
  return PlayoutDelay(least * kDelayUnit, most * kDelayUnit);
}

}  // namespace cosoup
