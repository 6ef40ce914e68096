// The half of parameters.hpp that speaks of transports: ICE, DTLS and SCTP.
#include <algorithm>
#include <cctype>
#include <limits>

#include "cosoup/rtc/fingerprints.hpp"
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
  if (!isFingerprint(fingerprint.value)) fail("value", "is not a fingerprint");
  return fingerprint;
}

std::optional<std::uint16_t> findStreams(const Json& json, std::string_view key) {
  if (!json.has(key)) return std::nullopt;
  return integerFrom<std::uint16_t>(json, key, 1, 65535);
}

constexpr std::uint32_t kMostBytes = std::numeric_limits<std::uint32_t>::max();

/// More than we can count is as good as what we can.
std::optional<std::uint32_t> findBytes(const Json& json, std::string_view key) {
  const std::optional<std::int64_t> bytes = json.find<std::int64_t>(key);
  if (!bytes) return std::nullopt;
  if (*bytes < 0) fail(key, "is out of range");
  return static_cast<std::uint32_t>(std::min<std::int64_t>(*bytes, kMostBytes));
}

/// RFC 8841, section 6: 0 stands for any size, no word of it for 64 KiB.
std::uint32_t messageSize(const std::optional<std::uint32_t>& ofDirection,
                          const std::optional<std::uint32_t>& ofBoth) {
  constexpr std::uint32_t kUnsaid = 65536;
  std::uint32_t size = ofBoth.value_or(kUnsaid);
  if (ofDirection) size = *ofDirection;
  return size == 0 ? kMostBytes : size;
}

}  // namespace

std::uint32_t maxMessageSizeToServer(const SctpParameters& parameters) {
  return messageSize(parameters.maxReceiveMessageSize, parameters.maxMessageSize);
}

std::uint32_t maxMessageSizeFromServer(const SctpParameters& parameters) {
  return messageSize(parameters.maxSendMessageSize, parameters.maxMessageSize);
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
  if (!candidate.isTcp() && candidate.protocol != "udp") fail("protocol", "is neither udp nor tcp");
  if (candidate.isTcp()) candidate.tcpType = findToken(json, "tcpType").value_or("passive");
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
  verifiableFingerprints(parameters);
  return parameters;
}

template <>
SctpParameters fromJson<SctpParameters>(const Json& json) {
  SctpParameters parameters;
  parameters.port = integerFrom<std::uint16_t>(json, "port", 1, 65535);
  parameters.OS = findStreams(json, "OS");
  parameters.MIS = findStreams(json, "MIS");
  parameters.maxMessageSize = findBytes(json, "maxMessageSize");
  parameters.maxSendMessageSize = findBytes(json, "maxSendMessageSize");
  parameters.maxReceiveMessageSize = findBytes(json, "maxReceiveMessageSize");
  parameters.sendBufferSize = findBytes(json, "sendBufferSize");
  parameters.perStreamSendQueueLimit = findBytes(json, "perStreamSendQueueLimit");
  parameters.maxReceiverWindowBufferSize = findBytes(json, "maxReceiverWindowBufferSize");
  parameters.isDataChannel = json.find<bool>("isDataChannel");
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
