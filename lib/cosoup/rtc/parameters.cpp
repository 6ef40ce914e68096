#include "cosoup/rtc/parameters.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace cosoup {
namespace {

// Bounds on what a server may make us keep; mediasoup's own values are far below.
constexpr std::size_t kMaxItems = 64;
constexpr std::size_t kMaxText = 256;
constexpr std::size_t kMaxParameterText = 4096;  // sprop-parameter-sets

[[noreturn]] void fail(std::string_view name, const char* reason) {
  throw Error(Error::Code::InvalidArgument, "'" + std::string(name) + "' " + reason);
}

bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Much of this text ends in a line of SDP, where a line break would begin a line of the server's
// choosing.
std::string checkedText(std::string text, std::string_view name, std::size_t most = kMaxText) {
  if (text.size() > most) fail(name, "is too long");
  if (std::any_of(text.begin(), text.end(), isControl)) fail(name, "holds control characters");
  return text;
}

std::string checkedToken(std::string text, std::string_view name) {
  if (text.empty()) fail(name, "is empty");
  if (text.find(' ') != std::string::npos) fail(name, "holds a blank");
  return checkedText(std::move(text), name);
}

std::string token(const Json& json, std::string_view key) {
  return checkedToken(json.get<std::string>(key), key);
}

std::optional<std::string> findToken(const Json& json, std::string_view key) {
  std::optional<std::string> text = json.find<std::string>(key);
  if (text) text = checkedToken(std::move(*text), key);
  return text;
}

std::optional<double> findNumber(const Json& json, std::string_view key, double low) {
  const std::optional<double> value = json.find<double>(key);
  if (value && !(std::isfinite(*value) && *value >= low)) fail(key, "is out of range");
  return value;
}

template <class T>
T integerFrom(const Json& json, std::string_view key, T low, T high) {
  const T value = json.get<T>(key);
  if (value < low || value > high) fail(key, "is out of range");
  return value;
}

std::optional<std::uint8_t> findPayloadType(const Json& json, std::string_view key) {
  if (!json.has(key)) return std::nullopt;
  return integerFrom<std::uint8_t>(json, key, 0, 127);
}

/// Reads each item and says in an error which one it was.
template <class Read>
auto readList(const Json& json, std::string_view key, Read read) {
  const std::vector<Json> items = json.list(key);
  if (items.size() > kMaxItems) fail(key, "has too many items");
  std::vector<decltype(read(items.front()))> result;
  result.reserve(items.size());
  for (const Json& item : items) {
    try {
      result.push_back(read(item));
    } catch (const Error& error) {
      throw error.within(std::string(key) + "[" + std::to_string(result.size()) + "]");
    }
  }
  return result;
}

template <class T>
T readMember(const Json& json, std::string_view key) {
  const Json member = json.get<Json>(key);
  try {
    return fromJson<T>(member);
  } catch (const Error& error) {
    throw error.within(std::string(key));
  }
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
  std::string text = checkedText(json.as<std::string>(key), key, kMaxParameterText);
  if (text.find(';') != std::string::npos) fail(key, "holds a semicolon");
  return text;
}

CodecParameters readParameters(const Json& json) {
  const Json parameters = json.getOr<Json>("parameters", Json::object());
  if (!parameters.isObject()) fail("parameters", "is not an object");
  const std::vector<std::string> keys = parameters.keys();
  if (keys.size() > kMaxItems) fail("parameters", "has too many members");
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

RtpHeaderExtensionDirection readDirection(const Json& json) {
  const std::string text = json.getOr<std::string>("direction", "sendrecv");
  if (text == "sendrecv") return RtpHeaderExtensionDirection::sendrecv;
  if (text == "sendonly") return RtpHeaderExtensionDirection::sendonly;
  if (text == "recvonly") return RtpHeaderExtensionDirection::recvonly;
  if (text == "inactive") return RtpHeaderExtensionDirection::inactive;
  fail("direction", "is none of sendrecv, sendonly, recvonly, inactive");
}

RtpHeaderExtension readHeaderExtension(const Json& json) {
  RtpHeaderExtension extension;
  if (json.has("kind")) extension.kind = readMember<MediaKind>(json, "kind");
  extension.uri = token(json, "uri");
  extension.preferredId = integerFrom<std::uint8_t>(json, "preferredId", 1, 255);
  extension.preferredEncrypt = json.getOr("preferredEncrypt", false);
  extension.direction = readDirection(json);
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

bool isFingerprint(const std::string& value) {
  if (value.size() < 2 || value.size() % 3 != 2) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool right =
        i % 3 == 2 ? value[i] == ':' : std::isxdigit(static_cast<unsigned char>(value[i]));
    if (!right) return false;
  }
  return true;
}

DtlsFingerprint readFingerprint(const Json& json) {
  DtlsFingerprint fingerprint{token(json, "algorithm"), token(json, "value")};
  if (!isFingerprint(fingerprint.value)) fail("value", "is no fingerprint");
  return fingerprint;
}

DtlsRole readRole(const Json& json) {
  const std::string text = json.getOr<std::string>("role", "auto");
  if (text == "auto") return DtlsRole::automatic;
  if (text == "client") return DtlsRole::client;
  if (text == "server") return DtlsRole::server;
  fail("role", "is none of auto, client, server");
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

template <>
IceParameters fromJson<IceParameters>(const Json& json) {
  return {token(json, "usernameFragment"), token(json, "password"), json.getOr("iceLite", false)};
}

template <>
IceCandidate fromJson<IceCandidate>(const Json& json) {
  IceCandidate candidate;
  candidate.foundation = token(json, "foundation");
  candidate.priority = json.get<std::uint32_t>("priority");
  candidate.address = token(json, json.has("address") ? "address" : "ip");
  candidate.protocol = token(json, "protocol");
  candidate.port = integerFrom<std::uint16_t>(json, "port", 1, 65535);
  candidate.type = findToken(json, "type").value_or("host");
  const bool isTcp = candidate.protocol == "tcp";
  if (!isTcp && candidate.protocol != "udp") fail("protocol", "is neither udp nor tcp");
  if (isTcp) candidate.tcpType = findToken(json, "tcpType").value_or("passive");
  return candidate;
}

template <>
DtlsParameters fromJson<DtlsParameters>(const Json& json) {
  DtlsParameters parameters;
  parameters.role = readRole(json);
  parameters.fingerprints = readList(json, "fingerprints", readFingerprint);
  if (parameters.fingerprints.empty()) fail("fingerprints", "is empty");
  return parameters;
}

template <>
SctpParameters fromJson<SctpParameters>(const Json& json) {
  SctpParameters parameters;
  parameters.port = integerFrom<std::uint16_t>(json, "port", 1, 65535);
  parameters.OS = integerFrom<std::uint16_t>(json, "OS", 1, 65535);
  parameters.MIS = integerFrom<std::uint16_t>(json, "MIS", 1, 65535);
  parameters.maxMessageSize = json.get<std::uint32_t>("maxMessageSize");
  return parameters;
}

template <>
SctpCapabilities fromJson<SctpCapabilities>(const Json& json) {
  const Json streams = json.get<Json>("numStreams");
  return {{integerFrom<std::uint16_t>(streams, "OS", 1, 65535),
           integerFrom<std::uint16_t>(streams, "MIS", 1, 65535)}};
}

template <>
SctpStreamParameters fromJson<SctpStreamParameters>(const Json& json) {
  SctpStreamParameters parameters;
  parameters.streamId = integerFrom<std::uint16_t>(json, "streamId", 0, 65534);  // RFC 8831, 6.6
  parameters.ordered = json.find<bool>("ordered");
  parameters.maxPacketLifeTime = json.find<std::uint16_t>("maxPacketLifeTime");
  parameters.maxRetransmits = json.find<std::uint16_t>("maxRetransmits");
  return parameters;
}

template <>
TransportParameters fromJson<TransportParameters>(const Json& json) {
  TransportParameters parameters;
  parameters.id = token(json, "id");
  parameters.iceParameters = readMember<IceParameters>(json, "iceParameters");
  parameters.iceCandidates = readList(json, "iceCandidates", fromJson<IceCandidate>);
  parameters.dtlsParameters = readMember<DtlsParameters>(json, "dtlsParameters");
  if (json.has("sctpParameters")) {
    parameters.sctpParameters = readMember<SctpParameters>(json, "sctpParameters");
  }
  return parameters;
}

}  // namespace cosoup
