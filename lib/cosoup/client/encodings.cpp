#include "cosoup/client/encodings.hpp"

#include <algorithm>
#include <cmath>

#include "cosoup/core/error.hpp"
#include "cosoup/rtc/scalability_mode.hpp"

namespace cosoup {
namespace {

constexpr std::size_t kMostEncodings = 8;
constexpr std::uint32_t kVideoBitrate = 1'000'000;
constexpr std::uint32_t kLeastLayerBitrate = 100'000;
constexpr std::uint32_t kAudioBitrate = 48'000;
constexpr std::uint32_t kMinBitrate = 30'000;  // libwebrtc's, too

[[noreturn]] void refuse(const std::string& what) {
  throw Error(Error::Code::InvalidArgument, "encoding: " + what);
}

void check(const RtpEncodingParameters& encoding) {
  const double scale = encoding.scaleResolutionDownBy.value_or(1);
  if (!std::isfinite(scale) || scale < 1) refuse("scaleResolutionDownBy is below 1");
  const double rate = encoding.maxFramerate.value_or(0);
  if (!std::isfinite(rate) || rate < 0) refuse("maxFramerate is negative");
}

void scaleLayers(std::vector<RtpEncodingParameters>& encodings) {
  const bool said = std::any_of(encodings.begin(), encodings.end(), [](const auto& encoding) {
    return encoding.scaleResolutionDownBy.has_value();
  });
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    if (said && encodings[i].scaleResolutionDownBy) continue;
    const auto halvings = static_cast<int>(encodings.size() - 1 - i);
    encodings[i].scaleResolutionDownBy = said ? 1 : std::ldexp(1.0, halvings);
  }
}

void shareScalabilityMode(std::vector<RtpEncodingParameters>& encodings) {
  unsigned layers = 1;
  for (const RtpEncodingParameters& encoding : encodings) {
    const std::string mode = encoding.scalabilityMode.value_or("");
    layers = std::max(layers, parseScalabilityMode(mode).temporalLayers);
  }
  for (RtpEncodingParameters& encoding : encodings) {
    encoding.scalabilityMode = "L1T" + std::to_string(layers);
  }
}

// Pixels need fewer bits the more there are of them.
std::uint32_t usualVideoBitrate(double scale) {
  const auto scaled = static_cast<std::uint32_t>(kVideoBitrate / std::pow(scale, 1.5));
  return std::max(scaled, kLeastLayerBitrate);
}

std::uint32_t fromKilobits(std::uint32_t kilobits) {
  return kilobits > UINT32_MAX / 1000 ? UINT32_MAX : kilobits * 1000;
}

// 0: no limit.
std::uint32_t least(std::uint32_t a, std::uint32_t b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

}  // namespace

std::vector<RtpEncodingParameters> completeEncodings(MediaKind kind,
                                                     std::vector<RtpEncodingParameters> wanted) {
  if (wanted.empty()) wanted.emplace_back();
  if (wanted.size() > kMostEncodings) refuse("more than 8 of them");
  for (RtpEncodingParameters& encoding : wanted) {
    check(encoding);
    encoding.ssrc.reset();
    encoding.rtxSsrc.reset();
    encoding.codecPayloadType.reset();
    encoding.rid.reset();
  }
  if (wanted.size() == 1) return wanted;
  if (kind == MediaKind::audio) {
    throw Error(Error::Code::Unsupported, "encoding: audio has only one");
  }
  scaleLayers(wanted);
  shareScalabilityMode(wanted);
  for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i].rid = "r" + std::to_string(i);
  return wanted;
}

RtpEncodingParameters changedEncoding(RtpEncodingParameters encoding,
                                      const RtpEncodingParameters& change) {
  check(change);
  if (change.maxBitrate) encoding.maxBitrate = change.maxBitrate;
  if (change.maxFramerate) encoding.maxFramerate = change.maxFramerate;
  if (change.scaleResolutionDownBy) encoding.scaleResolutionDownBy = change.scaleResolutionDownBy;
  if (change.active) encoding.active = change.active;
  return encoding;
}

BitrateRange bitrateRange(MediaKind kind, const RtpEncodingParameters& encoding,
                          const ProducerCodecOptions& options) {
  const bool video = kind == MediaKind::video;
  const std::uint32_t option = video ? fromKilobits(options.videoGoogleMaxBitrate.value_or(0))
                                     : options.opusMaxAverageBitrate.value_or(0);
  BitrateRange range;
  range.max = least(encoding.maxBitrate.value_or(0), option);
  const std::uint32_t start = video ? fromKilobits(options.videoGoogleStartBitrate.value_or(0)) : 0;
  if (range.max == 0) {
    const double scale = encoding.scaleResolutionDownBy.value_or(1);
    range.max = std::max(start, video ? usualVideoBitrate(scale) : kAudioBitrate);
  }
  const std::uint32_t min = video ? fromKilobits(options.videoGoogleMinBitrate.value_or(0)) : 0;
  range.min = std::min(min > 0 ? min : kMinBitrate, range.max);
  range.start = std::clamp(start > 0 ? start : range.max, range.min, range.max);
  return range;
}

EncoderSettings encoderSettings(MediaKind kind, const RtpEncodingParameters& encoding,
                                const ProducerCodecOptions& options) {
  EncoderSettings settings;
  settings.bitrate = bitrateRange(kind, encoding, options).start;
  if (kind == MediaKind::video) {
    settings.maxFramerate = encoding.maxFramerate.value_or(0);
    settings.scaleResolutionDownBy = encoding.scaleResolutionDownBy.value_or(1);
    return settings;
  }
  settings.stereo = options.opusStereo.value_or(settings.stereo);
  settings.fec = options.opusFec.value_or(settings.fec);
  settings.dtx = options.opusDtx.value_or(settings.dtx);
  settings.cbr = options.opusCbr.value_or(settings.cbr);
  settings.ptime = static_cast<int>(options.opusPtime.value_or(settings.ptime));
  settings.maxPlaybackRate = options.opusMaxPlaybackRate.value_or(0);
  return settings;
}

}  // namespace cosoup
