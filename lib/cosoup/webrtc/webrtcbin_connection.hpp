// WebrtcbinConnection: webrtcbin as coroutines, with what it gets wrong put right. Internal.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cosoup/webrtc/peer_connection.hpp"
#include "cosoup/webrtc/receive_path.hpp"

namespace cosoup {

class WebrtcbinConnection final : public PeerConnection {
 public:
  /// `receives`: whether its sections will receive, else they send.
  WebrtcbinConnection(const std::string& name, bool receives, ReceivePathNames names = {});
  ~WebrtcbinConnection() override;

  Task<> start() override;
  Task<> close() override;
  void prepareFor(const std::vector<IceCandidate>& remoteCandidates) override;
  void addCandidates(const std::vector<IceCandidate>& remoteCandidates) override;
  void setIceServers(std::vector<IceServerUrl> servers) override;
  void setIceTransportPolicy(IceTransportPolicy policy) override;
  void restartIce(const IceParameters& remote,
                  const std::vector<IceCandidate>& remoteCandidates) override;
  void expectCertificate(std::vector<DtlsFingerprint> fingerprints) override;
  void addDataSlot() override;
  Ref<GstPad> addSendSlot(GstCaps* caps, Retransmission retransmission) override;
  void setSendBounds(const CongestionBounds& bounds) override;
  void setStreamHandler(StreamHandler handler) override;
  std::shared_ptr<ReceivedStream> admit(StreamDescription description,
                                        std::function<void()> onFirstPacket) override;
  Task<std::string> createOffer() override;
  Task<std::string> createAnswer() override;
  Task<> setLocalDescription(SdpType type, std::string sdp) override;
  Task<> setRemoteDescription(SdpType type, std::string sdp) override;
  Task<> releaseStream(std::uint32_t ssrc, std::optional<std::uint32_t> rtxSsrc) override;
  std::function<void()> keyFrameRequester(std::uint32_t ssrc) const override;
  std::int64_t packetsLost(std::uint32_t ssrc) const override;
  std::optional<ReceptionReport> reception(std::uint32_t ssrc) const override;
  Task<Json> stats() override;
  std::vector<Json> rtpSources() const override;
  std::optional<IceCandidatePairStats> selectedCandidatePair() const override;
  DataChannels& dataChannels() override;
  ReceiveGuard& guard() override { return *guard_; }
  Pipeline& pipeline() override { return pipeline_; }
  ConnectionState connectionState() const override;
  IceGatheringState iceGatheringState() const override;

 private:
  struct State;
  Task<std::string> create(const char* action, const char* field);
  Task<> set(const char* action, SdpType type, std::string sdp);

  Pipeline pipeline_;
  std::shared_ptr<ReceiveGuard> guard_;
  std::shared_ptr<State> state_;
  Connection messages_;
};

}  // namespace cosoup
