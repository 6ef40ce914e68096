#include "cosoup/rtc/payload_start.hpp"

#include <algorithm>
#include <utility>

#include "cosoup/rtc/codec_match.hpp"

namespace cosoup {
namespace {

void joinReferences(PayloadStart& frame, const PayloadStart& next) {
  if (!next.references) return;
  if (!frame.references) frame.references.emplace();
  PictureReferences& all = *frame.references;
  const auto known = [&] { return std::span(all.differences).first(all.count); };
  for (const std::uint8_t each :
       std::span(next.references->differences).first(next.references->count)) {
    if (all.count == PictureReferences::most) return;
    if (std::ranges::find(known(), each) == known().end()) all.differences[all.count++] = each;
  }
}

void joinLayers(PayloadStart& frame, const PayloadStart& next) {
  LayerRules& rules = frame.layers;
  rules.breaks = std::min(rules.breaks, next.layers.breaks);
  if (!next.hasPicture) return;
  if (!frame.hasPicture) {
    // What came before the picture tells nothing of whom the picture needs.
    rules.needs = next.layers.needs;
    rules.healsFrom = next.layers.healsFrom;
    rules.healsTo = next.layers.healsTo;
    frame.temporalLayer = next.temporalLayer;
    return;
  }
  rules.needs = std::max(rules.needs, next.layers.needs);
  rules.healsFrom = std::max(rules.healsFrom, next.layers.healsFrom);
  rules.healsTo = std::min(rules.healsTo, next.layers.healsTo);
}

}  // namespace

std::optional<VideoCodec> videoCodecOf(std::string_view mimeType) {
  static constexpr std::pair<std::string_view, VideoCodec> kCodecs[] = {
      {"video/VP8", VideoCodec::vp8},
      {"video/VP9", VideoCodec::vp9},
      {"video/H264", VideoCodec::h264},
      {"video/H265", VideoCodec::h265},
      {"video/AV1", VideoCodec::av1}};
  for (const auto& [name, codec] : kCodecs) {
    if (ortc::equalsIgnoringCase(mimeType, name)) return codec;
  }
  return std::nullopt;
}

std::optional<PayloadStart> readPayloadStart(VideoCodec codec,
                                             std::span<const std::uint8_t> payload) {
  switch (codec) {
    case VideoCodec::vp8:
      return readVp8Start(payload);
    case VideoCodec::vp9:
      return readVp9Start(payload);
    case VideoCodec::h264:
      return readH264Start(payload);
    case VideoCodec::h265:
      return readH265Start(payload);
    case VideoCodec::av1:
      return readAv1Start(payload);
  }
  return std::nullopt;
}

bool joinPayloadStart(PayloadStart& frame, const PayloadStart& next) {
  const bool fits = frame.isUnfinished == next.continuesUnit;
  joinLayers(frame, next);
  joinReferences(frame, next);
  frame.isUnfinished = next.isUnfinished;
  frame.isKeyFrame |= next.isKeyFrame;
  frame.hasPicture |= next.hasPicture;
  frame.hasParameterSets |= next.hasParameterSets;
  frame.isLeading |= next.isLeading;
  frame.isOpenKeyFrame |= next.isOpenKeyFrame;
  frame.isBrokenLink |= next.isBrokenLink;
  if (next.pictureId) frame.pictureId = next.pictureId;
  if (next.tl0PicIdx) frame.tl0PicIdx = next.tl0PicIdx;
  return fits;
}

// "RTP Payload Format For AV1", section 4.4. Elements are obu fragments, each after its length; the
// last one of a counted number has none.
std::optional<PayloadStart> readAv1Start(std::span<const std::uint8_t> payload) {
  if (payload.size() < 2) return std::nullopt;
  const std::uint8_t header = payload[0];
  const unsigned elements = header >> 4 & 3u;  // 0: until the end
  PayloadStart start;
  start.continuesUnit = header & 0x80;
  start.continuesFrame = start.continuesUnit;
  start.isUnfinished = header & 0x40;
  start.isKeyFrame = header & 0x08;
  start.startsFrame = start.isKeyFrame;
  if (start.continuesUnit && start.isKeyFrame) return std::nullopt;
  payload = payload.subspan(1);
  for (unsigned i = 1; elements == 0 ? !payload.empty() : i < elements; ++i) {
    std::size_t length = 0;
    std::size_t bytes = 0;
    bool more = true;
    for (; more; ++bytes) {  // LEB128
      if (bytes == payload.size() || bytes == 4) return std::nullopt;
      length |= static_cast<std::size_t>(payload[bytes] & 0x7fu) << 7 * bytes;
      more = payload[bytes] & 0x80;
    }
    if (length > payload.size() - bytes) return std::nullopt;
    payload = payload.subspan(bytes + length);
  }
  if (elements != 0 && payload.empty()) return std::nullopt;
  return start;
}

}  // namespace cosoup
