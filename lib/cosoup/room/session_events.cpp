// What the server asks for and tells.
#include <glib.h>

#include "cosoup/core/as_error.hpp"
#include "cosoup/room/session.hpp"

namespace cosoup {
namespace {

constexpr int kForbidden = 403;
constexpr int kFailed = 500;
constexpr int kMeantToEnd = 4000;  // the close code of a protoo server that ends a connection
// A score can come before the answer that tells us the producer's id.
constexpr std::size_t kMaxEarlyScores = 16;

}  // namespace

// An app's sink or callback that throws must not end the reading.
void Session::tell(const Notification& notification) {
  try {
    std::visit([this](const auto& told) { on(told); }, notification);
  } catch (...) {
    context_.tell(event::Failed{asError(std::current_exception())});
  }
}

Task<> Session::readEvents(Channel<SignalerEvent> events) {
  while (auto event = co_await events.next()) {
    if (auto* request = std::get_if<ServerRequest>(&*event)) {
      scope_.spawn(answer(std::move(*request)));
    } else if (auto* notification = std::get_if<Notification>(&*event)) {
      tell(*notification);
    } else {
      const SignalerClosed& closed = std::get<SignalerClosed>(*event);
      const std::string code = closed.code > 0 ? std::to_string(closed.code) + ": " : "";
      lost_.resolve(
          Loss{Error(Error::Code::Disconnected,
                     "room: the connection to the server ended (" + code + closed.reason + ")"),
               closed.code == kMeantToEnd});
    }
  }
  // A signaler should have said so before; one that does not must not leave us waiting.
  lost_.resolve(Loss{Error(Error::Code::Disconnected, "room: the connection to the server ended")});
}

void Session::on(const NewPeer& added) {
  // A server may replace a peer by another one of its id, that which came back after a lost
  // connection, without a word of the first one's end.
  if (context_.room->isAnnounced(added.peer.id)) removePeer(added.peer.id);
  context_.tell(event::PeerJoined{context_.room->add(added.peer)});
}

void Session::on(const PeerClosed& gone) { removePeer(gone.peerId); }

void Session::on(const PeerDisplayNameChanged& changed) {
  const std::shared_ptr<Peer> peer = context_.room->peer(changed.peerId);
  if (!peer) return;
  std::string before = peer->displayName();
  context_.room->rename(changed.peerId, changed.displayName);
  context_.tell(event::PeerRenamed{peer, std::move(before)});
}

void Session::on(const ActiveSpeaker& speaker) {
  const std::string id = speaker.peerId.value_or("");
  context_.tell(
      event::ActiveSpeaker{context_.room->peer(id), id == context_.room->me().id, speaker.volume});
}

void Session::on(const SpeakingPeers& speaking) {
  event::SpeakingPeers told;
  for (const SpeakingPeers::Volume& heard : speaking.volumes) {
    const std::shared_ptr<Peer> peer = context_.room->peer(heard.peerId);
    const bool isMe = heard.peerId == context_.room->me().id;
    if (peer || isMe) told.speakers.push_back({peer, isMe, heard.volume});
  }
  context_.tell(told);
}

void Session::on(const DownlinkBwe& estimate) { context_.tell(event::DownlinkBwe{estimate}); }

void Session::on(const ProducerScore& changed) {
  if (const auto producer = producerOf(changed.producerId)) {
    context_.tell(event::ProducerScore{producer, changed.scores});
  } else if (sendTransport_ && earlyScores_.size() < kMaxEarlyScores) {
    earlyScores_.insert_or_assign(changed.producerId, changed);
  }
}

void Session::on(const ConsumerClosed& gone) { closeConsumer(gone.consumerId); }

void Session::on(const ConsumerPaused& paused) { setPausedThere(paused.consumerId, true); }

void Session::on(const ConsumerResumed& resumed) { setPausedThere(resumed.consumerId, false); }

void Session::on(const ConsumerScore& changed) {
  if (const auto consumer = context_.room->consumer(changed.consumerId)) {
    context_.tell(
        event::ConsumerScore{context_.room->peerOfConsumer(consumer->id()), consumer, changed});
  }
}

void Session::on(const ConsumerLayersChanged& changed) {
  if (const auto consumer = context_.room->consumer(changed.consumerId)) {
    context_.tell(event::ConsumerLayersChanged{context_.room->peerOfConsumer(consumer->id()),
                                               consumer, changed.spatialLayer,
                                               changed.temporalLayer});
  }
}

void Session::on(const DataConsumerClosed& gone) { closeDataConsumer(gone.dataConsumerId); }

Task<> Session::answer(ServerRequest request) {
  const auto* offer = std::get_if<NewConsumer>(&request.content());
  const auto* dataOffer = std::get_if<NewDataConsumer>(&request.content());
  try {
    bool taken = false;
    if (offer && context_.sink) taken = co_await consume(*offer);
    if (dataOffer && context_.data) taken = co_await consumeData(*dataOffer);
    if (taken) {
      request.accept();
    } else {
      request.reject(kForbidden, "not wanted");
    }
  } catch (const Cancelled&) {
    throw;
  } catch (...) {  // a listener may throw anything
    const Error error = asError(std::current_exception());
    request.reject(kFailed, error.what());
    // What fails because we leave is nobody's loss.
    if (!leaving_) context_.tell(event::Failed{error});
  }
}

}  // namespace cosoup
