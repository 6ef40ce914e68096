// FakePeerConnection: a PeerConnection without a network, for tests of what is above it. Internal.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/rtc/sdp_read.hpp"
#include "cosoup/testing/fake_data_channels.hpp"
#include "cosoup/testing/steps.hpp"
#include "cosoup/webrtc/peer_connection.hpp"

namespace cosoup::testing {

/// Makes offers and answers as webrtcbin does, from the slots that were added and the descriptions
/// that were set, and refuses descriptions that webrtcbin would refuse. The methods are steps
/// of their own name. Main-context-bound.
class FakePeerConnection final : public PeerConnection {
 public:
  struct Description {
    bool isLocal;
    SdpType type;
    std::string text;
    sdp::SessionDescription parsed() const { return sdp::parse(text); }
  };
  struct SendSlot {
    Ref<GstCaps> caps;
    Retransmission retransmission;
    Ref<GstPad> pad;
  };
  struct ReleasedStream {
    std::uint32_t ssrc;
    std::optional<std::uint32_t> rtxSsrc;
    friend bool operator==(const ReleasedStream&, const ReleasedStream&) = default;
  };

  FakePeerConnection(bool receives, std::shared_ptr<Steps> steps);
  ~FakePeerConnection() override;

  // What it was asked.
  bool receives() const { return receives_; }
  const std::vector<Description>& descriptions() const { return descriptions_; }
  /// The last description of a side that was set.
  sdp::SessionDescription local() const;
  sdp::SessionDescription remote() const;
  const std::vector<SendSlot>& sendSlots() const { return sendSlots_; }
  bool hasDataSlot() const { return hasDataSlot_; }
  const std::vector<IceCandidate>& preparedFor() const { return preparedFor_; }
  const std::vector<IceCandidate>& addedCandidates() const { return addedCandidates_; }
  const std::vector<IceServerUrl>& iceServers() const { return iceServers_; }
  IceTransportPolicy iceTransportPolicy() const { return iceTransportPolicy_; }
  const std::vector<DtlsFingerprint>& expectedFingerprints() const { return expectedFingerprints_; }
  /// What restartIce() was called with, each time.
  const std::vector<std::pair<IceParameters, std::vector<IceCandidate>>>& restarts() const {
    return restarts_;
  }
  /// The latest that it was told.
  const CongestionBounds& sendBounds() const { return sendBounds_; }
  /// All that were taken in, in their order.
  const std::vector<StreamDescription>& admitted() const { return admitted_; }
  const std::vector<ReleasedStream>& releasedStreams() const { return releasedStreams_; }
  const std::vector<std::uint32_t>& keyFrameRequests() const { return *keyFrameRequests_; }
  bool isClosed() const { return closed_; }
  /// How many elements of the library are in the pipeline: payloaders, feeds and the like.
  std::size_t elements() const;

  // What is to happen.
  void changeConnectionState(ConnectionState now);
  void changeIceGatheringState(IceGatheringState now);
  /// The peer shows another certificate than the announced one.
  void refusePeer();
  /// What rtpSources() tells from now on.
  void setRtpSources(std::vector<Json> sources) { rtpSources_ = std::move(sources); }
  /// The next answer takes no stream of the section: it says inactive.
  void refuse(const std::string& mid) { refused_.insert(mid); }
  void losePackets(std::int64_t lost) { packetsLost_ = lost; }
  /// What is told of each stream that is received; the fake adds what it is of.
  void setReception(const ReceptionReport& reception) { reception_ = reception; }
  /// A PLI comes: as webrtcbin does, an event goes up the stream, too.
  void requestKeyFrame(std::uint32_t ssrc);
  /// An RTP packet comes in; whether the guard lets it through.
  bool receivePacket(std::uint32_t ssrc);
  /// webrtcbin makes a pad for a stream: what the stream handler gives for it, put into the
  /// pipeline; null when it gives nothing.
  GstElement* makeStream(std::uint32_t ssrc);

