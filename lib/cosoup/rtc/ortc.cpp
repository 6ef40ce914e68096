#include "cosoup/rtc/ortc.hpp"

#include <algorithm>

#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/rtc/h264_profile.hpp"
#include "cosoup/rtc/header_extension_uris.hpp"

namespace cosoup::ortc {
namespace {

constexpr char kTransportWideCcUri[] =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

std::vector<RtcpFeedback> commonFeedback(const RtpCodecCapability& a, const RtpCodecCapability& b) {
  std::vector<RtcpFeedback> result;
  std::copy_if(a.rtcpFeedback.begin(), a.rtcpFeedback.end(), std::back_inserter(result),
               [&](const RtcpFeedback& feedback) {
                 return std::find(b.rtcpFeedback.begin(), b.rtcpFeedback.end(), feedback) !=
                        b.rtcpFeedback.end();
               });
  return result;
}

void agreeOnH264Level(ExtendedCodec& codec) {
  if (!equalsIgnoringCase(codec.mimeType, "video/H264")) return;
  // Into both sides: with the level in one of them only, the answer contradicts what is signalled.
  if (const auto agreed = h264AnswerProfileLevelId(codec.localParameters, codec.remoteParameters)) {
    codec.localParameters["profile-level-id"] = *agreed;
    codec.remoteParameters["profile-level-id"] = *agreed;
  }
}

ExtendedCodec extend(const RtpCodecCapability& local, const RtpCodecCapability& remote) {
  ExtendedCodec codec;
  codec.kind = remote.kind;
  codec.mimeType = remote.mimeType;
  codec.clockRate = remote.clockRate;
  codec.channels = remote.channels;
  codec.localPayloadType = local.preferredPayloadType.value();
  codec.remotePayloadType = remote.preferredPayloadType.value();
  codec.localParameters = local.parameters;
  codec.remoteParameters = remote.parameters;
  codec.rtcpFeedback = commonFeedback(local, remote);
  agreeOnH264Level(codec);
  return codec;
}

std::vector<ExtendedCodec> extendCodecs(const RtpCapabilities& local, const RtpCapabilities& remote,
                                        bool preferLocalCodecsOrder) {
  const auto& leading = preferLocalCodecsOrder ? local.codecs : remote.codecs;
  const auto& following = preferLocalCodecsOrder ? remote.codecs : local.codecs;
  std::vector<ExtendedCodec> result;
  for (const RtpCodecCapability& codec : leading) {
    if (isRtxCodec(codec.mimeType)) continue;
    const auto match =
        std::find_if(following.begin(), following.end(),
                     [&](const RtpCodecCapability& other) { return matchCodecs(codec, other); });
    if (match == following.end()) continue;
    result.push_back(preferLocalCodecsOrder ? extend(codec, *match) : extend(*match, codec));
  }
  return result;
}

std::optional<std::uint8_t> rtxPayloadType(const RtpCapabilities& capabilities,
                                           std::uint8_t payloadType) {
  for (const RtpCodecCapability& codec : capabilities.codecs) {
    if (!isRtxCodec(codec.mimeType)) continue;
    if (parameterInteger(codec.parameters, "apt") == payloadType) return codec.preferredPayloadType;
  }
  return std::nullopt;
}

RtpHeaderExtensionDirection mirrored(RtpHeaderExtensionDirection direction) {
  switch (direction) {
    case RtpHeaderExtensionDirection::sendonly:
      return RtpHeaderExtensionDirection::recvonly;
    case RtpHeaderExtensionDirection::recvonly:
      return RtpHeaderExtensionDirection::sendonly;
    default:
      return direction;
  }
}

bool isSameExtension(const RtpHeaderExtension& a, const RtpHeaderExtension& b) {
  const bool kindsMeet = !a.kind || !b.kind || *a.kind == *b.kind;
  return kindsMeet && a.uri == b.uri;
}

std::vector<ExtendedHeaderExtension> extendHeaderExtensions(const RtpCapabilities& local,
                                                            const RtpCapabilities& remote) {
  std::vector<ExtendedHeaderExtension> result;
  for (const RtpHeaderExtension& theirs : remote.headerExtensions) {
    const auto ours = std::find_if(
        local.headerExtensions.begin(), local.headerExtensions.end(),
        [&](const RtpHeaderExtension& extension) { return isSameExtension(extension, theirs); });
    if (ours == local.headerExtensions.end()) continue;
    result.push_back({theirs.kind ? theirs.kind : ours->kind, theirs.uri, ours->preferredId,
                      theirs.preferredId, ours->preferredEncrypt, mirrored(theirs.direction)});
  }
  return result;
}

bool canSendExtension(const ExtendedHeaderExtension& extension) {
  return extension.direction == RtpHeaderExtensionDirection::sendrecv ||
         extension.direction == RtpHeaderExtensionDirection::sendonly;
}

bool canReceiveExtension(const ExtendedHeaderExtension& extension) {
  return extension.direction == RtpHeaderExtensionDirection::sendrecv ||
         extension.direction == RtpHeaderExtensionDirection::recvonly;
}

std::string rtxMimeType(MediaKind kind) { return toString(kind) + "/rtx"; }

CodecParameters rtxParameters(std::uint8_t payloadType) {
  return {{"apt", std::int64_t{payloadType}}};
}

enum class Side { local, remote };

RtpCapabilities capabilitiesOf(const ExtendedRtpCapabilities& extended, Side payloadTypes,
                               bool (*isUsable)(const ExtendedHeaderExtension&)) {
  RtpCapabilities result;
  const bool isLocal = payloadTypes == Side::local;
  for (const ExtendedCodec& codec : extended.codecs) {
    const std::uint8_t payloadType = isLocal ? codec.localPayloadType : codec.remotePayloadType;
    result.codecs.push_back({codec.kind, codec.mimeType, payloadType, codec.clockRate,
                             codec.channels, codec.localParameters, codec.rtcpFeedback});
    const auto& rtx = isLocal ? codec.localRtxPayloadType : codec.remoteRtxPayloadType;
    if (!rtx) continue;
    result.codecs.push_back({codec.kind,
                             rtxMimeType(codec.kind),
                             rtx,
                             codec.clockRate,
                             {},
                             rtxParameters(payloadType),
                             {}});
  }
  for (const ExtendedHeaderExtension& extension : extended.headerExtensions) {
    if (!isUsable(extension)) continue;
    result.headerExtensions.push_back({extension.kind, extension.uri,
                                       isLocal ? extension.sendId : extension.recvId,
                                       extension.encrypt, extension.direction});
  }
  return result;
}

// Payload types and extension ids are ours in both views: the router adapts to the sender.
RtpParameters sendingParametersOf(MediaKind kind, const ExtendedRtpCapabilities& extended,
                                  Side codecParameters) {
  RtpParameters result;
  for (const ExtendedCodec& codec : extended.codecs) {
    if (codec.kind != kind) continue;
    const bool isLocal = codecParameters == Side::local;
    result.codecs.push_back(
        {codec.mimeType, codec.localPayloadType, codec.clockRate, codec.channels,
         isLocal ? codec.localParameters : codec.remoteParameters, codec.rtcpFeedback});
    if (!codec.localRtxPayloadType) continue;
    result.codecs.push_back({rtxMimeType(kind),
                             *codec.localRtxPayloadType,
                             codec.clockRate,
                             {},
                             rtxParameters(codec.localPayloadType),
                             {}});
  }
  for (const ExtendedHeaderExtension& extension : extended.headerExtensions) {
    if ((extension.kind && *extension.kind != kind) || !canSendExtension(extension)) continue;
    result.headerExtensions.push_back({extension.uri, extension.sendId, extension.encrypt, {}});
  }
  return result;
}

bool hasExtension(const RtpParameters& parameters, std::string_view uri) {
  return std::any_of(parameters.headerExtensions.begin(), parameters.headerExtensions.end(),
                     [&](const auto& extension) { return extension.uri == uri; });
}

void removeFeedback(RtpParameters& parameters, std::string_view type) {
  for (RtpCodecParameters& codec : parameters.codecs) {
    std::erase_if(codec.rtcpFeedback, [&](const auto& feedback) { return feedback.type == type; });
  }
}

}  // namespace

ExtendedRtpCapabilities getExtendedRtpCapabilities(const RtpCapabilities& local,
                                                   const RtpCapabilities& remote,
                                                   bool preferLocalCodecsOrder) {
  validateRtpCapabilities(local);
  validateRtpCapabilities(remote);
  ExtendedRtpCapabilities extended;
  extended.codecs = extendCodecs(local, remote, preferLocalCodecsOrder);
  for (ExtendedCodec& codec : extended.codecs) {
    const auto ours = rtxPayloadType(local, codec.localPayloadType);
    const auto theirs = rtxPayloadType(remote, codec.remotePayloadType);
    if (!ours || !theirs) continue;
    codec.localRtxPayloadType = ours;
    codec.remoteRtxPayloadType = theirs;
  }
  extended.headerExtensions = extendHeaderExtensions(local, remote);
  return extended;
}

RtpCapabilities receiveRtpCapabilities(const ExtendedRtpCapabilities& extended) {
  return capabilitiesOf(extended, Side::remote, canReceiveExtension);
}

RtpCapabilities sendRtpCapabilities(const ExtendedRtpCapabilities& extended) {
  return capabilitiesOf(extended, Side::local, canSendExtension);
}

RtpParameters sendingRtpParameters(MediaKind kind, const ExtendedRtpCapabilities& extended) {
  return sendingParametersOf(kind, extended, Side::local);
}

RtpParameters sendingRemoteRtpParameters(MediaKind kind, const ExtendedRtpCapabilities& extended) {
  RtpParameters result = sendingParametersOf(kind, extended, Side::remote);
  // One estimator at most, and none whose packets could not carry what it needs.
  if (hasExtension(result, kTransportWideCcUri)) {
    removeFeedback(result, "goog-remb");
  } else if (hasExtension(result, absSendTimeExtensionUri)) {
    removeFeedback(result, "transport-cc");
  } else {
    removeFeedback(result, "goog-remb");
    removeFeedback(result, "transport-cc");
  }
  return result;
}

std::vector<RtpCodecParameters> reduceCodecs(const std::vector<RtpCodecParameters>& codecs,
                                             const std::optional<RtpCodecCapability>& wanted) {
  const auto media = std::find_if(codecs.begin(), codecs.end(), [&](const auto& codec) {
    return !isRtxCodec(codec.mimeType) && (!wanted || matchCodecs(codec, *wanted));
  });
  if (media == codecs.end()) {
    throw Error(Error::Code::Unsupported,
                wanted ? "no codec matches '" + wanted->mimeType + "'" : "no codec");
  }
  std::vector<RtpCodecParameters> result = {*media};
  const auto next = media + 1;
  if (next != codecs.end() && isRtxCodec(next->mimeType)) result.push_back(*next);
  return result;
}

bool canSend(MediaKind kind, const ExtendedRtpCapabilities& extended) {
  return std::any_of(extended.codecs.begin(), extended.codecs.end(),
                     [&](const ExtendedCodec& codec) { return codec.kind == kind; });
}

bool canReceive(const RtpParameters& parameters, const ExtendedRtpCapabilities& extended) {
  if (parameters.codecs.empty()) return false;
  const RtpCodecParameters& first = parameters.codecs.front();
  return std::any_of(extended.codecs.begin(), extended.codecs.end(),
                     [&](const ExtendedCodec& codec) {
                       return codec.remotePayloadType == first.payloadType &&
                              equalsIgnoringCase(codec.mimeType, first.mimeType);
                     });
}

bool hasNack(const RtpCodecParameters& codec) {
  const auto& feedback = codec.rtcpFeedback;
  return std::find(feedback.begin(), feedback.end(), RtcpFeedback{"nack", ""}) != feedback.end();
}

bool namesSsrc(const RtpParameters& parameters, std::uint32_t ssrc) {
  return std::any_of(parameters.encodings.begin(), parameters.encodings.end(),
                     [&](const RtpEncodingParameters& encoding) {
                       return encoding.ssrc == ssrc || encoding.rtxSsrc == ssrc;
                     });
}

RtpParameters probatorRtpParameters(const RtpParameters& video) {
  if (video.codecs.empty()) {
    throw Error(Error::Code::InvalidArgument, "probator: the video stream has no codec");
  }
  RtpParameters probator;
  probator.mid = "probator";
  probator.codecs = {video.codecs.front()};
  probator.codecs.front().payloadType = 127;
  probator.headerExtensions = video.headerExtensions;
  probator.encodings.resize(1);
  probator.encodings.front().ssrc = 1234;
  probator.rtcp.cname = "probator";
  return probator;
}

}  // namespace cosoup::ortc
