// The requests of the demo protocol: what goes out with each, and what its answer must hold.
#include <utility>

#include "cosoup/core/error.hpp"
#include "cosoup/signaling/protoo_content.hpp"
#include "cosoup/signaling/request_signaler.hpp"

namespace cosoup {
namespace {

template <class T>
using Read = T (*)(const Json&);

template <class T>
Task<T> decoded(Task<Json> answer, std::string method, Read<T> read) {
  const Json data = co_await std::move(answer);
  try {
    co_return read(data);
  } catch (const Error& error) {
    throw Error(Error::Code::InvalidArgument, method + ": malformed answer: " + error.what());
  }
}

Task<> unread(Task<Json> answer) { co_await std::move(answer); }

/// A request whose answer is read by `read`.
template <class T>
Task<T> ask(RequestSignaler& signaler, const char* method, Json data, Read<T> read) {
  return decoded(signaler.request(method, std::move(data)), method, read);
}

/// A request whose answer says nothing but that it was done.
Task<> tell(RequestSignaler& signaler, const char* method, Json data) {
  return unread(signaler.request(method, std::move(data)));
}

Json only(const char* key, const std::string& id) { return Json::object({{key, id}}); }

Json array(const Json& data) {
  if (data.isArray()) return data;
  throw Error(Error::Code::InvalidArgument, "not an array");
}

Json objectOf(const Json& appData) { return appData.isNull() ? Json::object() : appData; }

}  // namespace

Task<RtpCapabilities> RequestSignaler::getRouterRtpCapabilities() {
  return ask(*this, "getRouterRtpCapabilities", Json::object(), fromJson<RtpCapabilities>);
}

Task<TransportParameters> RequestSignaler::createWebRtcTransport(WebRtcTransportOptions options) {
  return ask(*this, "createWebRtcTransport", protoo::toJson(options),
             fromJson<TransportParameters>);
}

Task<> RequestSignaler::connectWebRtcTransport(std::string transportId, DtlsParameters dtls) {
  return tell(*this, "connectWebRtcTransport",
              Json::object({{"transportId", transportId}, {"dtlsParameters", toJson(dtls)}}));
}

Task<IceParameters> RequestSignaler::restartIce(std::string transportId) {
  return ask(*this, "restartIce", only("transportId", transportId), fromJson<IceParameters>);
}

Task<std::vector<PeerDescription>> RequestSignaler::join(JoinOptions options) {
  return ask(*this, "join", protoo::toJson(options), protoo::toPeers);
}

Task<std::string> RequestSignaler::produce(std::string transportId, MediaKind kind,
                                           RtpParameters parameters, Json appData) {
  return ask(*this, "produce",
             Json::object({{"transportId", transportId},
                           {"kind", toJson(kind)},
                           {"rtpParameters", toJson(parameters)},
                           {"appData", objectOf(appData)}}),
             protoo::toId);
}

Task<> RequestSignaler::closeProducer(std::string producerId) {
  return tell(*this, "closeProducer", only("producerId", producerId));
}

Task<> RequestSignaler::pauseProducer(std::string producerId) {
  return tell(*this, "pauseProducer", only("producerId", producerId));
}

Task<> RequestSignaler::resumeProducer(std::string producerId) {
  return tell(*this, "resumeProducer", only("producerId", producerId));
}

Task<> RequestSignaler::pauseConsumer(std::string consumerId) {
  return tell(*this, "pauseConsumer", only("consumerId", consumerId));
}

Task<> RequestSignaler::resumeConsumer(std::string consumerId) {
  return tell(*this, "resumeConsumer", only("consumerId", consumerId));
}

Task<> RequestSignaler::setConsumerPreferredLayers(std::string consumerId, int spatialLayer,
                                                   std::optional<int> temporalLayer) {
  Json data = only("consumerId", consumerId);
  data.set("spatialLayer", spatialLayer).set("temporalLayer", temporalLayer);
  return tell(*this, "setConsumerPreferredLayers", std::move(data));
}

Task<> RequestSignaler::setConsumerPriority(std::string consumerId, int priority) {
  Json data = only("consumerId", consumerId);
  data.set("priority", priority);
  return tell(*this, "setConsumerPriority", std::move(data));
}

Task<> RequestSignaler::requestConsumerKeyFrame(std::string consumerId) {
  return tell(*this, "requestConsumerKeyFrame", only("consumerId", consumerId));
}

Task<std::string> RequestSignaler::produceData(std::string transportId,
                                               SctpStreamParameters parameters, std::string label,
                                               std::string protocol, Json appData) {
  return ask(*this, "produceData",
             Json::object({{"transportId", transportId},
                           {"sctpStreamParameters", toJson(parameters)},
                           {"label", label},
                           {"protocol", protocol},
                           {"appData", objectOf(appData)}}),
             protoo::toId);
}

Task<> RequestSignaler::changeDisplayName(std::string displayName) {
  return tell(*this, "changeDisplayName", only("displayName", displayName));
}

Task<> RequestSignaler::applyNetworkThrottle(NetworkThrottle throttle) {
  return tell(*this, "applyNetworkThrottle",
              Json::object({{"secret", throttle.secret},
                            {"uplink", throttle.uplink},
                            {"downlink", throttle.downlink},
                            {"rtt", throttle.rtt},
                            {"packetLoss", throttle.packetLoss}}));
}

Task<> RequestSignaler::resetNetworkThrottle(std::string secret) {
  return tell(*this, "resetNetworkThrottle", only("secret", secret));
}

Task<Json> RequestSignaler::getTransportStats(std::string transportId) {
  return ask(*this, "getTransportStats", only("transportId", transportId), array);
}

Task<Json> RequestSignaler::getProducerStats(std::string producerId) {
  return ask(*this, "getProducerStats", only("producerId", producerId), array);
}

Task<Json> RequestSignaler::getConsumerStats(std::string consumerId) {
  return ask(*this, "getConsumerStats", only("consumerId", consumerId), array);
}

Task<Json> RequestSignaler::getDataProducerStats(std::string dataProducerId) {
  return ask(*this, "getDataProducerStats", only("dataProducerId", dataProducerId), array);
}

Task<Json> RequestSignaler::getDataConsumerStats(std::string dataConsumerId) {
  return ask(*this, "getDataConsumerStats", only("dataConsumerId", dataConsumerId), array);
}

std::optional<Notification> RequestSignaler::toNotification(const std::string& method,
                                                            const Json& data) {
  return protoo::toNotification(method, data);
}

std::optional<ServerRequest::Content> RequestSignaler::toServerRequest(const std::string& method,
                                                                       const Json& data) {
  return protoo::toServerRequest(method, data);
}

}  // namespace cosoup
