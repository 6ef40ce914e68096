// What a client asks the server for while it is in a room.
#include "cosoup/mediasoup_client_state.hpp"

namespace cosoup {
namespace {

/// Throws Error(InvalidState) in the name of `operation` for nothing, or for what is closed.
template <class Object>
void ensureOpen(const std::shared_ptr<Object>& object, const char* operation) {
  if (object && !object->isClosed()) return;
  const char* reason = object ? ": it is closed" : ": nothing given";
  throw Error(Error::Code::InvalidState, std::string(operation) + reason);
}

}  // namespace

Task<> MediasoupClient::closeProducer(std::shared_ptr<Producer> producer) {
  const std::shared_ptr<Session> session = state_->present("closeProducer");
  ensureOpen(producer, "closeProducer");
  producer->close();
  co_await session->signaler().closeProducer(producer->id());
}

Task<> MediasoupClient::pauseProducer(std::shared_ptr<Producer> producer) {
  const std::shared_ptr<Session> session = state_->present("pauseProducer");
  ensureOpen(producer, "pauseProducer");
  producer->pause();
  co_await session->signaler().pauseProducer(producer->id());
}

Task<> MediasoupClient::resumeProducer(std::shared_ptr<Producer> producer) {
  const std::shared_ptr<Session> session = state_->present("resumeProducer");
  ensureOpen(producer, "resumeProducer");
  producer->resume();
  co_await session->signaler().resumeProducer(producer->id());
}

Task<> MediasoupClient::pauseConsumer(std::shared_ptr<Consumer> consumer) {
  const std::shared_ptr<Session> session = state_->present("pauseConsumer");
  ensureOpen(consumer, "pauseConsumer");
  co_await session->pauseConsumer(std::move(consumer));
}

Task<> MediasoupClient::resumeConsumer(std::shared_ptr<Consumer> consumer) {
  const std::shared_ptr<Session> session = state_->present("resumeConsumer");
  ensureOpen(consumer, "resumeConsumer");
  co_await session->resumeConsumer(std::move(consumer));
}

Task<> MediasoupClient::setPreferredLayers(std::shared_ptr<Consumer> consumer, int spatialLayer,
                                           std::optional<int> temporalLayer) {
  const std::shared_ptr<Session> session = state_->present("setPreferredLayers");
  ensureOpen(consumer, "setPreferredLayers");
  co_await session->signaler().setConsumerPreferredLayers(consumer->id(), spatialLayer,
                                                          temporalLayer);
}

Task<> MediasoupClient::setPriority(std::shared_ptr<Consumer> consumer, int priority) {
  const std::shared_ptr<Session> session = state_->present("setPriority");
  ensureOpen(consumer, "setPriority");
  co_await session->signaler().setConsumerPriority(consumer->id(), priority);
}

Task<> MediasoupClient::requestKeyFrame(std::shared_ptr<Consumer> consumer) {
  const std::shared_ptr<Session> session = state_->present("requestKeyFrame");
  ensureOpen(consumer, "requestKeyFrame");
  co_await session->signaler().requestConsumerKeyFrame(consumer->id());
}

Task<> MediasoupClient::sendChat(std::string text) {
  const std::shared_ptr<Session> session = state_->present("sendChat");
  co_await session->sendChat(std::move(text));
}

Task<> MediasoupClient::sendToBot(std::string text) {
  const std::shared_ptr<Session> session = state_->present("sendToBot");
  co_await session->sendToBot(std::move(text));
}

Task<std::shared_ptr<DataProducer>> MediasoupClient::produceData(DataProduceOptions options) {
  const std::shared_ptr<Session> session = state_->present("produceData");
  co_return co_await session->produceData(std::move(options));
}

Task<> MediasoupClient::changeDisplayName(std::string displayName) {
  const std::shared_ptr<Session> session = state_->present("changeDisplayName");
  co_await session->signaler().changeDisplayName(displayName);
  state_->stay->room()->renameMe(std::move(displayName));
}

Task<Json> MediasoupClient::getServerStats(std::shared_ptr<Producer> producer) {
  const std::shared_ptr<Session> session = state_->present("getServerStats");
  ensureOpen(producer, "getServerStats");
  co_return co_await session->signaler().getProducerStats(producer->id());
}

Task<Json> MediasoupClient::getServerStats(std::shared_ptr<Consumer> consumer) {
  const std::shared_ptr<Session> session = state_->present("getServerStats");
  ensureOpen(consumer, "getServerStats");
  co_return co_await session->signaler().getConsumerStats(consumer->id());
}

Task<Json> MediasoupClient::getServerStats(std::shared_ptr<DataProducer> producer) {
  const std::shared_ptr<Session> session = state_->present("getServerStats");
  ensureOpen(producer, "getServerStats");
  co_return co_await session->signaler().getDataProducerStats(producer->id());
}

Task<Json> MediasoupClient::getServerStats(std::shared_ptr<DataConsumer> consumer) {
  const std::shared_ptr<Session> session = state_->present("getServerStats");
  ensureOpen(consumer, "getServerStats");
  co_return co_await session->signaler().getDataConsumerStats(consumer->id());
}

Task<Json> MediasoupClient::getServerStats(std::shared_ptr<SendTransport> transport) {
  const std::shared_ptr<Session> session = state_->present("getServerStats");
  ensureOpen(transport, "getServerStats");
  co_return co_await session->signaler().getTransportStats(transport->id());
}

Task<Json> MediasoupClient::getServerStats(std::shared_ptr<RecvTransport> transport) {
  const std::shared_ptr<Session> session = state_->present("getServerStats");
  ensureOpen(transport, "getServerStats");
  co_return co_await session->signaler().getTransportStats(transport->id());
}

Task<> MediasoupClient::applyNetworkThrottle(NetworkThrottle throttle) {
  const std::shared_ptr<Session> session = state_->present("applyNetworkThrottle");
  co_await session->signaler().applyNetworkThrottle(std::move(throttle));
}

Task<> MediasoupClient::resetNetworkThrottle(std::string secret) {
  const std::shared_ptr<Session> session = state_->present("resetNetworkThrottle");
  co_await session->signaler().resetNetworkThrottle(std::move(secret));
}

}  // namespace cosoup
