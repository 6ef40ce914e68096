// Which packets a NACK names, and which of them are known.
#include "cosoup/rtc/nack.hpp"

#include "cosoup/rtc/packet_history.hpp"
#include "fuzz/target.hpp"

namespace cosoup {

std::vector<std::string> fuzz::examples() {
  using namespace std::string_literals;
  return {"\x00\x05\x00\x00"s, "\x00\x10\xff\xff\xff\xff\x00\x01"s, "\x00\x05\x00"s};
}

void fuzz::read(std::string_view input) {
  const std::vector<std::uint8_t> body(input.begin(), input.end());
  const std::vector<std::uint16_t> numbers = nackedPackets(body);
  require(numbers.size() <= std::min<std::size_t>(1000, body.size() / 4 * 17));
  constexpr std::uint16_t kSent = 40;
  PacketHistory<std::uint16_t> history;
  const PacketHistory<std::uint16_t>::Time now;
  for (std::uint16_t i = 0; i < kSent; ++i) history.put(i, i, i, now);
  for (const std::uint16_t number : numbers) {
    const auto* entry = history.find(number, now);
    require((entry != nullptr) == (number < kSent));
    require(!entry || entry->packet == number);
  }
}

}  // namespace cosoup
