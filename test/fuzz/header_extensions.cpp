// RTP packets, for their header extensions.
#include "cosoup/rtc/header_extensions.hpp"

#include "fuzz/target.hpp"

namespace cosoup {

std::vector<std::string> fuzz::examples() {
  const std::string header("\x90\x6f\0\1\0\0\0\2\0\0\0\3", 12);
  return {header + std::string("\xbe\xde\0\2\x12mid\x60\x8a\0\0", 12),
          header + std::string("\x10\0\0\2\1\3mid\6\1\x8a", 12)};
}

void fuzz::read(std::string_view input) {
  const std::span packet(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  for (unsigned id = 0; id < 256; ++id) {
    const auto content = findHeaderExtension(packet, static_cast<std::uint8_t>(id));
    if (!content) continue;
    require(content->data() >= packet.data() + 16);
    require(content->data() + content->size() <= packet.data() + packet.size());
  }
  const auto level = readAudioLevel(packet, 6);
  require(!level || (level->dBov <= 0 && level->dBov >= -127));
}

}  // namespace cosoup
