// RequestSignaler: a Signaler of which only the way of the messages is left to write.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/core/export.hpp"
#include "cosoup/signaling/conversation.hpp"
#include "cosoup/signaling/signaler.hpp"

namespace cosoup {

/// For servers that know the requests of the mediasoup-demo by their names and JSON data, but get
/// them in another way: other frames, another transport. What is left to write is connect(),
/// events(), close() and request(), for the dialect of 2025 also notify(); what the server sends is
/// read by conversation(). Main-context-bound.
class COSOUP_API RequestSignaler : public Signaler {
 public:
  /// Without a dialect: in that of the server, which its answer to getRouterRtpCapabilities tells.
  explicit RequestSignaler(std::optional<ProtooDialect> dialect = std::nullopt);
  ~RequestSignaler() override;

  /// Sends a request and gives the data of its answer. Throws as all requests of a Signaler do.
  virtual Task<Json> request(std::string method, Json data) = 0;
  /// Sends what is not answered, and resolves when it is on its way. By default it is a request
  /// whose answer counts for nothing.
  virtual Task<> notify(std::string method, Json data);

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

 protected:
  /// Reads what comes from the server; to be restart()ed by connect(). Whoever reads for the
  /// signaler shares it.
  const std::shared_ptr<Conversation>& conversation() const { return conversation_; }

 private:
  struct Requests;

  const std::shared_ptr<Conversation> conversation_;
  const std::shared_ptr<Requests> requests_;
};

}  // namespace cosoup
