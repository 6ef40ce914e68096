#include "cosoup/rtc/codec_options.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "cosoup/rtc/codec_match.hpp"

namespace cosoup {
namespace {

template <class T>
void write(CodecParameters& parameters, const char* key, const std::optional<T>& value) {
  if (value) parameters[key] = static_cast<std::int64_t>(*value);
}

bool isOpus(std::string_view mimeType) {
  return ortc::equalsIgnoringCase(mimeType, "audio/opus") ||
         ortc::equalsIgnoringCase(mimeType, "audio/multiopus");
}

bool isVideoWithBitrates(std::string_view mimeType) {
  constexpr std::array<std::string_view, 5> kMimeTypes = {"video/VP8", "video/VP9", "video/H264",
                                                          "video/H265", "video/AV1"};
  return std::any_of(kMimeTypes.begin(), kMimeTypes.end(), [&](std::string_view known) {
    return ortc::equalsIgnoringCase(mimeType, known);
  });
}

// What both views say alike.
void writeOpus(RtpCodecParameters& codec, const ProducerCodecOptions& options) {
  write(codec.parameters, "useinbandfec", options.opusFec);
  write(codec.parameters, "usedtx", options.opusDtx);
  write(codec.parameters, "cbr", options.opusCbr);
  write(codec.parameters, "ptime", options.opusPtime);
  if (options.opusNack.value_or(false)) return;
  std::erase(codec.rtcpFeedback, RtcpFeedback{"nack", ""});
}

}  // namespace

void applyCodecOptions(RtpParameters& local, RtpParameters& remote,
                       const ProducerCodecOptions& options) {
  for (RtpCodecParameters& codec : local.codecs) {
    if (!isOpus(codec.mimeType)) continue;
    write(codec.parameters, "sprop-stereo", options.opusStereo);
    writeOpus(codec, options);
  }
  for (RtpCodecParameters& codec : remote.codecs) {
    if (isOpus(codec.mimeType)) {
      write(codec.parameters, "stereo", options.opusStereo);
      write(codec.parameters, "maxplaybackrate", options.opusMaxPlaybackRate);
      write(codec.parameters, "maxaveragebitrate", options.opusMaxAverageBitrate);
      writeOpus(codec, options);
    } else if (isVideoWithBitrates(codec.mimeType)) {
      write(codec.parameters, "x-google-start-bitrate", options.videoGoogleStartBitrate);
      write(codec.parameters, "x-google-max-bitrate", options.videoGoogleMaxBitrate);
      write(codec.parameters, "x-google-min-bitrate", options.videoGoogleMinBitrate);
    }
  }
}

}  // namespace cosoup
