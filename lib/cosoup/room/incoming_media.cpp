#include "cosoup/room/incoming_media.hpp"

#include "cosoup/core/as_error.hpp"

namespace cosoup {
namespace {

/// What is said of the stream to the app, and by which it is known again under other ids.
bool isShare(const NewConsumer& offer) {
  return offer.appData.getOr<Json>("share", false) == Json(true);
}

std::string streamOf(const NewConsumer& offer) {
  return toString(offer.kind) + (isShare(offer) ? " share of " : " of ") + offer.peerId;
}

}  // namespace

Task<bool> IncomingMedia::consume(NewConsumer offer) {
  if (incoming_.contains(offer.id)) {
    throw Error(Error::Code::InvalidArgument, "consume: there is a consumer " + offer.id);
  }
  // Known from now on: its end may be announced while it is still being made.
  Incoming& announced = incoming_[offer.id];
  announced.peerId = offer.peerId;
  announced.pausedThere = offer.producerPaused;
  announced.appData = offer.appData;
  std::shared_ptr<Consumer> consumer;
  std::exception_ptr failure;
  try {
    consumer = co_await make(offer);
  } catch (...) {
    failure = std::current_exception();
  }
  if (consumer && core_.consumes && !incoming_[offer.id].closedEarly) {
    add(offer, consumer);
    co_return true;
  }
  if (const auto wish = incoming_[offer.id].wish) wish->taken = false;
  incoming_.erase(offer.id);
  if (consumer) consumer->close();
  if (failure) std::rethrow_exception(failure);
  co_return false;
}

// Null: the listener does not want it, or the app has closed it in an earlier session.
Task<std::shared_ptr<Consumer>> IncomingMedia::make(NewConsumer offer) {
  co_await core_.joined.wait();  // the roster says whose it is
  const std::shared_ptr<Peer> peer = core_.room().peerOrUnknown(offer.peerId);
  const auto wish =
      core_.context.wishes->consumers.claim(offer.producerId, streamOf(offer), peer, core_.number);
  incoming_[offer.id].wish = wish;
  if (wish->closed) co_return nullptr;
  const bool wanted = co_await core_.context.listeners->askAbout(offer, peer).wait();
  if (!wanted) co_return nullptr;
  ConsumeOptions options(offer.id, offer.producerId, offer.kind, offer.rtpParameters);
  options.appData = offer.appData;
  // A screen is no part of what its peer looks and sounds like.
  options.streamId = offer.peerId + (isShare(offer) ? "-screen" : "");
  co_return co_await core_.recvTransport->consume(std::move(options));
}

void IncomingMedia::add(const NewConsumer& offer, const std::shared_ptr<Consumer>& consumer) {
  Incoming& incoming = incoming_[offer.id];
  const std::shared_ptr<ConsumerWish<Consumer>> wish = incoming.wish;
  incoming.consumer = consumer;
  wish->consumerId = consumer->id();
  if (wish->paused) consumer->pause();
  if (wish->appData) consumer->setAppData(*wish->appData);
  consumer->setProducerPaused(incoming.pausedThere);
  core_.room().addConsumer(offer.peerId, consumer);
  const std::shared_ptr<Peer> peer = core_.room().peer(offer.peerId);
  const TrackOrigin origin(consumer->id(), peer->id(), peer->displayName(), core_.room().id());
  try {
    core_.context.sink->addTrack(origin, consumer->track());
  } catch (...) {
    wish->taken = false;
    incoming_.erase(offer.id);
    core_.room().removeConsumer(offer.id);
    consumer->close();
    throw;
  }
  const auto end = [this, id = offer.id] {
    const auto found = incoming_.find(id);
    if (found == incoming_.end()) return;
    found->second.wish->closed = true;
    close(id);
  };
  incoming.connections.push_back(consumer->closed.connect(end));
  const std::shared_ptr<Consumer> previous = wish->lineage.last();
  wish->lineage.add(consumer);
  core_.tell(event::Consuming{peer, consumer, previous});
  if (offer.score) core_.tell(event::ConsumerScore{peer, consumer, *offer.score});
}

Task<> IncomingMedia::tellWishes(std::string consumerId) {
  const auto found = incoming_.find(consumerId);
  if (found == incoming_.end()) co_return;
  const std::shared_ptr<ConsumerWish<Consumer>> wish = found->second.wish;
  const auto layers = wish->preferredLayers;
  const std::optional<int> priority = wish->priority;
  Signaler& signaler = core_.signaler();
  // At once behind the answer, so that next to nothing comes.
  if (wish->paused) co_await signaler.pauseConsumer(consumerId);
  if (layers) {
    co_await signaler.setConsumerPreferredLayers(consumerId, layers->spatial, layers->temporal);
  }
  if (priority) co_await signaler.setConsumerPriority(consumerId, *priority);
}

void IncomingMedia::setPausedThere(const std::string& consumerId, bool paused) {
  const auto found = incoming_.find(consumerId);
  if (found == incoming_.end()) return;
  Incoming& incoming = found->second;
  incoming.pausedThere = paused;
  const std::shared_ptr<Consumer> consumer = incoming.consumer;
  if (!consumer || consumer->isClosed()) return;
  const std::shared_ptr<Peer> peer = core_.room().peerOfConsumer(consumerId);
  consumer->setProducerPaused(paused);
  if (paused) {
    core_.tell(event::ConsumerPaused{peer, consumer});
  } else {
    core_.tell(event::ConsumerResumed{peer, consumer});
  }
}

void IncomingMedia::close(const std::string& consumerId) {
  const auto found = incoming_.find(consumerId);
  if (found == incoming_.end()) return;
  const std::shared_ptr<Consumer> consumer = found->second.consumer;
  if (!consumer) {
    found->second.closedEarly = true;
    return;
  }
  const std::string id = consumerId;  // which may be part of what is closed
  if (found->second.wish) found->second.wish->learn(*consumer, found->second.appData);
  incoming_.erase(found);
  remove(id, consumer);
}

void IncomingMedia::remove(const std::string& consumerId,
                           const std::shared_ptr<Consumer>& consumer) {
  const std::shared_ptr<Peer> peer = core_.room().peerOfConsumer(consumerId);
  core_.room().removeConsumer(consumerId);
  try {
    core_.context.sink->removeTrack(consumerId);
  } catch (...) {  // a sink of the app's own may throw anything
    core_.tell(event::Failed{asError(std::current_exception())});
  }
  consumer->close();
  core_.tell(event::ConsumerClosed{peer, consumer});
}

// The sender has ended it, or is gone.
void IncomingMedia::drop(const std::string& consumerId) {
  close(consumerId);
  core_.context.wishes->consumers.end(consumerId);
}

void IncomingMedia::closeAll() {
  std::vector<std::string> ids;
  for (const auto& [id, incoming] : incoming_) ids.push_back(id);
  for (const std::string& id : ids) close(id);
}

void IncomingMedia::dropAllOf(const std::string& peerId) {
  // The server announces the end of each consumer as well, before or after this.
  std::vector<std::string> ids;
  for (const auto& [id, incoming] : incoming_) {
    if (incoming.peerId == peerId) ids.push_back(id);
  }
  for (const std::string& id : ids) drop(id);
}

void IncomingMedia::keepWishes() {
  for (auto& [id, incoming] : incoming_) {
    incoming.connections.clear();
    if (incoming.consumer && incoming.wish) {
      incoming.wish->learn(*incoming.consumer, incoming.appData);
    }
  }
  core_.context.wishes->consumers.endSession(core_.number, core_.room().peers());
}

// ---- what the server tells ---------------------------------------------------------------------

void IncomingMedia::on(const ConsumerClosed& gone) { drop(gone.consumerId); }

void IncomingMedia::on(const ConsumerPaused& paused) { setPausedThere(paused.consumerId, true); }

void IncomingMedia::on(const ConsumerResumed& resumed) {
  setPausedThere(resumed.consumerId, false);
}

void IncomingMedia::on(const ConsumerScore& changed) {
  if (const auto consumer = core_.room().consumer(changed.consumerId)) {
    core_.tell(
        event::ConsumerScore{core_.room().peerOfConsumer(consumer->id()), consumer, changed});
  }
}

void IncomingMedia::on(const ConsumerLayersChanged& changed) {
  if (const auto consumer = core_.room().consumer(changed.consumerId)) {
    core_.tell(event::ConsumerLayersChanged{core_.room().peerOfConsumer(consumer->id()), consumer,
                                            changed.spatialLayer, changed.temporalLayer});
  }
}

}  // namespace cosoup
