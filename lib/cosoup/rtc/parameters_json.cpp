// The writing half of parameters.hpp.
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {
namespace {

template <class T, class Write>
Json writeList(const std::vector<T>& items, Write write) {
  Json result = Json::array();
  for (const T& item : items) result.push(write(item));
  return result;
}

Json writeParameters(const CodecParameters& parameters) {
  Json result = Json::object();
  for (const auto& [key, value] : parameters) {
    result.set(key, std::visit([](const auto& plain) { return Json(plain); }, value));
  }
  return result;
}

Json writeFeedback(const RtcpFeedback& feedback) {
  return Json::object({{"type", feedback.type}, {"parameter", feedback.parameter}});
}

std::string writeDirection(RtpHeaderExtensionDirection direction) {
  switch (direction) {
    case RtpHeaderExtensionDirection::sendonly:
      return "sendonly";
    case RtpHeaderExtensionDirection::recvonly:
      return "recvonly";
    case RtpHeaderExtensionDirection::inactive:
      return "inactive";
    case RtpHeaderExtensionDirection::sendrecv:
      break;
  }
  return "sendrecv";
}

std::string writeRole(DtlsRole role) {
  if (role == DtlsRole::client) return "client";
  if (role == DtlsRole::server) return "server";
  return "auto";
}

// What capabilities and parameters of a codec have in common.
template <class Codec>
Json writeCodec(const Codec& codec) {
  Json json = Json::object({{"mimeType", codec.mimeType}, {"clockRate", codec.clockRate}});
  json.set("channels", codec.channels);
  json.set("parameters", writeParameters(codec.parameters));
  json.set("rtcpFeedback", writeList(codec.rtcpFeedback, writeFeedback));
  return json;
}

Json writeCodecCapability(const RtpCodecCapability& codec) {
  Json json = writeCodec(codec);
  json.set("kind", toJson(codec.kind));
  json.set("preferredPayloadType", codec.preferredPayloadType);
  return json;
}

Json writeCodecParameters(const RtpCodecParameters& codec) {
  Json json = writeCodec(codec);
  json.set("payloadType", codec.payloadType);
  return json;
}

Json writeHeaderExtension(const RtpHeaderExtension& extension) {
  Json json = Json::object({{"uri", extension.uri},
                            {"preferredId", extension.preferredId},
                            {"preferredEncrypt", extension.preferredEncrypt},
                            {"direction", writeDirection(extension.direction)}});
  if (extension.kind) json.set("kind", toJson(*extension.kind));
  return json;
}

Json writeHeaderExtensionParameters(const RtpHeaderExtensionParameters& extension) {
  return Json::object({{"uri", extension.uri},
                       {"id", extension.id},
                       {"encrypt", extension.encrypt},
                       {"parameters", writeParameters(extension.parameters)}});
}

Json writeRtcp(const RtcpParameters& rtcp) {
  Json json = Json::object({{"cname", rtcp.cname}, {"reducedSize", rtcp.reducedSize}});
  json.set("mux", rtcp.mux);
  return json;
}

Json writeFingerprint(const DtlsFingerprint& fingerprint) {
  return Json::object({{"algorithm", fingerprint.algorithm}, {"value", fingerprint.value}});
}

}  // namespace

Json toJson(MediaKind kind) { return Json(toString(kind)); }

Json toJson(const RtpCapabilities& capabilities) {
  return Json::object(
      {{"codecs", writeList(capabilities.codecs, writeCodecCapability)},
       {"headerExtensions", writeList(capabilities.headerExtensions, writeHeaderExtension)}});
}

Json toJson(const RtpParameters& parameters) {
  Json json = Json::object();
  json.set("mid", parameters.mid);
  json.set("codecs", writeList(parameters.codecs, writeCodecParameters));
  json.set("headerExtensions",
           writeList(parameters.headerExtensions, writeHeaderExtensionParameters));
  json.set("encodings", writeList(parameters.encodings, [](const RtpEncodingParameters& encoding) {
             return toJson(encoding);
           }));
  json.set("rtcp", writeRtcp(parameters.rtcp));
  json.set("msid", parameters.msid);
  return json;
}

Json toJson(const RtpEncodingParameters& encoding) {
  Json json = Json::object();
  json.set("ssrc", encoding.ssrc);
  json.set("rid", encoding.rid);
  json.set("codecPayloadType", encoding.codecPayloadType);
  if (encoding.rtxSsrc) json.set("rtx", Json::object({{"ssrc", *encoding.rtxSsrc}}));
  json.set("dtx", encoding.dtx);
  json.set("scalabilityMode", encoding.scalabilityMode);
  json.set("scaleResolutionDownBy", encoding.scaleResolutionDownBy);
  json.set("maxBitrate", encoding.maxBitrate);
  json.set("maxFramerate", encoding.maxFramerate);
  json.set("active", encoding.active);
  json.set("adaptivePtime", encoding.adaptivePtime);
  json.set("priority", encoding.priority);
  json.set("networkPriority", encoding.networkPriority);
  return json;
}

Json toJson(const IceParameters& parameters) {
  return Json::object({{"usernameFragment", parameters.usernameFragment},
                       {"password", parameters.password},
                       {"iceLite", parameters.iceLite}});
}

Json toJson(const IceCandidate& candidate) {
  // Under both names, since older readers know only `ip`.
  Json json = Json::object({{"foundation", candidate.foundation},
                            {"priority", candidate.priority},
                            {"ip", candidate.address},
                            {"address", candidate.address},
                            {"protocol", candidate.protocol},
                            {"port", candidate.port},
                            {"type", candidate.type}});
  if (!candidate.tcpType.empty()) json.set("tcpType", candidate.tcpType);
  return json;
}

Json toJson(const DtlsParameters& parameters) {
  return Json::object({{"role", writeRole(parameters.role)},
                       {"fingerprints", writeList(parameters.fingerprints, writeFingerprint)}});
}

Json toJson(const SctpParameters& parameters) {
  Json json = Json::object({{"port", parameters.port}});
  json.set("OS", parameters.OS);
  json.set("MIS", parameters.MIS);
  json.set("maxMessageSize", parameters.maxMessageSize);
  json.set("maxSendMessageSize", parameters.maxSendMessageSize);
  json.set("maxReceiveMessageSize", parameters.maxReceiveMessageSize);
  json.set("sendBufferSize", parameters.sendBufferSize);
  json.set("perStreamSendQueueLimit", parameters.perStreamSendQueueLimit);
  json.set("maxReceiverWindowBufferSize", parameters.maxReceiverWindowBufferSize);
  json.set("isDataChannel", parameters.isDataChannel);
  return json;
}

Json toJson(const SctpCapabilities& capabilities) {
  return Json::object({{"numStreams", Json::object({{"OS", capabilities.numStreams.OS},
                                                    {"MIS", capabilities.numStreams.MIS}})}});
}

Json toJson(const SctpStreamParameters& parameters) {
  Json json = Json::object({{"streamId", parameters.streamId}});
  json.set("ordered", parameters.ordered);
  json.set("maxPacketLifeTime", parameters.maxPacketLifeTime);
  json.set("maxRetransmits", parameters.maxRetransmits);
  return json;
}

Json toJson(const TransportParameters& parameters) {
  Json json = Json::object();
  json.set("id", parameters.id);
  json.set("iceParameters", toJson(parameters.iceParameters));
  json.set("iceCandidates", writeList(parameters.iceCandidates, [](const IceCandidate& candidate) {
             return toJson(candidate);
           }));
  json.set("dtlsParameters", toJson(parameters.dtlsParameters));
  if (parameters.sctpParameters) json.set("sctpParameters", toJson(*parameters.sctpParameters));
  return json;
}

}  // namespace cosoup
