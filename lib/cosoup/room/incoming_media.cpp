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
  streams_.announce("consume", offer.id, offer.peerId, offer.appData).pausedThere =
      offer.producerPaused;
  std::shared_ptr<Consumer> consumer;
  std::exception_ptr failure;
  try {
    consumer = co_await make(offer);
  } catch (...) {
    failure = std::current_exception();
  }
  if (consumer && core_.consumes && !streams_.at(offer.id).closedEarly) {
    add(offer, consumer);
    co_return true;
  }
  streams_.giveUp(offer.id, consumer);
  if (failure) std::rethrow_exception(failure);
  co_return false;
}

// Null: the listener does not want it, or the app has closed it in an earlier session.
Task<std::shared_ptr<Consumer>> IncomingMedia::make(NewConsumer offer) {
  co_await core_.joined.wait();  // the roster says whose it is
  const std::shared_ptr<Peer> peer = core_.room().peerOrUnknown(offer.peerId);
  const auto wish =
      core_.context.wishes->consumers.claim(offer.producerId, streamOf(offer), peer, core_.number);
  streams_.at(offer.id).wish = wish;
  if (wish->closed) co_return nullptr;
  const bool wanted = co_await core_.context.listeners->askAbout(offer, peer).wait();
  if (!wanted) co_return nullptr;
  ConsumeOptions options(offer.id, offer.producerId, offer.kind, offer.rtpParameters);
  options.appData = offer.appData;
  options.latency = core_.context.latency;
  // A screen is no part of what its peer looks and sounds like.
  options.streamId = offer.peerId + (isShare(offer) ? "-screen" : "");
  co_return co_await core_.recvTransport->consume(std::move(options));
}

void IncomingMedia::add(const NewConsumer& offer, const std::shared_ptr<Consumer>& consumer) {
  streams_.put(offer.id, consumer);
  IncomingStream<Consumer>& stream = streams_.at(offer.id);
  consumer->setProducerPaused(stream.pausedThere);
  core_.room().addConsumer(offer.peerId, consumer);
  const std::shared_ptr<Peer> peer = core_.room().peer(offer.peerId);
  const TrackOrigin origin(consumer->id(), peer->id(), peer->displayName(), core_.room().id());
  try {
    core_.context.sink->addTrack(origin, consumer->track());
  } catch (...) {
    core_.room().removeConsumer(offer.id);
    streams_.giveUp(offer.id, consumer);
    throw;
  }
  const auto end = [this, id = offer.id] {
    const auto* closing = streams_.find(id);
    if (!closing) return;
    closing->wish->closed = true;
    close(id);
  };
  stream.connections.push_back(consumer->closed.connect(end));
  const std::shared_ptr<Consumer> previous = streams_.succeed(offer.id, consumer);
  core_.tell(event::Consuming{peer, consumer, previous});
  if (offer.score) core_.tell(event::ConsumerScore{peer, consumer, *offer.score});
}

Task<> IncomingMedia::tellWishes(std::string consumerId) {
  const auto* stream = streams_.find(consumerId);
  if (!stream) co_return;
  const std::shared_ptr<ConsumerWish<Consumer>> wish = stream->wish;
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
  auto* stream = streams_.find(consumerId);
  if (!stream) return;
  stream->pausedThere = paused;
  const std::shared_ptr<Consumer> consumer = stream->consumer;
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
  const std::string id = consumerId;  // which may be part of what is closed
  if (const auto consumer = streams_.take(id)) remove(id, consumer);
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
  for (const std::string& id : streams_.ids()) close(id);
}

// The server announces the end of each consumer as well, before or after this.
void IncomingMedia::dropAllOf(const std::string& peerId) {
  for (const std::string& id : streams_.idsOf(peerId)) drop(id);
}

void IncomingMedia::keepWishes() {
  streams_.keepWishes();
  core_.context.wishes->consumers.endSession(core_.number, core_.room().peers());
}

// ---- what the server tells ---------------------------------------------------------------------

void IncomingMedia::on(const notification::ConsumerClosed& gone) { drop(gone.consumerId); }

void IncomingMedia::on(const notification::ConsumerPaused& paused) {
  setPausedThere(paused.consumerId, true);
}

void IncomingMedia::on(const notification::ConsumerResumed& resumed) {
  setPausedThere(resumed.consumerId, false);
}

void IncomingMedia::on(const notification::ConsumerScore& changed) {
  if (const auto consumer = core_.room().consumer(changed.consumerId)) {
    core_.tell(
        event::ConsumerScore{core_.room().peerOfConsumer(consumer->id()), consumer, changed.score});
  }
}

void IncomingMedia::on(const notification::ConsumerLayersChanged& changed) {
  if (const auto consumer = core_.room().consumer(changed.consumerId)) {
    core_.tell(event::ConsumerLayersChanged{core_.room().peerOfConsumer(consumer->id()), consumer,
                                            changed.spatialLayer, changed.temporalLayer});
  }
}

}  // namespace cosoup
