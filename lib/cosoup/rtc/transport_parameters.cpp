// The half of parameters.hpp that speaks of transports: ICE, DTLS and SCTP.
#include <cctype>

#include "cosoup/rtc/json_fields.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {
namespace {

using namespace fields;

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

}  // namespace

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
  parameters.role = readChoice(
      json, "role", DtlsRole::automatic,
      {{"auto", DtlsRole::automatic}, {"client", DtlsRole::client}, {"server", DtlsRole::server}});
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
