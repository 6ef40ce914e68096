// The vocabulary of mediasoup as value types: capabilities, RTP, ICE, DTLS and SCTP parameters.
// Names and meanings are those of mediasoup's "RTP Parameters and Capabilities" and
// "WebRtcTransport" documentation. JSON appears only in the two functions per type at the end.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cosoup/core/export.hpp"
#include "cosoup/core/json.hpp"

namespace cosoup {

enum class MediaKind { audio, video };

/// One `key=value` of an SDP fmtp line. A key with numeric-looking text that is not a number
/// (profile-level-id) stays text.
using ParameterValue = std::variant<std::int64_t, double, std::string>;
using CodecParameters = std::map<std::string, ParameterValue>;

struct RtcpFeedback {
  std::string type;       ///< "nack", "ccm", "goog-remb", "transport-cc"
  std::string parameter;  ///< "pli", "fir" or empty
  friend bool operator==(const RtcpFeedback&, const RtcpFeedback&) = default;
};

/// A codec that an endpoint or router is able to use.
struct RtpCodecCapability {
  MediaKind kind = MediaKind::audio;
  std::string mimeType;  ///< "audio/opus", "video/VP8", "video/rtx"; compared without case
  std::optional<std::uint8_t> preferredPayloadType;
  std::uint32_t clockRate = 0;           ///< Hz
  std::optional<std::uint8_t> channels;  ///< audio only; absent means 1
  CodecParameters parameters;
  std::vector<RtcpFeedback> rtcpFeedback;
  friend bool operator==(const RtpCodecCapability&, const RtpCodecCapability&) = default;
};

enum class RtpHeaderExtensionDirection { sendrecv, sendonly, recvonly, inactive };

struct RtpHeaderExtension {
  std::optional<MediaKind> kind;  ///< absent: both kinds
  std::string uri;
  std::uint8_t preferredId = 0;
  bool preferredEncrypt = false;
  RtpHeaderExtensionDirection direction = RtpHeaderExtensionDirection::sendrecv;
  friend bool operator==(const RtpHeaderExtension&, const RtpHeaderExtension&) = default;
};

struct RtpCapabilities {
  std::vector<RtpCodecCapability> codecs;
  std::vector<RtpHeaderExtension> headerExtensions;
  friend bool operator==(const RtpCapabilities&, const RtpCapabilities&) = default;
};

/// A codec in use in one RTP stream.
struct RtpCodecParameters {
  std::string mimeType;
  std::uint8_t payloadType = 0;
  std::uint32_t clockRate = 0;           ///< Hz
  std::optional<std::uint8_t> channels;  ///< audio only; absent means 1
  CodecParameters parameters;
  std::vector<RtcpFeedback> rtcpFeedback;
  friend bool operator==(const RtpCodecParameters&, const RtpCodecParameters&) = default;
};

struct RtpHeaderExtensionParameters {
  std::string uri;
  std::uint8_t id = 0;
  bool encrypt = false;
  CodecParameters parameters;
  friend bool operator==(const RtpHeaderExtensionParameters&,
                         const RtpHeaderExtensionParameters&) = default;
};

/// One RTP stream (a simulcast layer) of a producer or consumer. Also what an app asks for when it
/// produces.
struct RtpEncodingParameters {
  std::optional<std::uint32_t> ssrc;
  std::optional<std::string> rid;
  std::optional<std::uint8_t> codecPayloadType;
  std::optional<std::uint32_t> rtxSsrc;  ///< `rtx.ssrc` in JSON
  std::optional<bool> dtx;
  std::optional<std::string> scalabilityMode;   ///< "L1T3", "L3T3_KEY"
  std::optional<double> scaleResolutionDownBy;  ///< 1 = as the source
  std::optional<std::uint32_t> maxBitrate;      ///< bit/s
  std::optional<double> maxFramerate;           ///< frames/s
  std::optional<bool> active;                   ///< absent means true
  std::optional<bool> adaptivePtime;
  std::optional<std::string> priority;
  std::optional<std::string> networkPriority;
  friend bool operator==(const RtpEncodingParameters&, const RtpEncodingParameters&) = default;
};

struct RtcpParameters {
  std::string cname;
  bool reducedSize = true;
  std::optional<bool> mux;
  friend bool operator==(const RtcpParameters&, const RtcpParameters&) = default;
};

struct RtpParameters {
  std::optional<std::string> mid;
  std::vector<RtpCodecParameters> codecs;
  std::vector<RtpHeaderExtensionParameters> headerExtensions;
  std::vector<RtpEncodingParameters> encodings;
  RtcpParameters rtcp;
  /// "<stream id> <track id>" of the sender; tracks of one stream are played in sync.
  std::optional<std::string> msid;
  friend bool operator==(const RtpParameters&, const RtpParameters&) = default;
};

struct IceParameters {
  std::string usernameFragment;
  std::string password;
  bool iceLite = false;
  friend bool operator==(const IceParameters&, const IceParameters&) = default;
};

struct IceCandidate {
  std::string foundation;
  std::uint32_t priority = 0;
  std::string address;   ///< newer servers say `address`, older ones only `ip`
  std::string protocol;  ///< "udp" or "tcp"
  std::uint16_t port = 0;
  std::string type = "host";
  std::string tcpType;  ///< "passive" for tcp, else empty
  bool isTcp() const { return protocol == "tcp"; }
  friend bool operator==(const IceCandidate&, const IceCandidate&) = default;
};

enum class DtlsRole { automatic, client, server };  ///< "auto", "client", "server" in JSON

struct DtlsFingerprint {
  std::string algorithm;  ///< "sha-256", "sha-384", "sha-512"; others are ignored
  std::string value;      ///< "AA:BB:…", as many bytes as the hash has
  friend bool operator==(const DtlsFingerprint&, const DtlsFingerprint&) = default;
};

struct DtlsParameters {
  DtlsRole role = DtlsRole::automatic;
  std::vector<DtlsFingerprint> fingerprints;
  friend bool operator==(const DtlsParameters&, const DtlsParameters&) = default;
};

struct NumSctpStreams {
  std::uint16_t OS = 1024;   ///< initially requested outgoing streams
  std::uint16_t MIS = 1024;  ///< maximum incoming streams
  friend bool operator==(const NumSctpStreams&, const NumSctpStreams&) = default;
};

struct SctpCapabilities {
  NumSctpStreams numStreams;
  friend bool operator==(const SctpCapabilities&, const SctpCapabilities&) = default;
};

/// The server's side of an association, in its own view. What a server of one age says, one of
/// another age may not: only the port is sure.
struct SctpParameters {
  std::uint16_t port = 5000;
  // Until mediasoup 3.19; newer ones still say them, for older clients.
  std::optional<std::uint16_t> OS;              ///< streams on which it sends
  std::optional<std::uint16_t> MIS;             ///< streams on which it receives
  std::optional<std::uint32_t> maxMessageSize;  ///< bytes, both ways; 0: any size
  // Since mediasoup 3.20; all but the last in bytes.
  std::optional<std::uint32_t> maxSendMessageSize;     ///< from the server; 0: any size
  std::optional<std::uint32_t> maxReceiveMessageSize;  ///< to the server; 0: any size
  std::optional<std::uint32_t> sendBufferSize;
  std::optional<std::uint32_t> perStreamSendQueueLimit;
  std::optional<std::uint32_t> maxReceiverWindowBufferSize;
  std::optional<bool> isDataChannel;
  friend bool operator==(const SctpParameters&, const SctpParameters&) = default;
};

/// The largest message that such a server takes, in bytes; the largest number stands for any size.
COSOUP_API std::uint32_t maxMessageSizeToServer(const SctpParameters& parameters);
/// The largest message that such a server sends, likewise.
COSOUP_API std::uint32_t maxMessageSizeFromServer(const SctpParameters& parameters);

struct SctpStreamParameters {
  std::uint16_t streamId = 0;
  std::optional<bool> ordered;                     ///< absent means true
  std::optional<std::uint16_t> maxPacketLifeTime;  ///< ms
  std::optional<std::uint16_t> maxRetransmits;
  friend bool operator==(const SctpStreamParameters&, const SctpStreamParameters&) = default;
};

/// What a server answers to the creation of a WebRtcTransport.
struct TransportParameters {
  std::string id;
  IceParameters iceParameters;
  std::vector<IceCandidate> iceCandidates;
  DtlsParameters dtlsParameters;
  std::optional<SctpParameters> sctpParameters;
  friend bool operator==(const TransportParameters&, const TransportParameters&) = default;
};

/// "audio" or "video".
COSOUP_API std::string toString(MediaKind kind);

/// Reads a validated T; throws Error(InvalidArgument) naming the field. Unknown fields are ignored,
/// sizes are bounded (64 codecs, 64 extensions, 64 encodings, 64 candidates).
template <class T>
T fromJson(const Json& json);

template <>
COSOUP_API MediaKind fromJson<MediaKind>(const Json& json);
template <>
COSOUP_API RtpCapabilities fromJson<RtpCapabilities>(const Json& json);
template <>
COSOUP_API RtpParameters fromJson<RtpParameters>(const Json& json);
template <>
COSOUP_API RtpEncodingParameters fromJson<RtpEncodingParameters>(const Json& json);
template <>
COSOUP_API IceParameters fromJson<IceParameters>(const Json& json);
template <>
COSOUP_API IceCandidate fromJson<IceCandidate>(const Json& json);
template <>
COSOUP_API DtlsParameters fromJson<DtlsParameters>(const Json& json);
template <>
COSOUP_API SctpParameters fromJson<SctpParameters>(const Json& json);
template <>
COSOUP_API SctpCapabilities fromJson<SctpCapabilities>(const Json& json);
template <>
COSOUP_API SctpStreamParameters fromJson<SctpStreamParameters>(const Json& json);
template <>
COSOUP_API TransportParameters fromJson<TransportParameters>(const Json& json);

COSOUP_API Json toJson(MediaKind kind);
COSOUP_API Json toJson(const RtpCapabilities& capabilities);
COSOUP_API Json toJson(const RtpParameters& parameters);
COSOUP_API Json toJson(const RtpEncodingParameters& encoding);
COSOUP_API Json toJson(const IceParameters& parameters);
COSOUP_API Json toJson(const IceCandidate& candidate);
COSOUP_API Json toJson(const DtlsParameters& parameters);
COSOUP_API Json toJson(const SctpParameters& parameters);
COSOUP_API Json toJson(const SctpCapabilities& capabilities);
COSOUP_API Json toJson(const SctpStreamParameters& parameters);
COSOUP_API Json toJson(const TransportParameters& parameters);

}  // namespace cosoup
