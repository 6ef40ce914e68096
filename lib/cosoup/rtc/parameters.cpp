#include "cosoup/rtc/parameters.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "cosoup/rtc/json_fields.hpp"

namespace cosoup {
namespace {

using namespace fields;

std::optional<std::uint8_t> findPayloadType(const Json& json, std::string_view key) {
  if (!json.has(key)) return std::nullopt;
  return integerFrom<std::uint8_t>(json, key, 0, 127);
}

std::string readMimeType(const Json& json) {
  const std::string mimeType = token(json, "mimeType");
  const std::size_t slash = mimeType.find('/');
  if (slash == std::string::npos || slash + 1 == mimeType.size()) {
    fail("mimeType", "is not of the form kind/name");
  }
  return mimeType;
}

std::optional<MediaKind> kindOfMimeType(std::string mimeType) {
  std::transform(mimeType.begin(), mimeType.end(), mimeType.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (mimeType.rfind("audio/", 0) == 0) return MediaKind::audio;
  if (mimeType.rfind("video/", 0) == 0) return MediaKind::video;
  return std::nullopt;
}

ParameterValue readParameter(const Json& json, std::string_view key) {
  if (json.isInteger()) return json.as<std::int64_t>(key);
  if (json.isBool()) return std::int64_t{json.as<bool>(key)};  // as fmtp lines write it
  if (json.isNumber()) {
    const double value = json.as<double>(key);
    if (!std::isfinite(value)) fail(key, "is out of range");
    return value;
  }
  std::string text = checkedText(json.as<std::string>(key), key, limits::codecParameterBytes);
  if (text.find(';') != std::string::npos) fail(key, "holds a semicolon");
  return text;
}

CodecParameters readParameters(const Json& json) {
  const Json parameters = json.getOr<Json>("parameters", Json::object());
  if (!parameters.isObject()) fail("parameters", "is not an object");
  const std::vector<std::string> keys = parameters.keys();
  if (keys.size() > limits::parameterItems) fail("parameters", "has too many members");
  CodecParameters result;
  for (const std::string& key : keys) {
    if (!parameters.has(key)) continue;  // null
    if (checkedToken(key, "parameters").find_first_of(";=") != std::string::npos) {
      fail(key, "is no name of a parameter");
    }
    result[key] = readParameter(parameters.get<Json>(key), key);
  }
  return result;
}

RtcpFeedback readFeedback(const Json& json) {
  return {token(json, "type"), checkedText(json.getOr<std::string>("parameter", ""), "parameter")};
}

// What capabilities and parameters of a codec have in common.
template <class Codec>
void readCodec(const Json& json, bool isAudio, Codec& codec) {
  codec.clockRate = integerFrom<std::uint32_t>(json, "clockRate", 1, UINT32_MAX);
  if (isAudio && json.has("channels")) {
    codec.channels = integerFrom<std::uint8_t>(json, "channels", 1, 255);
  }
  codec.parameters = readParameters(json);
  codec.rtcpFeedback = readList(json, "rtcpFeedback", readFeedback);
}

RtpCodecCapability readCodecCapability(const Json& json) {
  RtpCodecCapability codec;
  codec.mimeType = readMimeType(json);
  const std::optional<MediaKind> kind =
      json.has("kind") ? readMember<MediaKind>(json, "kind") : kindOfMimeType(codec.mimeType);
  if (!kind) fail("mimeType", "is neither audio nor video");
  codec.kind = *kind;
  codec.preferredPayloadType = findPayloadType(json, "preferredPayloadType");
  readCodec(json, codec.kind == MediaKind::audio, codec);
  return codec;
}

RtpCodecParameters readCodecParameters(const Json& json) {
  RtpCodecParameters codec;
  codec.mimeType = readMimeType(json);
  const std::optional<MediaKind> kind = kindOfMimeType(codec.mimeType);
  if (!kind) fail("mimeType", "is neither audio nor video");
  codec.payloadType = integerFrom<std::uint8_t>(json, "payloadType", 0, 127);
  readCodec(json, kind == MediaKind::audio, codec);
  return codec;
}

RtpHeaderExtension readHeaderExtension(const Json& json) {
  RtpHeaderExtension extension;
  if (json.has("kind")) extension.kind = readMember<MediaKind>(json, "kind");
  extension.uri = token(json, "uri");
  extension.preferredId = integerFrom<std::uint8_t>(json, "preferredId", 1, 255);
  extension.preferredEncrypt = json.getOr("preferredEncrypt", false);
  extension.direction = readChoice(json, "direction", RtpHeaderExtensionDirection::sendrecv,
                                   {{"sendrecv", RtpHeaderExtensionDirection::sendrecv},
                                    {"sendonly", RtpHeaderExtensionDirection::sendonly},
                                    {"recvonly", RtpHeaderExtensionDirection::recvonly},
                                    {"inactive", RtpHeaderExtensionDirection::inactive}});
  return extension;
}

RtpHeaderExtensionParameters readHeaderExtensionParameters(const Json& json) {
  RtpHeaderExtensionParameters extension;
  extension.uri = token(json, "uri");
  extension.id = integerFrom<std::uint8_t>(json, "id", 1, 255);
  extension.encrypt = json.getOr("encrypt", false);
  extension.parameters = readParameters(json);
  return extension;
}

RtcpParameters readRtcp(const Json& json) {
  RtcpParameters rtcp;
  if (!json.has("rtcp")) return rtcp;
  const Json member = json.get<Json>("rtcp");
  rtcp.cname = checkedText(member.getOr<std::string>("cname", ""), "cname");
  rtcp.reducedSize = member.getOr("reducedSize", true);
  rtcp.mux = member.find<bool>("mux");
  return rtcp;
}

}  // namespace

std::string toString(MediaKind kind) { return kind == MediaKind::audio ? "audio" : "video"; }

template <>
MediaKind fromJson<MediaKind>(const Json& json) {
  const std::string text = json.as<std::string>("kind");
  if (text == "audio") return MediaKind::audio;
  if (text == "video") return MediaKind::video;
  fail("kind", "is neither audio nor video");
}

template <>
RtpCapabilities fromJson<RtpCapabilities>(const Json& json) {
  RtpCapabilities capabilities;
  capabilities.codecs = readList(json, "codecs", readCodecCapability);
  capabilities.headerExtensions = readList(json, "headerExtensions", readHeaderExtension);
  return capabilities;
}

template <>
RtpParameters fromJson<RtpParameters>(const Json& json) {
  RtpParameters parameters;
  parameters.mid = findToken(json, "mid");
  parameters.codecs = readList(json, "codecs", readCodecParameters);
  parameters.headerExtensions = readList(json, "headerExtensions", readHeaderExtensionParameters);
  parameters.encodings = readList(json, "encodings", fromJson<RtpEncodingParameters>);
  parameters.rtcp = readRtcp(json);
  if (const auto msid = json.find<std::string>("msid")) {
    parameters.msid = checkedText(*msid, "msid");
  }
  return parameters;
}

template <>
RtpEncodingParameters fromJson<RtpEncodingParameters>(const Json& json) {
  RtpEncodingParameters encoding;
  encoding.ssrc = json.find<std::uint32_t>("ssrc");
  encoding.rid = findToken(json, "rid");
  encoding.codecPayloadType = findPayloadType(json, "codecPayloadType");
  if (json.has("rtx")) encoding.rtxSsrc = json.get<Json>("rtx").get<std::uint32_t>("ssrc");
  encoding.dtx = json.find<bool>("dtx");
  encoding.scalabilityMode = findToken(json, "scalabilityMode");
  encoding.scaleResolutionDownBy = findNumber(json, "scaleResolutionDownBy", 1);
  encoding.maxBitrate = json.find<std::uint32_t>("maxBitrate");
  encoding.maxFramerate = findNumber(json, "maxFramerate", 0);
  encoding.active = json.find<bool>("active");
  encoding.adaptivePtime = json.find<bool>("adaptivePtime");
  encoding.priority = findToken(json, "priority");
  encoding.networkPriority = findToken(json, "networkPriority");
  return encoding;
}

}  // namespace cosoup
