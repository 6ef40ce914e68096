// The payload descriptors of VP8 (RFC 7741, section 4.2) and VP9 (RFC 9628, section 4.2).
#include "cosoup/rtc/payload_start.hpp"

#include <algorithm>

namespace cosoup {
namespace {

/// Byte by byte; past the end it gives zeros and remembers that it did.
class Bytes {
 public:
  explicit Bytes(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  std::uint8_t next() {
    if (rest_.empty()) {
      isCutOff_ = true;
      return 0;
    }
    const std::uint8_t byte = rest_[0];
    rest_ = rest_.subspan(1);
    return byte;
  }
  void skip(std::size_t count) {
    if (count > rest_.size()) isCutOff_ = true;
    rest_ = rest_.subspan(std::min(count, rest_.size()));
  }
  /// Whether something is left after what was read.
  bool hasMore() const { return !isCutOff_ && !rest_.empty(); }
  bool isCutOff() const { return isCutOff_; }

 private:
  std::span<const std::uint8_t> rest_;
  bool isCutOff_ = false;
};

PictureId readPictureId(Bytes& bytes) {
  const std::uint8_t first = bytes.next();
  if (!(first & 0x80)) return {first, 7};
  const auto high = static_cast<std::uint16_t>((first & 0x7f) << 8);
  return {static_cast<std::uint16_t>(high | bytes.next()), 15};
}

/// The scalability structure: how many layers there are, how large and in which pattern.
void skipScalabilityStructure(Bytes& bytes) {
  const std::uint8_t header = bytes.next();
  const std::size_t layers = (header >> 5) + 1u;
  if (header & 0x10) bytes.skip(4 * layers);
  if (!(header & 0x08)) return;
  std::size_t pictures = bytes.next();
  for (; pictures > 0 && !bytes.isCutOff(); --pictures) bytes.skip(bytes.next() >> 2 & 3u);
}

/// Of a VP9 frame, from the start of its uncompressed header: not of an intra-only frame, after
/// which others may still refer to what was before it.
bool isVp9KeyFrame(std::uint8_t header) {
  constexpr std::uint8_t reservedProfiles = 3;  // with one more bit
  const unsigned profile = (header >> 5 & 1u) | (header >> 3 & 2u);
  const unsigned showsExisting = profile == reservedProfiles ? 2 : 3;
  return header >> 6 == 2 && !(header >> showsExisting & 1u) &&
         !(header >> (showsExisting - 1) & 1u);
}

bool readVp9References(Bytes& bytes, PayloadStart& start) {
  constexpr std::size_t most = 3;
  PictureReferences& references = start.references.emplace();
  bool more = true;
  for (; more && references.count < most; ++references.count) {
    const std::uint8_t byte = bytes.next();
    if (byte >> 1 == 0) return false;  // to itself
    references.differences[references.count] = byte >> 1;
    more = byte & 1;
  }
  return !more;
}

}  // namespace

std::optional<PayloadStart> readVp8Start(std::span<const std::uint8_t> payload) {
  Bytes bytes(payload);
  PayloadStart start;
  const std::uint8_t first = bytes.next();
  const std::uint8_t extension = first & 0x80 ? bytes.next() : 0;
  start.startsFrame = (first & 0x10) && (first & 0x07) == 0;
  start.continuesFrame = !start.startsFrame;
  if (extension & 0x80) start.pictureId = readPictureId(bytes);
  const bool hasIndex = extension & 0x40;
  const bool hasLayer = extension & 0x20;
  const std::uint8_t index = hasIndex ? bytes.next() : 0;
  const std::uint8_t layer = extension & 0x30 ? bytes.next() : 0;
  if (hasIndex && hasLayer) start.tl0PicIdx = index;
  start.temporalLayer = hasLayer ? layer >> 6 : 0;
  const std::uint8_t id = start.temporalLayer;
  const bool isSync = hasLayer && id > 0 && (layer & 0x20);
  start.layers.needs = isSync ? 0 : id;
  start.layers.breaks = id;
  if (isSync) start.layers.healsFrom = start.layers.healsTo = id;
  if (!bytes.hasMore()) return std::nullopt;
  start.isKeyFrame = start.startsFrame && !(bytes.next() & 1);
  if (start.isKeyFrame) start.layers = {};
  if ((first & 0x20) && !start.isKeyFrame) start.layers.breaks = LayerRules::noLayer;
  return start;
}

std::optional<PayloadStart> readVp9Start(std::span<const std::uint8_t> payload) {
  Bytes bytes(payload);
  PayloadStart start;
  const std::uint8_t first = bytes.next();
  const bool isPredicted = first & 0x40;
  const bool isFlexible = first & 0x10;
  const bool begins = first & 0x08;
  start.continuesUnit = !begins;
  start.continuesFrame = !begins;
  start.isUnfinished = !(first & 0x04);
  if (first & 0x80) start.pictureId = readPictureId(bytes);
  if (isFlexible && !start.pictureId) return std::nullopt;
  const bool hasLayers = first & 0x20;
  const std::uint8_t layer = hasLayers ? bytes.next() : 0;
  if (hasLayers && !isFlexible) start.tl0PicIdx = bytes.next();
  start.temporalLayer = layer >> 5;
  start.spatialLayer = layer >> 1 & 7;
  const bool isBase = start.spatialLayer == 0;
  start.startsFrame = begins && isBase;
  start.startsUpperLayer = begins && !isBase && !(layer & 1);
  start.layers.needs = start.layers.breaks = start.temporalLayer;
  if (hasLayers && (layer & 0x10)) {
    // Switching up point: those above refer to none of theirs before it.
    start.layers.healsFrom = static_cast<std::uint8_t>(start.temporalLayer + 1);
    start.layers.healsTo = LayerRules::noLayer - 1;
  }
  if (isFlexible) {
    if (isPredicted && !readVp9References(bytes, start)) return std::nullopt;
    if (!start.references) start.references.emplace();
    start.layers.needs = 0;
    start.layers.breaks = start.temporalLayer == 0 ? 0 : LayerRules::noLayer;
  }
  if (first & 0x02) skipScalabilityStructure(bytes);
  if (!bytes.hasMore()) return std::nullopt;
  start.isKeyFrame = start.startsFrame && !isPredicted && isVp9KeyFrame(bytes.next());
  if (start.isKeyFrame) start.layers.needs = start.layers.breaks = 0;
  return start;
}

}  // namespace cosoup
