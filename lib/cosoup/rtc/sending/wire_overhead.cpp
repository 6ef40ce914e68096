#include "cosoup/rtc/sending/wire_overhead.hpp"

#include <algorithm>

namespace cosoup {
namespace {

/// What a bit of media is on the wire, less what its frame costs.
double growth(MediaKind kind, unsigned overhead) {
  return kind == MediaKind::audio ? 1 : 1 + overhead / payloadBytes;
}

}  // namespace

unsigned overheadBytes(const PacketOverhead& overhead) {
  const unsigned ip = overhead.ip == IpVersion::v4 ? 20 : 40;
  return ip + 8 + 12 + overhead.extensions + 10 + overhead.relay;
}

double wireBitrate(MediaKind kind, double media, double frameRate, unsigned overhead) {
  return media * growth(kind, overhead) + frameRate * overhead * 8;
}

double mediaBitrate(MediaKind kind, double wire, double frameRate, unsigned overhead) {
  return std::max(wire - frameRate * overhead * 8, 0.0) / growth(kind, overhead);
}

}  // namespace cosoup
