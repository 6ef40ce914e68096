#include "cosoup/rtc/nack.hpp"

#include "cosoup/rtc/big_endian.hpp"

namespace cosoup {
namespace {

constexpr std::size_t kEntry = 4;  // a sequence number and the bit mask of the 16 that follow it
constexpr std::size_t kMost = 1000;

}  // namespace

std::vector<std::uint16_t> nackedPackets(std::span<const std::uint8_t> body) {
  std::vector<std::uint16_t> numbers;
  for (; body.size() >= kEntry; body = body.subspan(kEntry)) {
    const std::uint16_t first = bigEndian16(body, 0);
    // Bit 0 of the mask stands for the number after the first.
    const unsigned mask = 1u | static_cast<unsigned>(bigEndian16(body, 2)) << 1;
    for (unsigned i = 0; i <= 16; ++i) {
      if (!(mask >> i & 1u)) continue;
      if (numbers.size() == kMost) return numbers;
      numbers.push_back(static_cast<std::uint16_t>(first + i));
    }
  }
  return numbers;
}

}  // namespace cosoup
