// NAL units of H.264 (RFC 6184, section 5) and H.265 (RFC 7798, section 4) in RTP payloads. Not
// read is what needs interleaving, which WebRTC does not use.
#include "cosoup/rtc/big_endian.hpp"
#include "cosoup/rtc/payload_start.hpp"

namespace cosoup {
namespace {

using Bytes = std::span<const std::uint8_t>;
using ReadUnit = bool (*)(Bytes unit, bool begins, PayloadStart& start);

PayloadStart nothingYet() {
  PayloadStart start;
  start.hasPicture = false;
  start.layers.breaks = LayerRules::noLayer;
  return start;
}

/// The units of an aggregation packet, each after its length.
bool readUnits(Bytes payload, ReadUnit read, PayloadStart& start) {
  if (payload.empty()) return false;
  for (bool isFirst = true; !payload.empty(); isFirst = false) {
    if (payload.size() < 2) return false;
    const std::size_t length = bigEndian16(payload, 0);
    if (length > payload.size() - 2) return false;
    PayloadStart unit = nothingYet();
    if (!read(payload.subspan(2, length), true, unit)) return false;
    if (isFirst) {
      start = unit;
    } else {
      joinPayloadStart(start, unit);
    }
    payload = payload.subspan(2 + length);
  }
  return true;
}

void readFragmentBits(std::uint8_t header, PayloadStart& start) {
  start.continuesUnit = !(header & 0x80);
  start.continuesFrame = start.continuesUnit;
  start.isUnfinished = !(header & 0x40);
}

// ---- H.264 ------------------------------------------------------------------------------------

/// A unit, or the part with which it begins or goes on, after a byte in the form of its header.
bool readH264Unit(Bytes unit, bool begins, PayloadStart& start) {
  constexpr unsigned slice = 1, idr = 5, sps = 7, delimiter = 9, last = 23;
  if (unit.empty() || (unit[0] & 0x80)) return false;
  const unsigned type = unit[0] & 0x1fu;
  if (type == 0 || type > last) return false;
  start.hasPicture = type >= slice && type <= idr;
  start.isKeyFrame = type == idr;
  start.hasParameterSets = type == sps;
  start.startsFrame = begins && (type == sps || type == delimiter);
  // first_mb_in_slice is 0, which is written as a single bit.
  const bool isSlice = type == slice || type == idr;
  start.startsPicture = begins && isSlice && unit.size() > 1 && (unit[1] & 0x80);
  const bool isReference = !start.hasPicture || (unit[0] & 0x60);
  start.layers.breaks = isReference ? 0 : LayerRules::noLayer;
  return true;
}

// ---- H.265 ------------------------------------------------------------------------------------

void readH265Layers(unsigned type, std::uint8_t layer, LayerRules& rules) {
  constexpr unsigned tsaN = 2, tsaR = 3;
  // Also of a sub-layer non-reference picture: what is above may refer to it for long.
  rules.needs = rules.breaks = layer;
  if (layer == 0 || (type != tsaN && type != tsaR)) return;
  // Temporal sub-layer access: neither it nor what follows in its layer and those above refers to
  // older ones of these. A step-wise one (STSA) promises too little for what follows.
  rules.needs = static_cast<std::uint8_t>(layer - 1);
  rules.healsFrom = layer;
  rules.healsTo = LayerRules::noLayer - 1;
}

bool readH265Unit(Bytes unit, bool begins, PayloadStart& start) {
  constexpr unsigned raslN = 8, raslR = 9, firstBla = 16, lastBla = 18, cra = 21, lastKey = 23;
  constexpr unsigned vps = 32, sps = 33, delimiter = 35, lastUnit = 47;
  if (unit.size() < 2 || (unit[0] & 0x80) || (unit[1] & 0x07) == 0) return false;
  const unsigned type = unit[0] >> 1 & 0x3fu;
  if (type > lastUnit) return false;
  start.hasPicture = type < vps;
  start.isKeyFrame = type >= firstBla && type <= lastKey;
  start.isBrokenLink = type >= firstBla && type <= lastBla;
  start.isOpenKeyFrame = type == cra || start.isBrokenLink;
  start.isLeading = type == raslN || type == raslR;
  start.hasParameterSets = type == sps;
  start.startsFrame = begins && (type == vps || type == delimiter);
  start.startsPicture = begins && start.hasPicture && unit.size() > 2 && (unit[2] & 0x80);
  start.layers.breaks = 0;
  if (!start.hasPicture || start.isKeyFrame) return true;
  start.temporalLayer = static_cast<std::uint8_t>((unit[1] & 0x07) - 1);
  readH265Layers(type, start.temporalLayer, start.layers);
  return true;
}

}  // namespace

std::optional<PayloadStart> readH264Start(Bytes payload) {
  constexpr unsigned stapA = 24, fuA = 28;
  if (payload.empty() || (payload[0] & 0x80)) return std::nullopt;
  PayloadStart start = nothingYet();
  const unsigned type = payload[0] & 0x1fu;
  if (type == stapA) {
    if (!readUnits(payload.subspan(1), &readH264Unit, start)) return std::nullopt;
    return start;
  }
  if (type != fuA) {
    if (!readH264Unit(payload, true, start)) return std::nullopt;
    return start;
  }
  if (payload.size() < 3) return std::nullopt;
  const auto header = static_cast<std::uint8_t>((payload[0] & 0x60) | (payload[1] & 0x1f));
  const std::array<std::uint8_t, 2> unit{header, payload[2]};
  if (!readH264Unit(unit, payload[1] & 0x80, start)) return std::nullopt;
  readFragmentBits(payload[1], start);
  return start;
}

std::optional<PayloadStart> readH265Start(Bytes payload) {
  constexpr unsigned aggregation = 48, fragment = 49;
  if (payload.size() < 2 || (payload[0] & 0x80)) return std::nullopt;
  PayloadStart start = nothingYet();
  const unsigned type = payload[0] >> 1 & 0x3fu;
  if (type == aggregation) {
    if (!readUnits(payload.subspan(2), &readH265Unit, start)) return std::nullopt;
    return start;
  }
  if (type != fragment) {
    if (!readH265Unit(payload, true, start)) return std::nullopt;
    return start;
  }
  if (payload.size() < 4) return std::nullopt;
  const auto header = static_cast<std::uint8_t>((payload[2] & 0x3f) << 1);
  const std::array<std::uint8_t, 3> unit{header, payload[1], payload[3]};
  if (!readH265Unit(unit, payload[2] & 0x80, start)) return std::nullopt;
  readFragmentBits(payload[2], start);
  return start;
}

}  // namespace cosoup
