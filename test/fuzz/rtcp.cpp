// Which packets of a compound RTCP packet go on.
#include "cosoup/rtc/rtcp_filter.hpp"

#include "fuzz/target.hpp"

namespace cosoup {

std::vector<std::string> fuzz::examples() {
  using namespace std::string_literals;
  return {"\x80\xc9\x00\x01\x00\x00\x00\x01"s,
          "\x80\xc8\x00\x06\x00\x00\x00\x02"s + std::string(20, '\0') +
              "\x81\xca\x00\x02\x00\x00\x00\x02\x01\x01x\x00"s,
          "\x81\xce\x00\x02\x00\x00\x00\x01\x00\x00\x00\x02"s};
}

void fuzz::read(std::string_view input) {
  const std::vector<std::uint8_t> compound(input.begin(), input.end());
  std::size_t end = 0;
  for (const ByteRange& range :
       admittedRtcp(compound, [](std::uint32_t ssrc) { return ssrc % 2 == 0; })) {
    require(range.offset >= end && range.size >= 4);
    end = range.offset + range.size;
    require(end <= compound.size());
    // What went on once goes on again, as it is.
    const std::span<const std::uint8_t> packet(compound.data() + range.offset, range.size);
    const auto again = admittedRtcp(packet, [](std::uint32_t ssrc) { return ssrc % 2 == 0; });
    require(again == std::vector<ByteRange>{{0, range.size}});
  }
}

}  // namespace cosoup
