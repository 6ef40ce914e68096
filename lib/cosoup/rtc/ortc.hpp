// Object RTC: from what we can and what the router can to what is sent and received. Pure
// functions, callable on any thread; those of mediasoup-client's `ortc`. A Device does all this by
// itself: they are for programs that speak of capabilities with a server and have no transport.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/core/export.hpp"
#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/validate.hpp"

namespace cosoup::ortc {

/// A codec that both sides have, with what each side says of it.
struct ExtendedCodec {
  MediaKind kind = MediaKind::audio;
  std::string mimeType;  ///< in the router's spelling
  std::uint32_t clockRate = 0;
  std::optional<std::uint8_t> channels;
  std::uint8_t localPayloadType = 0;
  std::optional<std::uint8_t> localRtxPayloadType;
  std::uint8_t remotePayloadType = 0;
  std::optional<std::uint8_t> remoteRtxPayloadType;
  CodecParameters localParameters;
  CodecParameters remoteParameters;
  std::vector<RtcpFeedback> rtcpFeedback;  ///< what both sides have
  friend bool operator==(const ExtendedCodec&, const ExtendedCodec&) = default;
};

struct ExtendedHeaderExtension {
  std::optional<MediaKind> kind;  ///< absent: both kinds
  std::string uri;
  std::uint8_t sendId = 0;  ///< ours
  std::uint8_t recvId = 0;  ///< the router's
  bool encrypt = false;
  RtpHeaderExtensionDirection direction = RtpHeaderExtensionDirection::sendrecv;  ///< seen from us
  friend bool operator==(const ExtendedHeaderExtension&, const ExtendedHeaderExtension&) = default;
};

/// What both sides can.
struct ExtendedRtpCapabilities {
  std::vector<ExtendedCodec> codecs;
  std::vector<ExtendedHeaderExtension> headerExtensions;
  friend bool operator==(const ExtendedRtpCapabilities&, const ExtendedRtpCapabilities&) = default;
};

/// The codecs and header extensions that both have, in the router's order of preference unless told
/// otherwise. For H264 the agreed profile-level-id stands in the parameters of both sides.
/// Throws what validateRtpCapabilities() throws.
COSOUP_API ExtendedRtpCapabilities getExtendedRtpCapabilities(const RtpCapabilities& local,
                                                              const RtpCapabilities& remote,
                                                              bool preferLocalCodecsOrder = false);

/// What we can receive (the router's payload types): what a peer says of itself when it joins.
COSOUP_API RtpCapabilities receiveRtpCapabilities(const ExtendedRtpCapabilities& extended);

/// What we can send (our payload types).
COSOUP_API RtpCapabilities sendRtpCapabilities(const ExtendedRtpCapabilities& extended);

/// All that could be sent of a kind, seen from us; without mid, encodings and cname.
COSOUP_API RtpParameters sendingRtpParameters(MediaKind kind,
                                              const ExtendedRtpCapabilities& extended);

/// The same as the router would answer it: its codec parameters, and of the ways to estimate
/// bandwidth only the one that will be used.
COSOUP_API RtpParameters sendingRemoteRtpParameters(MediaKind kind,
                                                    const ExtendedRtpCapabilities& extended);

/// One media codec (the wanted one, else the first) and its rtx codec.
/// Throws Error(Unsupported) when there is none.
COSOUP_API std::vector<RtpCodecParameters> reduceCodecs(
    const std::vector<RtpCodecParameters>& codecs,
    const std::optional<RtpCodecCapability>& wanted = std::nullopt);

/// Whether there is a codec of that kind to produce with.
COSOUP_API bool canSend(MediaKind kind, const ExtendedRtpCapabilities& extended);

/// Whether we can receive a consumer with these parameters.
COSOUP_API bool canReceive(const RtpParameters& parameters,
                           const ExtendedRtpCapabilities& extended);

/// Whether packets of the codec that get lost may be asked for with generic NACK.
COSOUP_API bool hasNack(const RtpCodecParameters& codec);

/// Whether one of the encodings has the SSRC, for media or for retransmissions.
COSOUP_API bool namesSsrc(const RtpParameters& parameters, std::uint32_t ssrc);

/// The stream of probation packets that mediasoup sends (SSRC 1234, payload type 127) to find out
/// whether there is more bandwidth, described like the given video stream.
COSOUP_API RtpParameters probatorRtpParameters(const RtpParameters& video);

}  // namespace cosoup::ortc
