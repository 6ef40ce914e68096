// RequestSignaler: a Signaler of which only the way of the messages is left to write.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cosoup/signaling/signaler.hpp"

namespace cosoup {

/// For servers that know the requests of the mediasoup-demo by their names and JSON data, but get
/// them in another way: other frames, another transport. What is left to write is connect(),
/// events(), close() and request(). Main-context-bound.
class RequestSignaler : public Signaler {
 public:
  /// Sends a request and gives the data of its answer. Throws as all requests of a Signaler do.
  virtual Task<Json> request(std::string method, Json data) = 0;

  // What comes from the server, as what events() gives. Nothing for an unknown method; throw
  // Error(InvalidArgument) that names the field which is missing or malformed.
  static std::optional<Notification> toNotification(const std::string& method, const Json& data);
  static std::optional<ServerRequest::Content> toServerRequest(const std::string& method,
                                                               const Json& data);

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
};

}  // namespace cosoup
