#include "cosoup/rtc/nack.hpp"

namespace cosoup {
namespace {

constexpr std::size_t kEntry = 4;  // a sequence number and the bit mask of the 16 that follow it
constexpr std::size_t kMost = 1000;

std::uint16_t bigEndian(const std::uint8_t* bytes) {
  return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

}  // namespace

std::vector<std::uint16_t> nackedPackets(std::span<const std::uint8_t> body) {
  std::vector<std::uint16_t> numbers;
  for (; body.size() >= kEntry; body = body.subspan(kEntry)) {
    const std::uint16_t first = bigEndian(body.data());
    // Bit 0 of the mask stands for the number after the first.
    const unsigned mask = 1u | static_cast<unsigned>(bigEndian(body.data() + 2)) << 1;
    for (unsigned i = 0; i <= 16; ++i) {
      if (!(mask >> i & 1u)) continue;
      if (numbers.size() == kMost) return numbers;
      numbers.push_back(static_cast<std::uint16_t>(first + i));
    }
  }
  return numbers;
}

}  // namespace cosoup
