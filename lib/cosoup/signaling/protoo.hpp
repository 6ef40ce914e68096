// ProtooSignaler: the signaling of the mediasoup-demo server, over a WebSocket.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/signaling/signaler.hpp"

namespace cosoup {

struct ProtooOptions {
  ProtooOptions() = default;

  std::chrono::milliseconds connectLimit{10'000};  ///< for connect(), look-up of the name included
  std::chrono::milliseconds requestLimit{15'000};  ///< for the answer to a request
  std::chrono::milliseconds closeLimit{2'000};     ///< for the server's part in close()
  /// How often the server is pinged; one that leaves two pings unanswered counts as lost. 0: never.
  std::chrono::seconds pingInterval{10};
  /// So many events() may wait to be read. Above that the server's requests are answered with an
  /// error and its notifications are dropped.
  std::size_t maxQueuedEvents = 10'000;
};

/// Speaks protoo, the protocol of the mediasoup-demo's server, to `url/?roomId=…&peerId=…`. The
/// URL may have a path and a query of its own (`wss://host:4443/?consumerReplicas=1`).
///
/// Errors of requests read "method: reason", those of connect() "connect to host:port: reason";
/// what the server rejects is `Rejected` with its errorCode (for connect() the HTTP status). A lost
/// connection fails all pending requests with `Disconnected`, and the last event is SignalerClosed.
/// A request whose coroutine is cancelled is forgotten, but a producer that the server makes for a
/// cancelled or timed-out produce() is closed again.
///
/// A signaler that is destroyed unclosed is closed in the background. Main-context-bound.
class ProtooSignaler final : public Signaler {
 public:
  explicit ProtooSignaler(ProtooOptions options = ProtooOptions());
  ~ProtooSignaler() override;

  /// Also throws Error(InvalidState) when connected or connecting, or closed meanwhile.
  Task<> connect(RoomAddress address, std::string peerId) override;
  /// Of the present connection, or of the last one; to be asked for after connect().
  Channel<SignalerEvent> events() override;
  /// Ends a connect() that is under way, too. May be called at any time.
  Task<> close() override;

  Task<RtpCapabilities> getRouterRtpCapabilities() override;
  Task<TransportParameters> createWebRtcTransport(WebRtcTransportOptions options) override;
  Task<> connectWebRtcTransport(std::string transportId, DtlsParameters dtls) override;
  Task<IceParameters> restartIce(std::string transportId) override;
  Task<std::vector<PeerDescription>> join(JoinOptions options) override;
  Task<std::string> produce(std::string transportId, MediaKind kind, RtpParameters parameters,
                            Json appData) override;
  Task<> closeProducer(std::string producerId) override;
  Task<> pauseProducer(std::string producerId) override;
  Task<> resumeProducer(std::string producerId) override;
  Task<> pauseConsumer(std::string consumerId) override;
  Task<> resumeConsumer(std::string consumerId) override;
  Task<> setConsumerPreferredLayers(std::string consumerId, int spatialLayer,
                                    std::optional<int> temporalLayer) override;
  Task<> setConsumerPriority(std::string consumerId, int priority) override;
  Task<> requestConsumerKeyFrame(std::string consumerId) override;
  Task<std::string> produceData(std::string transportId, SctpStreamParameters parameters,
                                std::string label, std::string protocol, Json appData) override;
  Task<> changeDisplayName(std::string displayName) override;
  Task<> applyNetworkThrottle(NetworkThrottle throttle) override;
  Task<> resetNetworkThrottle(std::string secret) override;
  Task<Json> getTransportStats(std::string transportId) override;
  Task<Json> getProducerStats(std::string producerId) override;
  Task<Json> getConsumerStats(std::string consumerId) override;
  Task<Json> getDataProducerStats(std::string dataProducerId) override;
  Task<Json> getDataConsumerStats(std::string dataConsumerId) override;

  /// Any request of the protocol, for servers that know more than the demo's. Gives the `data` of
  /// the answer.
  Task<Json> request(std::string method, Json data);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cosoup
