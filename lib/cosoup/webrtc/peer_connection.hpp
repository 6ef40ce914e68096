// PeerConnection: what a transport asks of whatever does ICE, DTLS and RTP for it. Internal.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/gst/pipeline.hpp"
#include "cosoup/rtc/congestion/congestion_bounds.hpp"
#include "cosoup/rtc/connection_state.hpp"
#include "cosoup/rtc/ice_server.hpp"
#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/reception_report.hpp"
#include "cosoup/rtc/stats.hpp"
#include "cosoup/webrtc/data_channels.hpp"
#include "cosoup/webrtc/receive_guard.hpp"
#include "cosoup/webrtc/sent_section.hpp"
#include "cosoup/webrtc/stream_description.hpp"

namespace cosoup {

enum class SdpType { offer, answer };

/// What the way to the other side is believed to carry.
struct CongestionReport {
  /// Bit/s that all packets together may make, with all headers down to IP.
  double target = 0;
  double loss = 0;  ///< 0 … 1, of late
  std::chrono::steady_clock::duration roundTrip{};
  std::chrono::steady_clock::duration queue{};  ///< for so long packets wait on the way
};

/// One per transport. Its m-sections are slots that live as long as it does. Main-context-bound,
/// except for what runs in the stream handler.
class PeerConnection {
 public:
  /// Makes the element that takes a received stream: floating, with a "sink" pad that never refuses
  /// a buffer. Runs on a streaming thread, when the first packet of the SSRC has come.
  using StreamHandler = std::function<GstElement*(std::uint32_t ssrc, GstCaps* caps)>;

  PeerConnection() = default;
  PeerConnection(const PeerConnection&) = delete;
  PeerConnection& operator=(const PeerConnection&) = delete;
  virtual ~PeerConnection() = default;

  /// Brings the elements up; nothing is sent yet. Throws Error(Media).
  virtual Task<> start() = 0;
  /// Ends everything; not cancellable, never throws. Idempotent.
  virtual Task<> close() = 0;

  /// Where to look for the peer, before the first description: loopback addresses are left out
  /// unless they are named, and TCP wants another kind of nomination than UDP.
  virtual void prepareFor(const std::vector<IceCandidate>& remoteCandidates) = 0;

  /// Candidates beyond those of the descriptions, to fall back on.
  virtual void addCandidates(const std::vector<IceCandidate>& remoteCandidates) = 0;

  /// Replaces the servers that were given before. Before start() the first search for our own
  /// addresses uses them, afterwards the next restartIce() does, except for STUN servers.
  virtual void setIceServers(std::vector<IceServerUrl> servers) = 0;
  /// Before start().
  virtual void setIceTransportPolicy(IceTransportPolicy policy) = 0;
  /// Checks the ways to the peer anew, with its new credentials and all of its candidates. Only
  /// after the first negotiation, and not while one is going on. Throws Error(Media).
  virtual void restartIce(const IceParameters& remote,
                          const std::vector<IceCandidate>& remoteCandidates) = 0;

  /// What the certificate that the peer shows has to match, before the first description; until it
  /// has, nothing passes in either direction (RFC 8827, section 6.5).
  virtual void expectCertificate(std::vector<DtlsFingerprint> fingerprints) = 0;

  /// Makes the m=application section of the next offer, and with it the SCTP association.
  virtual void addDataSlot() = 0;

  /// A new section that sends, in the next offer, for packets of the given caps. The pad never goes
  /// away.
  virtual Ref<GstPad> addSendSlot(GstCaps* caps, Retransmission retransmission) = 0;

  /// How much the streams that are sent can use, all together. The first estimate is what counts of
  /// `start`.
  virtual void setSendBounds(const CongestionBounds& bounds) = 0;

  virtual void setStreamHandler(StreamHandler handler) = 0;
  /// Takes a stream in, to be called once the SDP that names it is applied; the stream handler is
  /// asked for its element with the first packet. `onFirstPacket` runs on a streaming thread. What
  /// it gives counts what comes.
  virtual std::shared_ptr<ReceivedStream> admit(StreamDescription description,
                                                std::function<void()> onFirstPacket) = 0;

  // Descriptions as text. All throw Error(Media) and Cancelled.
  virtual Task<std::string> createOffer() = 0;
  virtual Task<std::string> createAnswer() = 0;
  virtual Task<> setLocalDescription(SdpType type, std::string sdp) = 0;
  virtual Task<> setRemoteDescription(SdpType type, std::string sdp) = 0;

  /// Frees everything that is kept of a received stream, which has to wait for the thread that
  /// receives. Throws Cancelled.
  virtual Task<> releaseStream(std::uint32_t ssrc, std::optional<std::uint32_t> rtxSsrc) = 0;
  /// A function that asks the sender of the stream for a key frame; callable on any thread and for
  /// as long as the caller likes.
  virtual std::function<void()> keyFrameRequester(std::uint32_t ssrc) const = 0;
  /// Packets lost on the way to us, so far (RFC 3550, section 6.4.1).
  virtual std::int64_t packetsLost(std::uint32_t ssrc) const = 0;
  /// Of a stream that was taken in and not yet released; absent of any other.
  virtual std::optional<ReceptionReport> reception(std::uint32_t ssrc) const = 0;

  /// Everything known of everything, by id, in GStreamer's terms. Throws Error(Media) and
  /// Cancelled.
  virtual Task<Json> stats() = 0;
  /// Only the RTP sources, as the RTPSession describes them; costs little.
  virtual std::vector<Json> rtpSources() const = 0;
  /// The path in use.
  virtual std::optional<IceCandidatePairStats> selectedCandidatePair() const = 0;
  /// The channels of the data slot.
  virtual DataChannels& dataChannels() = 0;

  virtual ReceiveGuard& guard() = 0;
  virtual Pipeline& pipeline() = 0;

  virtual ConnectionState connectionState() const = 0;
  Signal<ConnectionState> connectionStateChanged;
  /// The certificate that the peer has shown is not the announced one, with Error(Untrusted). The
  /// connection is `failed` for good, which is told after this.
  Signal<const Error&> peerRefused;
  virtual IceGatheringState iceGatheringState() const = 0;
  Signal<IceGatheringState> iceGatheringStateChanged;
  /// A search for our addresses has ended, and a server gave us none.
  Signal<IceCandidateError> iceCandidateFailed;
  /// The other side wants a key frame (PLI or FIR) of a stream that we send; its SSRC.
  Signal<std::uint32_t> keyFrameRequested;
  /// By feedback of transport-cc (about ten times a second) or goog-remb, whichever was negotiated.
  Signal<CongestionReport> congestionReported;
};

}  // namespace cosoup
