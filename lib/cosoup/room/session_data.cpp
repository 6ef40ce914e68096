// Messages: data producers and data consumers.
#include "cosoup/room/session.hpp"

namespace cosoup {

// ---- sending -----------------------------------------------------------------------------------

Task<> Session::ensureSendTransport() {
  const auto turn = co_await makingSendTransport_.lock();
  if (sendTransport_) co_return;
  TransportParameters parameters =
      co_await context_.signaler->createWebRtcTransport(transportToAskFor(true));
  if (leaving_) throw Error(Error::Code::InvalidState, "room: left");
  makeSendTransport(std::move(parameters));
}

Task<std::string> Session::produceDataWhenJoined(std::string transportId,
                                                 SctpStreamParameters parameters, std::string label,
                                                 std::string protocol, Json appData) {
  co_await joined_.wait();
  co_return co_await context_.signaler->produceData(transportId, parameters, label, protocol,
                                                    appData);
}

Task<std::shared_ptr<DataProducer>> Session::produceData(DataProduceOptions options) {
  const auto self = shared_from_this();
  co_await ensureSendTransport();
  co_return co_await sendTransport_->produceData(std::move(options));
}

Task<> Session::say(Line& line, DataProduceOptions options, std::string text) {
  const auto self = shared_from_this();
  std::shared_ptr<DataProducer> producer;
  {
    const auto turn = co_await line.making.lock();
    if (!line.producer || line.producer->isClosed()) {
      line.producer = co_await produceData(std::move(options));
    }
    producer = line.producer;
  }
  producer->send(text);
  co_await producer->drained();
}

Task<> Session::sendChat(std::string text) {
  return say(chat_, DataProduceOptions("chat"), std::move(text));
}

Task<> Session::sendToBot(std::string text) {
  return say(bot_, DataProduceOptions("bot"), std::move(text));
}

// ---- receiving ---------------------------------------------------------------------------------

Task<bool> Session::consumeData(NewDataConsumer offer) {
  if (incomingData_.contains(offer.id)) {
    throw Error(Error::Code::InvalidArgument, "consumeData: there is a data consumer " + offer.id);
  }
  // Known from now on: its end may be announced while it is still being made.
  incomingData_[offer.id].peerId = offer.peerId;
  std::shared_ptr<DataConsumer> consumer;
  std::exception_ptr failure;
  try {
    consumer = co_await makeDataConsumer(offer);
  } catch (...) {
    failure = std::current_exception();
  }
  IncomingData& incoming = incomingData_[offer.id];
  if (!consumer || incoming.closedEarly) {
    incomingData_.erase(offer.id);
    if (consumer) consumer->close();
    if (failure) std::rethrow_exception(failure);
    co_return false;
  }
  incoming.consumer = consumer;
  context_.room->addDataConsumer(offer.peerId, consumer);
  const std::shared_ptr<Peer> peer = context_.room->peerOfDataConsumer(offer.id);
  followDataConsumer(consumer, peer);
  context_.tell(event::DataConsuming{peer, consumer});
  co_return true;
}

// Null: the listener does not want it.
Task<std::shared_ptr<DataConsumer>> Session::makeDataConsumer(NewDataConsumer offer) {
  co_await joined_.wait();  // the roster says whose it is
  std::shared_ptr<Peer> peer;
  if (offer.peerId) peer = context_.room->peerOrUnknown(*offer.peerId);
  const bool wanted = co_await context_.listeners->askAbout(offer, std::move(peer)).wait();
  if (!wanted) co_return nullptr;
  DataConsumeOptions options(offer.id, offer.dataProducerId, offer.sctpStreamParameters);
  options.label = offer.label;
  options.protocol = offer.protocol;
  options.appData = offer.appData;
  co_return co_await recvTransport_->consumeData(std::move(options));
}

void Session::followDataConsumer(const std::shared_ptr<DataConsumer>& consumer,
                                 const std::shared_ptr<Peer>& peer) {
  // Weak: the consumer, which holds these callbacks, belongs to what they are about.
  const auto tell = [this, weak = std::weak_ptr(consumer), peer](const DataMessage& message) {
    if (const auto alive = weak.lock()) context_.tell(event::DataMessage{peer, alive, message});
  };
  // With the association all of its consumers fail; of that the end of the connection tells.
  const auto fail = [this](const Error& error) {
    if (error.code() != Error::Code::Disconnected) context_.tell(event::Failed{error});
  };
  const auto end = [this, id = consumer->id()] { closeDataConsumer(id); };
  std::vector<Connection>& connections = incomingData_[consumer->id()].connections;
  connections.push_back(consumer->message.connect(tell));
  connections.push_back(consumer->failed.connect(fail));
  connections.push_back(consumer->closed.connect(end));
}

void Session::closeDataConsumer(const std::string& dataConsumerId) {
  const auto found = incomingData_.find(dataConsumerId);
  if (found == incomingData_.end()) return;
  const std::shared_ptr<DataConsumer> consumer = found->second.consumer;
  if (!consumer) {
    found->second.closedEarly = true;
    return;
  }
  const std::string id = dataConsumerId;  // which may be part of what is closed
  incomingData_.erase(found);
  const std::shared_ptr<Peer> peer = context_.room->peerOfDataConsumer(id);
  context_.room->removeDataConsumer(id);
  consumer->close();
  context_.tell(event::DataConsumerClosed{peer, consumer});
}

void Session::closeDataConsumersOf(const std::optional<std::string>& peerId) {
  std::vector<std::string> ids;
  for (const auto& [id, incoming] : incomingData_) {
    if (incoming.peerId == peerId) ids.push_back(id);
  }
  for (const std::string& id : ids) closeDataConsumer(id);
}

}  // namespace cosoup
