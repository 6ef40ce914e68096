#include "cosoup/webrtc/stream_description.hpp"

#include "cosoup/core/taken.hpp"
#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/rtc/ortc.hpp"

namespace cosoup {
namespace {

void setText(GstStructure* fields, const std::string& name, const std::string& value) {
  gst_structure_set(fields, name.c_str(), G_TYPE_STRING, value.c_str(), nullptr);
}

/// As gst-sdp makes them of an SDP.
Ref<GstCaps> rtpCaps(const RtpCodecParameters& codec, std::uint32_t ssrc) {
  const auto slash = codec.mimeType.find('/');
  GstStructure* fields =
      gst_structure_new("application/x-rtp", "payload", G_TYPE_INT,
                        static_cast<gint>(codec.payloadType), "clock-rate", G_TYPE_INT,
                        static_cast<gint>(codec.clockRate), "ssrc", G_TYPE_UINT, ssrc, nullptr);
  setText(fields, "media", codec.mimeType.substr(0, slash));
  const std::string name = codec.mimeType.substr(slash == std::string::npos ? 0 : slash + 1);
  setText(fields, "encoding-name", taken(g_ascii_strup(name.c_str(), -1)));
  if (codec.channels) setText(fields, "encoding-params", std::to_string(*codec.channels));
  for (const auto& [key, value] : codec.parameters) {
    if (!gst_structure_has_field(fields, key.c_str())) {
      setText(fields, key, *ortc::parameterText(codec.parameters, key));
    }
  }
  return Ref<GstCaps>::adopt(gst_caps_new_full(fields, nullptr));
}

}  // namespace

StreamDescription::StreamDescription(const RtpCodecParameters& codec, std::uint32_t ssrc_)
    : ssrc(ssrc_),
      payloadType(codec.payloadType),
      mimeType(codec.mimeType),
      clockRate(codec.clockRate),
      nack(ortc::hasNack(codec)),
      caps(rtpCaps(codec, ssrc_)) {}

bool StreamDescription::isVideo() const {
  return g_ascii_strncasecmp(mimeType.c_str(), "video/", 6) == 0;
}

}  // namespace cosoup
