#include "cosoup/room/incoming_data.hpp"

namespace cosoup {

Task<bool> IncomingData::consume(NewDataConsumer offer) {
  if (incoming_.contains(offer.id)) {
    throw Error(Error::Code::InvalidArgument, "consumeData: there is a data consumer " + offer.id);
  }
  // Known from now on: its end may be announced while it is still being made.
  Incoming& announced = incoming_[offer.id];
  announced.peerId = offer.peerId;
  announced.appData = offer.appData;
  std::shared_ptr<DataConsumer> consumer;
  std::exception_ptr failure;
  try {
    consumer = co_await make(offer);
  } catch (...) {
    failure = std::current_exception();
  }
  Incoming& incoming = incoming_[offer.id];
  if (!consumer || !core_.consumes || incoming.closedEarly) {
    if (incoming.wish) incoming.wish->taken = false;
    incoming_.erase(offer.id);
    if (consumer) consumer->close();
    if (failure) std::rethrow_exception(failure);
    co_return false;
  }
  incoming.consumer = consumer;
  const auto wish = incoming.wish;
  wish->consumerId = consumer->id();
  if (wish->paused) consumer->pause();
  if (wish->appData) consumer->setAppData(*wish->appData);
  core_.room().addDataConsumer(offer.peerId, consumer);
  const std::shared_ptr<Peer> peer = core_.room().peerOfDataConsumer(offer.id);
  follow(consumer, peer);
  const std::shared_ptr<DataConsumer> previous = wish->lineage.last();
  wish->lineage.add(consumer);
  core_.tell(event::DataConsuming{peer, consumer, previous});
  co_return true;
}

// Null: the listener does not want it, or the app has closed it in an earlier session.
Task<std::shared_ptr<DataConsumer>> IncomingData::make(NewDataConsumer offer) {
  co_await core_.joined.wait();  // the roster says whose it is
  std::shared_ptr<Peer> peer;
  if (offer.peerId) peer = core_.room().peerOrUnknown(*offer.peerId);
  const std::string stream =
      offer.label + " " + offer.protocol + " of " + offer.peerId.value_or("");
  const auto wish =
      core_.context.wishes->dataConsumers.claim(offer.dataProducerId, stream, peer, core_.number);
  incoming_[offer.id].wish = wish;
  if (wish->closed) co_return nullptr;
  const bool wanted = co_await core_.context.listeners->askAbout(offer, std::move(peer)).wait();
  if (!wanted) co_return nullptr;
  DataConsumeOptions options(offer.id, offer.dataProducerId, offer.sctpStreamParameters);
  options.label = offer.label;
  options.protocol = offer.protocol;
  options.appData = offer.appData;
  co_return co_await core_.recvTransport->consumeData(std::move(options));
}

void IncomingData::follow(const std::shared_ptr<DataConsumer>& consumer,
                          const std::shared_ptr<Peer>& peer) {
  // Weak: the consumer, which holds these callbacks, belongs to what they are about.
  const auto tell = [this, weak = std::weak_ptr(consumer), peer](const DataMessage& message) {
    if (const auto alive = weak.lock()) core_.tell(event::DataMessage{peer, alive, message});
  };
  // With the association all of its consumers fail, which is told once: see sctpFailed().
  const auto fail = [this, id = consumer->id()](const Error& error) {
    if (error.code() != Error::Code::Disconnected) return core_.tell(event::Failed{error});
    incoming_[id].isLost = true;
  };
  const auto end = [this, id = consumer->id()] {
    Incoming& ending = incoming_[id];
    if (!ending.isLost) ending.wish->closed = true;
    close(id);
  };
  std::vector<Connection>& connections = incoming_[consumer->id()].connections;
  connections.push_back(consumer->message.connect(tell));
  connections.push_back(consumer->failed.connect(fail));
  connections.push_back(consumer->closed.connect(end));
}

void IncomingData::close(const std::string& dataConsumerId) {
  const auto found = incoming_.find(dataConsumerId);
  if (found == incoming_.end()) return;
  const std::shared_ptr<DataConsumer> consumer = found->second.consumer;
  if (!consumer) {
    found->second.closedEarly = true;
    return;
  }
  const std::string id = dataConsumerId;  // which may be part of what is closed
  if (found->second.wish) found->second.wish->learn(*consumer, found->second.appData);
  incoming_.erase(found);
  const std::shared_ptr<Peer> peer = core_.room().peerOfDataConsumer(id);
  core_.room().removeDataConsumer(id);
  consumer->close();
  core_.tell(event::DataConsumerClosed{peer, consumer});
}

// The sender has ended it, or is gone.
void IncomingData::drop(const std::string& dataConsumerId) {
  const std::string id = dataConsumerId;  // which may be part of what is closed
  close(id);
  core_.context.wishes->dataConsumers.end(id);
}

void IncomingData::on(const DataConsumerClosed& gone) { drop(gone.dataConsumerId); }

void IncomingData::closeAll() {
  std::vector<std::string> ids;
  for (const auto& [id, incoming] : incoming_) ids.push_back(id);
  for (const std::string& id : ids) close(id);
}

void IncomingData::dropAllOf(const std::string& peerId) {
  std::vector<std::string> ids;
  for (const auto& [id, incoming] : incoming_) {
    if (incoming.peerId == peerId) ids.push_back(id);
  }
  for (const std::string& id : ids) drop(id);
}

void IncomingData::keepWishes() {
  for (const auto& [id, incoming] : incoming_) {
    if (incoming.consumer && incoming.wish) {
      incoming.wish->learn(*incoming.consumer, incoming.appData);
    }
  }
  core_.context.wishes->dataConsumers.endSession(core_.number, core_.room().peers());
}

}  // namespace cosoup
