#include "cosoup/media/local_capabilities.hpp"

#include <gst/gst.h>

#include "cosoup/gst/ref.hpp"
#include "cosoup/media/payloader.hpp"

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
      {MediaKind::video,
       "video/H264",
       102,
       90000,
       0,
       "rtph264pay",
       "rtph264depay",
       {{"level-asymmetry-allowed", std::int64_t{1}},
        {"packetization-mode", std::int64_t{1}},
        {"profile-level-id", std::string("42e01f")}}},
      {MediaKind::video,
       "video/H264",
       104,
       90000,
       0,
       "rtph264pay",
       "rtph264depay",
       {{"level-asymmetry-allowed", std::int64_t{1}},
        {"packetization-mode", std::int64_t{1}},
        {"profile-level-id", std::string("4d0032")}}},
  };
  return codecs;
}

bool isInstalled(const char* factory) {
  const auto found = Ref<GstElementFactory>::adopt(gst_element_factory_find(factory));
  return static_cast<bool>(found);
}

std::vector<RtcpFeedback> feedbackOf(MediaKind kind) {
  if (kind == MediaKind::audio) return {{"transport-cc", ""}};
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
  codec.rtcpFeedback = feedbackOf(known.kind);
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
    add(absSendTimeExtensionUri, 4);
    add(transportCcExtensionUri, 5);
  }
  return capabilities;
}

}  // namespace

RtpCapabilities localRtpCapabilities() {
  static const RtpCapabilities capabilities = lookUp();
  return capabilities;
}

}  // namespace cosoup
