// PayloadStart: what the first bytes of a video packet's payload tell about its frame: VP8 (RFC
// 7741), VP9 (RFC 9628), H.264 (RFC 6184), H.265 (RFC 7798) and AV1 (its RTP payload format 1.0).
// Pure functions. Internal.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace cosoup {

enum class VideoCodec : std::uint8_t { vp8, vp9, h264, h265, av1 };

/// The codec of a media type such as "video/VP8", in whatever case; absent for any other.
std::optional<VideoCodec> videoCodecOf(std::string_view mimeType);

/// How a frame hangs together with others of its temporal layer and of those above. Layer 0 is the
/// base, which needs no other.
struct LayerRules {
  static constexpr std::uint8_t noLayer = 8;  // there are at most eight: three bits

  std::uint8_t needs = 0;   ///< no layer up to this one may be broken
  std::uint8_t breaks = 0;  ///< without it this layer and those above are; noLayer: nobody needs it
  std::uint8_t healsFrom = noLayer;  ///< the layers from this one …
  std::uint8_t healsTo = 0;          ///< … to this one refer to nothing that is older than it
};

struct PictureId {
  std::uint16_t value = 0;
  std::uint8_t bits = 15;  ///< 7 or 15, after which it wraps

  /// How many pictures after `earlier`, modulo the wrap.
  unsigned after(const PictureId& earlier) const {
    return static_cast<unsigned>(value - earlier.value) & ((1u << bits) - 1);
  }
};

/// Of a frame that uses VP9's flexible mode: which pictures it is predicted from.
struct PictureReferences {
  static constexpr std::size_t most = 24;  // three for each of eight spatial layers

  std::array<std::uint8_t, most> differences{};  ///< of their picture ids to its own, 1 … 127
  std::size_t count = 0;
};

struct PayloadStart {
  bool startsFrame = false;       ///< for certain the first packet of its frame
  bool continuesFrame = false;    ///< for certain not the first
  bool continuesUnit = false;     ///< goes on with what the packet before had not finished
  bool isUnfinished = false;      ///< the next packet goes on with what this one holds
  bool startsPicture = false;     ///< first slice (H.26x); parameter sets may have come before it
  bool startsUpperLayer = false;  ///< first of a spatial layer that needs none below (VP9)
  bool isKeyFrame = false;
  bool hasPicture = true;         ///< not only parameter sets and the like
  bool hasParameterSets = false;  ///< a sequence parameter set (H.26x)
  bool isLeading = false;         ///< RASL (H.265): needs what was before its key frame
  bool isOpenKeyFrame = false;    ///< may be followed by such
  bool isBrokenLink = false;      ///< BLA (H.265): and they cannot be decoded even without a loss
  std::uint8_t temporalLayer = 0;
  std::uint8_t spatialLayer = 0;
  std::optional<PictureId> pictureId;
  std::optional<std::uint8_t> tl0PicIdx;  ///< number of the base-layer frame, or of its latest
  std::optional<PictureReferences> references;
  LayerRules layers;
};

/// Nothing for a payload that is malformed, or of a kind that no WebRTC sender uses.
std::optional<PayloadStart> readPayloadStart(VideoCodec codec,
                                             std::span<const std::uint8_t> payload);

/// What is known of a frame, after one more of its packets. False where the two do not fit
/// together.
bool joinPayloadStart(PayloadStart& frame, const PayloadStart& next);

std::optional<PayloadStart> readVp8Start(std::span<const std::uint8_t> payload);
std::optional<PayloadStart> readVp9Start(std::span<const std::uint8_t> payload);
std::optional<PayloadStart> readH264Start(std::span<const std::uint8_t> payload);
std::optional<PayloadStart> readH265Start(std::span<const std::uint8_t> payload);
std::optional<PayloadStart> readAv1Start(std::span<const std::uint8_t> payload);

}  // namespace cosoup
