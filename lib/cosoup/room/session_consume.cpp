// From the server's offers to the consumers.
#include "cosoup/room/session.hpp"

namespace cosoup {

Task<bool> Session::consume(NewConsumer offer) {
  if (incoming_.contains(offer.id)) {
    throw Error(Error::Code::InvalidArgument, "consume: there is a consumer " + offer.id);
  }
  // Known from now on: its end may be announced while it is still being made.
  incoming_[offer.id] = Incoming{offer.peerId, nullptr, offer.producerPaused};
  std::shared_ptr<Consumer> consumer;
  std::exception_ptr failure;
  try {
    consumer = co_await makeConsumer(offer);
  } catch (...) {
    failure = std::current_exception();
  }
  const Incoming incoming = incoming_[offer.id];
  if (!consumer || incoming.closedEarly) {
    incoming_.erase(offer.id);
    if (consumer) consumer->close();
    if (failure) std::rethrow_exception(failure);
    co_return false;
  }
  incoming_[offer.id].consumer = consumer;
  if (incoming.pausedThere) consumer->pause();
  context_.room->addConsumer(offer.peerId, consumer);
  const std::shared_ptr<Peer> peer = context_.room->peer(offer.peerId);
  context_.sink->addTrack(
      TrackOrigin(consumer->id(), peer->id(), peer->displayName(), context_.room->id()),
      consumer->track());
  context_.tell(event::Consuming{peer, consumer});
  if (offer.score) context_.tell(event::ConsumerScore{peer, consumer, *offer.score});
  co_return true;
}

// Null: the listener does not want it.
Task<std::shared_ptr<Consumer>> Session::makeConsumer(NewConsumer offer) {
  co_await joined_.wait();  // the roster says whose it is
  const std::shared_ptr<Peer> peer = context_.room->peerOrUnknown(offer.peerId);
  const bool wanted = co_await context_.listeners->askAbout(offer, peer).wait();
  if (!wanted) co_return nullptr;
  ConsumeOptions options(offer.id, offer.producerId, offer.kind, offer.rtpParameters);
  options.appData = offer.appData;
  // A screen is no part of what its peer looks and sounds like.
  const Json share = offer.appData.getOr<Json>("share", false);
  options.streamId = offer.peerId + (share == Json(true) ? "-screen" : "");
  co_return co_await recvTransport_->consume(std::move(options));
}

void Session::setPausedThere(const std::string& consumerId, bool paused) {
  const auto found = incoming_.find(consumerId);
  if (found == incoming_.end()) return;
  Incoming& incoming = found->second;
  incoming.pausedThere = paused;
  if (!incoming.consumer || incoming.consumer->isClosed()) return;
  const std::shared_ptr<Peer> peer = context_.room->peerOfConsumer(consumerId);
  if (paused) {
    incoming.consumer->pause();
    context_.tell(event::ConsumerPaused{peer, incoming.consumer});
  } else {
    if (!incoming.pausedHere) incoming.consumer->resume();
    context_.tell(event::ConsumerResumed{peer, incoming.consumer});
  }
}

Task<> Session::pauseConsumer(std::shared_ptr<Consumer> consumer) {
  const auto self = shared_from_this();
  incoming_[consumer->id()].pausedHere = true;
  consumer->pause();
  co_await context_.signaler->pauseConsumer(consumer->id());
}

Task<> Session::resumeConsumer(std::shared_ptr<Consumer> consumer) {
  const auto self = shared_from_this();
  co_await context_.signaler->resumeConsumer(consumer->id());
  const auto found = incoming_.find(consumer->id());
  if (found == incoming_.end()) co_return;
  found->second.pausedHere = false;
  if (!found->second.pausedThere) consumer->resume();
}

void Session::closeConsumer(const std::string& consumerId) {
  const auto found = incoming_.find(consumerId);
  if (found == incoming_.end()) return;
  const std::shared_ptr<Consumer> consumer = found->second.consumer;
  if (!consumer) {
    found->second.closedEarly = true;
    return;
  }
  incoming_.erase(found);
  const std::shared_ptr<Peer> peer = context_.room->peerOfConsumer(consumerId);
  context_.sink->removeTrack(consumerId);
  context_.room->removeConsumer(consumerId);
  consumer->close();
  context_.tell(event::ConsumerClosed{peer, consumer});
}

void Session::closeConsumers() {
  std::vector<std::string> consumerIds;
  for (const auto& [consumerId, incoming] : incoming_) consumerIds.push_back(consumerId);
  for (const std::string& consumerId : consumerIds) closeConsumer(consumerId);
  std::vector<std::string> dataConsumerIds;
  for (const auto& [id, incoming] : incomingData_) dataConsumerIds.push_back(id);
  for (const std::string& id : dataConsumerIds) closeDataConsumer(id);
}

void Session::removePeer(const std::string& peerId) {
  // The server announces the end of each consumer as well, before or after this.
  std::vector<std::string> consumerIds;
  for (const auto& [consumerId, incoming] : incoming_) {
    if (incoming.peerId == peerId) consumerIds.push_back(consumerId);
  }
  for (const std::string& consumerId : consumerIds) closeConsumer(consumerId);
  closeDataConsumersOf(peerId);
  if (const auto peer = context_.room->remove(peerId)) context_.tell(event::PeerLeft{peer});
}

}  // namespace cosoup
