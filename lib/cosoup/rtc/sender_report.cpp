#include "cosoup/rtc/sender_report.hpp"

#include "cosoup/rtc/big_endian.hpp"

namespace cosoup {

std::optional<SenderReport> readSenderReport(std::span<const std::uint8_t> compound) {
  constexpr std::uint8_t kType = 200;
  constexpr std::size_t kSize = 28;  // up to the first report block
  if (compound.size() < kSize || compound[0] >> 6 != 2 || compound[1] != kType) return std::nullopt;
  const std::uint64_t seconds = bigEndian32(compound, 8);
  return SenderReport{bigEndian32(compound, 4), seconds << 32 | bigEndian32(compound, 12),
                      bigEndian32(compound, 16)};
}

}  // namespace cosoup
