// RtcStatsReport: what has been sent and received, in the W3C's terms ("Identifiers for WebRTC's
// Statistics API").
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/core/export.hpp"
#include "cosoup/core/json.hpp"

namespace cosoup {

/// A stream that we receive (RTCInboundRtpStreamStats). What is sent again, as RTX or as it was,
/// counts as received, too. A member is absent where its value is unknown or does not apply.
struct InboundRtpStats {
  std::uint32_t ssrc = 0;
  std::optional<std::uint32_t> rtxSsrc;
  std::uint64_t packetsReceived = 0;
  std::uint64_t bytesReceived = 0;  ///< payloads, without the headers
  /// RFC 3550, section 6.4.1, as our receiver reports tell it the server. A packet that came again
  /// as RTX stays a lost one, as that is another stream; one that came again as it was does not.
  /// What was lost for good is ReceptionCounters::givenUp.
  std::int64_t packetsLost = 0;
  double jitter = 0;                   ///< seconds
  std::uint64_t packetsDiscarded = 0;  ///< came too late
  // Only with RTX; of those above.
  std::optional<std::uint64_t> retransmittedPacketsReceived;
  std::optional<std::uint64_t> retransmittedBytesReceived;
  // Only of video. Frames are those that came whole; dropped ones could not have been decoded.
  std::optional<std::uint64_t> framesReceived;
  std::optional<std::uint64_t> framesDropped;
  /// Those until a key frame came, because of a loss. When a frame is shown is not known here.
  std::optional<std::uint64_t> freezeCount;
  std::optional<double> totalFreezesDuration;  ///< seconds
  // Requests that we sent; a NACK may ask for several packets.
  std::uint32_t firCount = 0;
  std::uint32_t pliCount = 0;
  std::uint32_t nackCount = 0;
};

/// How a received stream got over what its line did to it. Packets are those of the medium itself,
/// as it was sent first.
struct ReceptionCounters {
  std::uint64_t recovered = 0;          ///< were missing, and came again when asked for
  std::uint64_t reordered = 0;          ///< were missing, and came by themselves
  std::uint64_t givenUp = 0;            ///< did not come in time
  std::uint64_t late = 0;               ///< came after that, or are older than the first one
  std::uint64_t duplicates = 0;         ///< had come already
  std::uint64_t nacks = 0;              ///< single packets asked for (RFC 4585), repeats included
  std::uint64_t plis = 0;               ///< key frames asked for (PLI), whoever needed one
  std::chrono::microseconds jitter{};   ///< RFC 3550, section 6.4.1
  std::chrono::milliseconds latency{};  ///< how long a missing packet is waited for now, at most
  std::uint64_t frames = 0;             ///< pictures that could be shown; audio: 0, as all below
  std::uint64_t droppedFrames = 0;      ///< came, but not whole, or without what they need
  std::uint64_t incompleteFrames = 0;   ///< of those, not whole
  std::uint64_t freezes = 0;            ///< how often a picture stood still until a key frame came
  std::chrono::milliseconds frozen{};   ///< for how long in all
};

/// A stream that we send (RTCOutboundRtpStreamStats); what is sent again counts likewise.
struct OutboundRtpStats {
  std::uint32_t ssrc = 0;
  std::uint64_t packetsSent = 0;
  std::uint64_t bytesSent = 0;  ///< payloads, without the headers
  // Requests that came from the receiver.
  std::uint32_t firCount = 0;
  std::uint32_t pliCount = 0;
  std::uint32_t nackCount = 0;
};

/// What the receiver last reported of a stream that we send (RTCRemoteInboundRtpStreamStats).
struct RemoteInboundRtpStats {
  std::uint32_t ssrc = 0;
  std::int64_t packetsLost = 0;
  double fractionLost = 0;              ///< 0 to 1, since the report before
  std::optional<double> jitter;         ///< seconds; absent: the clock rate is not known
  std::optional<double> roundTripTime;  ///< seconds; absent: not measured yet
};

/// What the sender last reported of a stream that we receive (RTCRemoteOutboundRtpStreamStats).
struct RemoteOutboundRtpStats {
  std::uint32_t ssrc = 0;
  std::uint64_t packetsSent = 0;
  std::uint64_t bytesSent = 0;
};

struct IceCandidateStats {
  std::string address;
  std::uint16_t port = 0;
  std::string protocol;       ///< "udp" or "tcp"
  std::string candidateType;  ///< "host", "srflx", "prflx" or "relay"
  std::uint32_t priority = 0;
};

/// The path in use (RTCIceCandidatePairStats).
struct IceCandidatePairStats {
  IceCandidateStats local;
  IceCandidateStats remote;
};

struct COSOUP_API RtcStatsReport {
  std::vector<InboundRtpStats> inbound;
  std::vector<OutboundRtpStats> outbound;
  std::vector<RemoteInboundRtpStats> remoteInbound;
  std::vector<RemoteOutboundRtpStats> remoteOutbound;
  /// Only of a transport; absent: there is no path.
  std::optional<IceCandidatePairStats> selectedCandidatePair;
  /// All that GStreamer says: of a transport webrtcbin's get-stats, an object by id; of a Producer
  /// or Consumer an array of its RTPSession's sources. Field names are GStreamer's.
  Json raw;

  /// The first with the SSRC; nullptr when there is none.
  const InboundRtpStats* inboundOf(std::uint32_t ssrc) const;
  const OutboundRtpStats* outboundOf(std::uint32_t ssrc) const;
  const RemoteInboundRtpStats* remoteInboundOf(std::uint32_t ssrc) const;
};

/// The report of the streams for which `wanted` says yes, from the "source-stats" of an RTPSession
/// of GStreamer. Sources that are not RTP streams (senders of receiver reports) make no entry.
COSOUP_API RtcStatsReport readRtpSources(const std::vector<Json>& sources,
                                         const std::function<bool(std::uint32_t ssrc)>& wanted);

}  // namespace cosoup
