#include "cosoup/room/incoming_data.hpp"

namespace cosoup {

Task<bool> IncomingData::consume(NewDataConsumer offer) {
  streams_.announce("consumeData", offer.id, offer.peerId, offer.appData);
  std::shared_ptr<DataConsumer> consumer;
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
Task<std::shared_ptr<DataConsumer>> IncomingData::make(NewDataConsumer offer) {
  co_await core_.joined.wait();  // the roster says whose it is
  std::shared_ptr<Peer> peer;
  if (offer.peerId) peer = core_.room().peerOrUnknown(*offer.peerId);
  const std::string stream =
      offer.label + " " + offer.protocol + " of " + offer.peerId.value_or("");
  const auto wish =
      core_.context.wishes->dataConsumers.claim(offer.dataProducerId, stream, peer, core_.number);
  streams_.at(offer.id).wish = wish;
  if (wish->closed) co_return nullptr;
  const bool wanted = co_await core_.context.listeners->askAbout(offer, std::move(peer)).wait();
  if (!wanted) co_return nullptr;
  DataConsumeOptions options(offer.id, offer.dataProducerId, offer.sctpStreamParameters);
  options.label = offer.label;
  options.protocol = offer.protocol;
  options.appData = offer.appData;
  co_return co_await core_.recvTransport->consumeData(std::move(options));
}

void IncomingData::add(const NewDataConsumer& offer,
                       const std::shared_ptr<DataConsumer>& consumer) {
  streams_.put(offer.id, consumer);
  core_.room().addDataConsumer(offer.peerId, consumer);
  const std::shared_ptr<Peer> peer = core_.room().peerOfDataConsumer(offer.id);
  follow(consumer, peer);
  const std::shared_ptr<DataConsumer> previous = streams_.succeed(offer.id, consumer);
  core_.tell(event::DataConsuming{peer, consumer, previous});
}

void IncomingData::follow(const std::shared_ptr<DataConsumer>& consumer,
                          const std::shared_ptr<Peer>& peer) {
  // Weak: the consumer, which holds these callbacks, belongs to what they are about.
  const auto tell = [this, weak = std::weak_ptr(consumer), peer](const DataMessage& message) {
    if (const auto alive = weak.lock()) core_.tell(event::Message{peer, alive, message});
  };
  // With the association all of its consumers fail, which is told once: see sctpFailed().
  const auto fail = [this, id = consumer->id()](const Error& error) {
    if (error.code() != Error::Code::Disconnected) return core_.tell(event::Failed{error});
    streams_.at(id).isLost = true;
  };
  const auto end = [this, id = consumer->id()] {
    const auto& ending = streams_.at(id);
    if (!ending.isLost) ending.wish->closed = true;
    close(id);
  };
  std::vector<Connection>& connections = streams_.at(consumer->id()).connections;
  connections.push_back(consumer->message.connect(tell));
  connections.push_back(consumer->failed.connect(fail));
  connections.push_back(consumer->closed.connect(end));
}

void IncomingData::close(const std::string& dataConsumerId) {
  const std::string id = dataConsumerId;  // which may be part of what is closed
  const std::shared_ptr<DataConsumer> consumer = streams_.take(id);
  if (!consumer) return;
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

void IncomingData::on(const notification::DataConsumerClosed& gone) { drop(gone.dataConsumerId); }

void IncomingData::closeAll() {
  for (const std::string& id : streams_.ids()) close(id);
}

void IncomingData::dropAllOf(const std::string& peerId) {
  for (const std::string& id : streams_.idsOf(peerId)) drop(id);
}

void IncomingData::keepWishes() {
  streams_.keepWishes();
  core_.context.wishes->dataConsumers.endSession(core_.number, core_.room().peers());
}

}  // namespace cosoup