  Task<> start() override;
  Task<> close() override;
  void prepareFor(const std::vector<IceCandidate>& remoteCandidates) override;
  void addCandidates(const std::vector<IceCandidate>& remoteCandidates) override;
  void setIceServers(std::vector<IceServerUrl> servers) override {
    iceServers_ = std::move(servers);
  }
  void setIceTransportPolicy(IceTransportPolicy policy) override { iceTransportPolicy_ = policy; }
  void restartIce(const IceParameters& remote,
                  const std::vector<IceCandidate>& remoteCandidates) override;
  void expectCertificate(std::vector<DtlsFingerprint> fingerprints) override {
    expectedFingerprints_ = std::move(fingerprints);
  }
  void addDataSlot() override;
  Ref<GstPad> addSendSlot(GstCaps* caps, Retransmission retransmission) override;
  void setSendBounds(const CongestionBounds& bounds) override;
  void setStreamHandler(StreamHandler handler) override { streamHandler_ = std::move(handler); }
  std::shared_ptr<ReceivedStream> admit(StreamDescription description,
                                        std::function<void()> onFirstPacket) override;
  Task<std::string> createOffer() override;
  Task<std::string> createAnswer() override;
  Task<> setLocalDescription(SdpType type, std::string sdp) override;
  Task<> setRemoteDescription(SdpType type, std::string sdp) override;
  Task<> releaseStream(std::uint32_t ssrc, std::optional<std::uint32_t> rtxSsrc) override;
  std::function<void()> keyFrameRequester(std::uint32_t ssrc) const override;
  std::int64_t packetsLost(std::uint32_t) const override { return packetsLost_; }
  std::optional<ReceptionReport> reception(std::uint32_t ssrc) const override;
  Task<Json> stats() override;
  std::vector<Json> rtpSources() const override { return rtpSources_; }
  std::optional<IceCandidatePairStats> selectedCandidatePair() const override {
    return std::nullopt;
  }
  FakeDataChannels& dataChannels() override { return dataChannels_; }
  ReceiveGuard& guard() override { return *guard_; }
  Pipeline& pipeline() override { return pipeline_; }
  ConnectionState connectionState() const override { return connectionState_; }
  IceGatheringState iceGatheringState() const override { return iceGatheringState_; }

 private:
  enum class Signaling { stable, haveLocalOffer, haveRemoteOffer };
  class Network;

  void set(Description description);
  sdp::SessionDescription last(bool isLocal) const;

  const bool receives_;
  std::shared_ptr<Steps> steps_;
  Pipeline pipeline_;
  std::shared_ptr<ReceiveGuard> guard_ = std::make_shared<ReceiveGuard>();
  std::unique_ptr<Network> network_;
  StreamHandler streamHandler_;
  FakeDataChannels dataChannels_;
  std::vector<Description> descriptions_;
  std::vector<std::string> offeredMids_;
  std::vector<SendSlot> sendSlots_;
  std::vector<IceCandidate> preparedFor_;
  std::vector<IceCandidate> addedCandidates_;
  std::vector<DtlsFingerprint> expectedFingerprints_;
  std::vector<IceServerUrl> iceServers_;
  IceTransportPolicy iceTransportPolicy_ = IceTransportPolicy::all;
  std::vector<std::pair<IceParameters, std::vector<IceCandidate>>> restarts_;
  CongestionBounds sendBounds_;
  std::vector<Json> rtpSources_;
  std::vector<StreamDescription> admitted_;
  std::vector<ReleasedStream> releasedStreams_;
  std::shared_ptr<std::vector<std::uint32_t>> keyFrameRequests_ =
      std::make_shared<std::vector<std::uint32_t>>();
  std::set<std::string> refused_;
  std::string remoteOffer_;
  Signaling signaling_ = Signaling::stable;
  ConnectionState connectionState_ = ConnectionState::fresh;
  IceGatheringState iceGatheringState_ = IceGatheringState::fresh;
  std::int64_t packetsLost_ = 0;
  ReceptionReport reception_;
  std::size_t ownElements_ = 0;
  std::size_t dataSlotAt_ = 0;
  bool hasDataSlot_ = false;
  bool closed_ = false;
};

}  // namespace cosoup::testing
