// What the server asks for and tells.
#include <glib.h>

#include "cosoup/room/session.hpp"

namespace cosoup {
namespace {

constexpr int kForbidden = 403;
constexpr int kFailed = 500;

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace

Task<> Session::readEvents(Channel<SignalerEvent> events) {
  while (auto event = co_await events.next()) {
    if (auto* request = std::get_if<ServerRequest>(&*event)) {
      scope_.spawn(answer(std::move(*request)));
    } else if (auto* notification = std::get_if<Notification>(&*event)) {
      handle(*notification);
    } else {
      const SignalerClosed& closed = std::get<SignalerClosed>(*event);
      const std::string code = closed.code > 0 ? std::to_string(closed.code) + ": " : "";
      fail(Error(Error::Code::Disconnected,
                 "room: the connection to the server ended (" + code + closed.reason + ")"));
    }
  }
}

void Session::handle(const Notification& notification) {
  std::visit(Overloaded{
                 [&](const NewPeer& added) { events_->peerJoined.emit(*room_.add(added.peer)); },
                 [&](const PeerClosed& gone) { removePeer(gone.peerId); },
                 [&](const PeerDisplayNameChanged& changed) {
                   room_.rename(changed.peerId, changed.displayName);
                   if (const auto peer = room_.peer(changed.peerId)) {
                     events_->peerRenamed.emit(*peer);
                   }
                 },
                 [&](const ConsumerClosed& gone) { closeConsumer(gone.consumerId); },
                 [&](const ConsumerPaused& paused) {
                   if (const auto consumer = room_.consumer(paused.consumerId)) consumer->pause();
                 },
                 [&](const ConsumerResumed& resumed) {
                   if (const auto consumer = room_.consumer(resumed.consumerId)) {
                     consumer->resume();
                   }
                 },
                 [](const auto&) {},  // scores, layers and estimates change nothing here
             },
             notification);
}

Task<> Session::answer(ServerRequest request) {
  const auto* description = std::get_if<NewConsumer>(&request.content());
  if (!description || !sink_) {
    request.reject(kForbidden, "not wanted");
    co_return;
  }
  try {
    co_await consume(*description);
    request.accept();
  } catch (const Error& error) {
    request.reject(kFailed, error.what());
    events_->failed.emit(error);
  }
}

Task<> Session::consume(NewConsumer description) {
  // Known from now on: its end may be announced while it is still being made.
  incoming_[description.id].peerId = description.peerId;
  ConsumeOptions options(description.id, description.producerId, description.kind,
                         description.rtpParameters);
  options.appData = description.appData;
  options.streamId = description.peerId;
  std::shared_ptr<Consumer> consumer;
  std::exception_ptr failure;
  try {
    co_await joined_.wait();  // the roster says whose it is
    consumer = co_await recvTransport_->consume(std::move(options));
  } catch (...) {
    failure = std::current_exception();
  }
  Incoming& incoming = incoming_[description.id];
  if (failure || incoming.closedEarly) {
    incoming_.erase(description.id);
    if (consumer) consumer->close();
    if (failure) std::rethrow_exception(failure);
    co_return;
  }
  incoming.consumer = consumer;
  room_.addConsumer(description.peerId, consumer);
  if (description.producerPaused) consumer->pause();
  const std::shared_ptr<Peer> peer = room_.peer(description.peerId);
  sink_->addTrack(TrackOrigin(consumer->id(), peer->id(), peer->displayName(), room_.id()),
                  consumer->track());
  events_->consuming.emit(*peer, consumer);
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
  sink_->removeTrack(consumerId);
  room_.removeConsumer(consumerId);
  consumer->close();
  events_->consumerClosed.emit(consumer);
}

void Session::removePeer(const std::string& peerId) {
  // The server announces the end of each consumer as well, before or after this.
  std::vector<std::string> consumerIds;
  for (const auto& [consumerId, incoming] : incoming_) {
    if (incoming.peerId == peerId) consumerIds.push_back(consumerId);
  }
  for (const std::string& consumerId : consumerIds) closeConsumer(consumerId);
  if (const auto peer = room_.remove(peerId)) events_->peerLeft.emit(*peer);
}

}  // namespace cosoup
