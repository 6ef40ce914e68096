#include "cosoup/media/rtp/local_capabilities.hpp"

#include <gst/gst.h>

#include "cosoup/gst/ref.hpp"
#include "cosoup/media/rtp/payloader.hpp"
#include "cosoup/rtc/header_extension_uris.hpp"

namespace cosoup {
namespace {

struct LocalCodec {
  MediaKind kind;
  const char* mimeType;
  std::uint8_t payloadType;
  std::uint32_t clockRate;
  std::uint8_t channels;  // 0: not said
  const char* payloader;
  const char* depayloader;
  CodecParameters parameters;
};

LocalCodec h264(std::uint8_t payloadType, const char* profileLevelId, std::int64_t mode) {
  CodecParameters parameters = {{"level-asymmetry-allowed", std::int64_t{1}},
                                {"packetization-mode", mode},
                                {"profile-level-id", std::string(profileLevelId)}};
  return {MediaKind::video, "video/H264",   payloadType,          90000, 0,
          "rtph264pay",     "rtph264depay", std::move(parameters)};
}

const std::vector<LocalCodec>& knownCodecs() {
  static const std::vector<LocalCodec> codecs = {
      {MediaKind::audio,
       "audio/opus",
       111,
       48000,
       2,
       "rtpopuspay",
       "rtpopusdepay",
       {{"minptime", std::int64_t{10}}, {"useinbandfec", std::int64_t{1}}}},
      {MediaKind::audio, "audio/PCMU", 0, 8000, 0, "rtppcmupay", "rtppcmudepay", {}},
      {MediaKind::audio, "audio/PCMA", 8, 8000, 0, "rtppcmapay", "rtppcmadepay", {}},
      {MediaKind::video, "video/VP8", 96, 90000, 0, "rtpvp8pay", "rtpvp8depay", {}},
      {MediaKind::video,
       "video/VP9",
       98,
       90000,
       0,
       "rtpvp9pay",
       "rtpvp9depay",
       {{"profile-id", std::int64_t{0}}}},
      h264(102, "42e01f", 1),
      h264(104, "4d0032", 1),
      h264(106, "640032", 1),
      // Sending, a slice that is larger than a packet is fragmented even so: hardly an encoder
      // makes slices of a given size, and every receiver puts the fragments together.
      h264(108, "42e01f", 0),
      {MediaKind::video,
       "video/H265",
       112,
       90000,
       0,
       "rtph265pay",
       "rtph265depay",
       {{"profile-id", std::int64_t{1}}, {"tier-flag", std::int64_t{0}}}},
      {MediaKind::video,
       "video/AV1",
       114,
       90000,
       0,
       "rtpav1pay",
       "rtpav1depay",
       {{"profile", std::int64_t{0}}, {"tier", std::int64_t{0}}}},
  };
  return codecs;
}

bool isInstalled(const char* factory) {
  const auto found = Ref<GstElementFactory>::adopt(gst_element_factory_find(factory));
  return static_cast<bool>(found);
}

std::vector<RtcpFeedback> feedbackOf(const LocalCodec& known) {
  if (g_strcmp0(known.mimeType, "audio/opus") == 0) return {{"nack", ""}, {"transport-cc", ""}};
  if (known.kind == MediaKind::audio) return {{"transport-cc", ""}};
  return {{"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}, {"goog-remb", ""}, {"transport-cc", ""}};
}

void append(std::vector<RtpCodecCapability>& codecs, const LocalCodec& known) {
  RtpCodecCapability codec;
  codec.kind = known.kind;
  codec.mimeType = known.mimeType;
  codec.preferredPayloadType = known.payloadType;
  codec.clockRate = known.clockRate;
  if (known.channels > 0) codec.channels = known.channels;
  codec.parameters = known.parameters;
  codec.rtcpFeedback = feedbackOf(known);
  codecs.push_back(std::move(codec));
  if (known.kind == MediaKind::audio) return;
  RtpCodecCapability rtx;
  rtx.kind = known.kind;
  rtx.mimeType = "video/rtx";
  rtx.preferredPayloadType = static_cast<std::uint8_t>(known.payloadType + 1);
  rtx.clockRate = known.clockRate;
  rtx.parameters = {{"apt", std::int64_t{known.payloadType}}};
  codecs.push_back(std::move(rtx));
}

RtpCapabilities lookUp() {
  ensureGStreamer();
  RtpCapabilities capabilities;
  for (const LocalCodec& known : knownCodecs()) {
    if (isInstalled(known.payloader) && isInstalled(known.depayloader)) {
      append(capabilities.codecs, known);
    }
  }
  for (const MediaKind kind : {MediaKind::audio, MediaKind::video}) {
    const auto add = [&](const char* uri, std::uint8_t id) {
      RtpHeaderExtension extension;
      extension.kind = kind;
      extension.uri = uri;
      extension.preferredId = id;
      capabilities.headerExtensions.push_back(std::move(extension));
    };
    add(midExtensionUri, 1);
    if (kind == MediaKind::video) add(ridExtensionUri, 2);
    if (kind == MediaKind::audio) add(audioLevelExtensionUri, 6);
    add(absSendTimeExtensionUri, 4);
    add(transportCcExtensionUri, 5);
    if (kind == MediaKind::video) add(videoOrientationExtensionUri, 8);
    add(absCaptureTimeExtensionUri, 10);
    add(playoutDelayExtensionUri, 11);
  }
  return capabilities;
}

}  // namespace

RtpCapabilities localRtpCapabilities() {
  static const RtpCapabilities capabilities = lookUp();
  return capabilities;
}

}  // namespace cosoup
