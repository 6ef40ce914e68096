#include "unit/rtc/congestion/feedback_writer.hpp"

#include <algorithm>

namespace cosoup {
namespace {

using Bytes = std::vector<std::uint8_t>;

void put16(Bytes& bytes, unsigned value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

/// The statuses, and behind them the deltas.
void putPackets(Bytes& bytes, const ReceivedPackets& received) {
  std::vector<unsigned> statuses;
  Bytes deltas;
  std::int64_t last = 0;
  for (const auto& time : received.times) {
    if (!time) {
      statuses.push_back(0);
      continue;
    }
    const std::int64_t ticks = time->count() / 250;
    const std::int64_t delta = ticks - last;
    last = ticks;
    statuses.push_back(delta >= 0 && delta < 256 ? 1 : 2);
    if (statuses.back() == 1) {
      deltas.push_back(static_cast<std::uint8_t>(delta));
    } else {
      put16(deltas, static_cast<unsigned>(delta) & 0xffff);
    }
  }
  for (auto at = statuses.begin(); at != statuses.end();) {
    const auto end = std::find_if(at, statuses.end(), [&](unsigned each) { return each != *at; });
    const auto run = std::min<std::ptrdiff_t>(end - at, 0x1fff);
    if (run >= 7) {
      put16(bytes, *at << 13 | static_cast<unsigned>(run));
      at += run;
      continue;
    }
    unsigned chunk = 0xc000;
    for (int shift = 12; shift >= 0 && at != statuses.end(); shift -= 2) chunk |= *at++ << shift;
    put16(bytes, chunk);
  }
  bytes.insert(bytes.end(), deltas.begin(), deltas.end());
}

}  // namespace

Bytes writeTransportCc(const ReceivedPackets& received) {
  Bytes bytes{0x8f, 0xcd, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2};
  put16(bytes, received.base);
  put16(bytes, static_cast<unsigned>(received.times.size()));
  put16(bytes, received.reference >> 8);
  put16(bytes, received.reference << 8 | received.serial);
  putPackets(bytes, received);
  if (const std::size_t padding = (4 - bytes.size() % 4) % 4; padding != 0) {
    bytes[0] |= 0x20;
    bytes.resize(bytes.size() + padding);
    bytes.back() = static_cast<std::uint8_t>(padding);
  }
  bytes[3] = static_cast<std::uint8_t>(bytes.size() / 4 - 1);
  bytes[2] = static_cast<std::uint8_t>((bytes.size() / 4 - 1) >> 8);
  return bytes;
}

}  // namespace cosoup
