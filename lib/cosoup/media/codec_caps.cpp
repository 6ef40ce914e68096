#include "cosoup/media/codec_caps.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "cosoup/rtc/h264_profile.hpp"
#include "cosoup/rtc/header_extension_uris.hpp"

namespace cosoup {
namespace {

struct CodecName {
  const char* mimeType;
  const char* caps;
};

// H264 as every frame of this library has it: one access unit per buffer, parameter sets in band.
constexpr std::array codecNames = {
    CodecName{"audio/opus", "audio/x-opus, channel-mapping-family=(int)0"},
    CodecName{"audio/PCMU", "audio/x-mulaw, rate=(int)8000, channels=(int)1"},
    CodecName{"audio/PCMA", "audio/x-alaw, rate=(int)8000, channels=(int)1"},
    CodecName{"video/VP8", "video/x-vp8"},
    CodecName{"video/VP9", "video/x-vp9, profile=(string)0"},
    CodecName{"video/H264",
              "video/x-h264, stream-format=(string)byte-stream, alignment=(string)au"},
    CodecName{"video/H265",
              "video/x-h265, stream-format=(string)byte-stream, alignment=(string)au"},
    CodecName{"video/AV1", "video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu"},
};

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

std::string textOf(const CodecParameters& parameters, const std::string& key,
                   const std::string& otherwise) {
  const auto found = parameters.find(key);
  if (found == parameters.end()) return otherwise;
  if (const auto* text = std::get_if<std::string>(&found->second)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&found->second)) {
    return std::to_string(*number);
  }
  return otherwise;
}

// Which profiles a receiver of this profile-level-id decodes. (What baseline has and main has not
// is used by no encoder.)
const char* h264Profiles(const CodecParameters& parameters) {
  switch (ortc::h264ProfileLevel(parameters).value_or(ortc::H264ProfileLevel()).profile) {
    case ortc::H264Profile::main:
      return "(string){ constrained-baseline, baseline, main }";
    case ortc::H264Profile::constrainedHigh:
      return "(string){ constrained-baseline, baseline, constrained-high }";
    case ortc::H264Profile::high:
    case ortc::H264Profile::predictiveHigh444:
      return "(string){ constrained-baseline, baseline, main, constrained-high, high }";
    default:
      return "(string){ constrained-baseline, baseline }";
  }
}

Ref<GstCaps> capsOf(const std::string& mimeType, const CodecParameters& parameters) {
  ensureGStreamer();
  for (const CodecName& name : codecNames) {
    if (!equalsIgnoringCase(name.mimeType, mimeType)) continue;
    std::string text = name.caps;
    if (equalsIgnoringCase(mimeType, "video/H264")) {
      text += std::string(", profile=") + h264Profiles(parameters);
    }
    if (equalsIgnoringCase(mimeType, "video/VP9") && textOf(parameters, "profile-id", "0") != "0") {
      return nullptr;
    }
    return Ref<GstCaps>::adopt(gst_caps_from_string(text.c_str()));
  }
  return nullptr;
}

// Of caps that are accepted, never of a stream.
constexpr const char* kRotation = "rotation";

void allowRotation(GstCaps* caps) {
  const auto rotations =
      Ref<GstCaps>::adopt(gst_caps_from_string("any, rotation=(int){ 0, 90, 180, 270 }"));
  gst_caps_set_value(
      caps, kRotation,
      gst_structure_get_value(gst_caps_get_structure(rotations.get(), 0), kRotation));
}

const char* nameOf(const GstCaps* caps) {
  if (!caps || gst_caps_is_any(caps) || gst_caps_is_empty(caps)) return "";
  return gst_structure_get_name(gst_caps_get_structure(caps, 0));
}

}  // namespace

Ref<GstCaps> encodedCaps(const RtpCodecCapability& codec) {
  return capsOf(codec.mimeType, codec.parameters);
}

Ref<GstCaps> encodedCaps(const RtpCodecParameters& codec) {
  return capsOf(codec.mimeType, codec.parameters);
}

Ref<GstCaps> encodedCaps(const RtpCapabilities& capabilities) {
  ensureGStreamer();
  auto all = Ref<GstCaps>::adopt(gst_caps_new_empty());
  const bool rotated = std::any_of(
      capabilities.headerExtensions.begin(), capabilities.headerExtensions.end(),
      [](const auto& extension) { return extension.uri == videoOrientationExtensionUri; });
  for (const RtpCodecCapability& codec : capabilities.codecs) {
    Ref<GstCaps> caps = encodedCaps(codec);
    if (caps && rotated && codec.kind == MediaKind::video) allowRotation(caps.get());
    if (caps) all = Ref<GstCaps>::adopt(gst_caps_merge(all.release(), caps.release()));
  }
  return all;
}

bool takesRotated(const GstCaps* accepted) {
  if (!accepted || gst_caps_is_any(accepted)) return false;
  for (guint i = 0; i < gst_caps_get_size(accepted); ++i) {
    if (gst_structure_has_field(gst_caps_get_structure(accepted, i), kRotation)) return true;
  }
  return false;
}

Ref<GstCaps> withoutRotation(const Ref<GstCaps>& accepted) {
  auto caps = Ref<GstCaps>::adopt(accepted ? gst_caps_copy(accepted.get()) : gst_caps_new_empty());
  for (guint i = 0; i < gst_caps_get_size(caps.get()); ++i) {
    gst_structure_remove_field(gst_caps_get_structure(caps.get(), i), kRotation);
  }
  return caps;
}

std::optional<std::string> mimeTypeOf(const GstCaps* caps) {
  const std::string_view name = nameOf(caps);
  if (name.empty()) return std::nullopt;
  for (const CodecName& codec : codecNames) {
    const std::string_view text = codec.caps;
    if (text.substr(0, text.find(',')) == name) return codec.mimeType;
  }
  return std::nullopt;
}

std::optional<MediaKind> mediaKindOf(const GstCaps* caps) {
  const std::string_view name = nameOf(caps);
  if (name.starts_with("audio/")) return MediaKind::audio;
  if (name.starts_with("video/") || name.starts_with("image/")) return MediaKind::video;
  return std::nullopt;
}

bool lacksProfile(const GstCaps* caps) {
  const std::string_view name = nameOf(caps);
  const bool profiled = name == "video/x-h264" || name == "video/x-h265" || name == "video/x-vp9";
  return profiled && !gst_structure_has_field(gst_caps_get_structure(caps, 0), "profile");
}

bool isRaw(const GstCaps* caps) {
  const std::string_view name = nameOf(caps);
  return name == "audio/x-raw" || name == "video/x-raw";
}

bool isKeyFrame(GstBuffer* buffer) {
  return !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
}

}  // namespace cosoup
