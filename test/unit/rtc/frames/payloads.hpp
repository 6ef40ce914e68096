// Payloads of video packets, written as the RFCs have it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cosoup/rtc/payload_start.hpp"

namespace cosoup::test {

using Payload = std::vector<std::uint8_t>;

Payload hex(std::string_view digits);

void add(Payload& payload, unsigned byte);

/// RFC 7741, section 4.2.
struct Vp8Packet {
  bool starts = true;
  bool isKey = false;
  bool isUnneeded = false;
  std::optional<PictureId> id{};
  std::optional<unsigned> tl0{};
  std::optional<unsigned> layer{};
  bool isSync = false;

  Payload payload() const;
};

/// RFC 9628, section 4.2.
struct Vp9Packet {
  bool starts = true;
  bool ends = true;
  bool isKey = false;
  std::optional<PictureId> id{};
  std::optional<unsigned> tl0{};         // makes it have layers, in the non-flexible mode
  std::optional<Payload> differences{};  // flexible mode, with layers
  unsigned layer = 0;
  unsigned spatial = 0;
  bool isSwitchingUp = false;
  bool needsLower = false;

  Payload payload() const;
};

}  // namespace cosoup::test
