#include "cosoup/room/session.hpp"

#include <algorithm>
#include <utility>

#include "cosoup/async/loop.hpp"
#include "cosoup/core/as_error.hpp"

namespace cosoup {
namespace {

constexpr int kForbidden = 403;
constexpr int kFailed = 500;
constexpr int kMeantToEnd = 4000;  // the close code of a protoo server that ends a connection

}  // namespace

Session::Session(SessionContext context)
    : core_(std::move(context)),
      transports_(core_),
      outgoingMedia_(core_),
      incomingMedia_(core_),
      outgoingData_(core_, [this] { return transports_.sendTransport(); }),
      incomingData_(core_) {
  abandoned_ = transports_.producerAbandoned.connect([this](const std::string& producerId) {
    core_.scope.spawn(outgoingMedia_.undo(producerId));
  });
}

// ---- joining -----------------------------------------------------------------------------------

Task<> Session::connect(RoomAddress address, bool sends) {
  const auto self = shared_from_this();
  begin(core_.scope, Device::warmUp());
  co_await signaler().connect(address, core_.room().me().id);
  core_.scope.spawn(readEvents(signaler().events()));
  co_await transports_.make(std::move(address), sends);
}

Task<> Session::join(bool again) {
  const auto self = shared_from_this();
  JoinOptions options(core_.room().me());
  if (core_.context.sink) options.rtpCapabilities = core_.device.recvRtpCapabilities();
  if (core_.context.data) options.sctpCapabilities = core_.device.sctpCapabilities();
  std::vector<PeerDescription> peers = co_await signaler().join(std::move(options));
  renewRoster(std::move(peers), again);
  core_.joined.resolve();
}

void Session::renewRoster(std::vector<PeerDescription> peers, bool again) {
  Room& room = core_.room();
  const std::vector<std::shared_ptr<Peer>> before = room.peers();
  for (const auto& peer : before) {
    const bool stayed = std::any_of(peers.begin(), peers.end(),
                                    [&](const auto& present) { return present.id == peer->id(); });
    if (!stayed) core_.tell(event::PeerClosed{room.remove(peer->id())});
  }
  for (PeerDescription& description : peers) {
    const bool isNew = !room.peer(description.id);
    const std::shared_ptr<Peer> peer = room.add(std::move(description));
    if (isNew && again) core_.tell(event::NewPeer{peer});
  }
}

// ---- what its parts do -------------------------------------------------------------------------

// Each keeps the session alive: a stay may be in the next one before they have ended.

Task<> Session::produce(std::shared_ptr<OutgoingSource> source) {
  const auto self = shared_from_this();
  co_await outgoingMedia_.produce(std::move(source));
}

Task<> Session::stopProducing(std::shared_ptr<OutgoingSource> source) {
  const auto self = shared_from_this();
  co_await outgoingMedia_.stop(std::move(source));
}

Task<std::shared_ptr<DataProducer>> Session::produceData(DataProduceOptions options) {
  const auto self = shared_from_this();
  co_return co_await outgoingData_.produce(std::move(options));
}

Task<> Session::restoreDataProducers() {
  const auto self = shared_from_this();
  co_await outgoingData_.restore();
}

Task<> Session::sendChat(std::string text) {
  const auto self = shared_from_this();
  co_await outgoingData_.sendChat(std::move(text));
}

Task<> Session::sendToBot(std::string text) {
  const auto self = shared_from_this();
  co_await outgoingData_.sendToBot(std::move(text));
}

void Session::closeConsumers() {
  incomingMedia_.closeAll();
  incomingData_.closeAll();
}

// ---- what the server asks for and tells --------------------------------------------------------

Task<> Session::readEvents(Channel<SignalerEvent> events) {
  while (auto event = co_await events.next()) {
    if (auto* request = std::get_if<ServerRequest>(&*event)) {
      core_.scope.spawn(answer(std::move(*request)));
    } else if (auto* notification = std::get_if<Notification>(&*event)) {
      tell(*notification);
    } else {
      const SignalerClosed& closed = std::get<SignalerClosed>(*event);
      const std::string code = closed.code > 0 ? std::to_string(closed.code) + ": " : "";
      core_.lost.resolve(
          Loss{Error(Error::Code::Disconnected,
                     "room: the connection to the server ended (" + code + closed.reason + ")"),
               closed.code == kMeantToEnd});
    }
  }
  // A signaler should have said so before; one that does not must not leave us waiting.
  core_.lost.resolve(
      Loss{Error(Error::Code::Disconnected, "room: the connection to the server ended")});
}

Task<> Session::answer(ServerRequest request) {
  const auto* offer = std::get_if<NewConsumer>(&request.content());
  const auto* dataOffer = std::get_if<NewDataConsumer>(&request.content());
  try {
    bool taken = false;
    if (offer && core_.context.sink) taken = co_await incomingMedia_.consume(*offer);
    if (dataOffer && core_.context.data) taken = co_await incomingData_.consume(*dataOffer);
    if (taken) {
      request.accept();
      if (offer) co_await incomingMedia_.tellWishes(offer->id);
    } else {
      request.reject(kForbidden, "not wanted");
    }
  } catch (const Cancelled&) {
    throw;
  } catch (...) {  // a listener may throw anything
    const Error error = asError(std::current_exception());
    request.reject(kFailed, error.what());
    // What fails because we leave is nobody's loss.
    if (!core_.leaving) core_.tell(event::Failed{error});
  }
}

// An app's sink or callback that throws must not end the reading.
void Session::tell(const Notification& notification) {
  try {
    std::visit([this](const auto& told) { pass(told); }, notification);
  } catch (...) {
    core_.tell(event::Failed{asError(std::current_exception())});
  }
}

// To the part that it concerns, else to the session itself.
template <class Told>
void Session::pass(const Told& told) {
  if constexpr (requires { outgoingMedia_.on(told); }) {
    outgoingMedia_.on(told);
  } else if constexpr (requires { incomingMedia_.on(told); }) {
    incomingMedia_.on(told);
  } else if constexpr (requires { incomingData_.on(told); }) {
    incomingData_.on(told);
  } else {
    on(told);
  }
}

void Session::on(const notification::NewPeer& added) {
  // A server may replace a peer by another one of its id, that which came back after a lost
  // connection, without a word of the first one's end.
  if (core_.room().isAnnounced(added.peer.id)) removePeer(added.peer.id);
  core_.tell(event::NewPeer{core_.room().add(added.peer)});
}

void Session::on(const notification::PeerClosed& gone) { removePeer(gone.peerId); }

void Session::removePeer(const std::string& peerId) {
  incomingMedia_.dropAllOf(peerId);
  incomingData_.dropAllOf(peerId);
  if (const auto peer = core_.room().remove(peerId)) core_.tell(event::PeerClosed{peer});
}

void Session::on(const notification::PeerDisplayNameChanged& changed) {
  const std::shared_ptr<Peer> peer = core_.room().peer(changed.peerId);
  if (!peer) return;
  std::string before = peer->displayName();
  core_.room().rename(changed.peerId, changed.displayName);
  core_.tell(event::PeerDisplayNameChanged{peer, std::move(before)});
}

void Session::on(const notification::ActiveSpeaker& speaker) {
  const std::string id = speaker.peerId.value_or("");
  core_.tell(
      event::ActiveSpeaker{core_.room().peer(id), id == core_.room().me().id, speaker.volume});
}

void Session::on(const notification::SpeakingPeers& speaking) {
  event::SpeakingPeers told;
  for (const notification::SpeakingPeers::Volume& heard : speaking.volumes) {
    const std::shared_ptr<Peer> peer = core_.room().peer(heard.peerId);
    const bool isMe = heard.peerId == core_.room().me().id;
    if (peer || isMe) told.speakers.push_back({peer, isMe, heard.volume});
  }
  core_.tell(told);
}

void Session::on(const notification::DownlinkBwe& changed) {
  core_.tell(event::DownlinkBwe{changed.estimate});
}

// ---- leaving -----------------------------------------------------------------------------------

Task<> Session::leave() {
  const auto self = shared_from_this();
  co_await shielded(leaveSteps());
}

Task<> Session::leaveSteps() {
  if (core_.leaving) {
    co_await left_.wait();
    co_return;
  }
  core_.leaving = true;
  outgoingMedia_.keepWishes();
  incomingMedia_.keepWishes();
  incomingData_.keepWishes();
  outgoingData_.keepWishes();
  core_.joined.reject(std::make_exception_ptr(Error(Error::Code::InvalidState, "room: left")));
  // The server hears of it by the closing of the connection.
  Scope ending;
  if (core_.sendTransport) ending.spawn(core_.sendTransport->close());
  if (core_.recvTransport) ending.spawn(core_.recvTransport->close());
  ending.spawn(signaler().close());
  try {
    co_await ending.join();
  } catch (...) {  // they have all ended; whoever waits for us must not wait for ever
    detail::reportEscapedException("leave");
  }
  co_await core_.scope.close();
  transports_.clear();
  outgoingMedia_.clear();
  incomingMedia_.clear();
  incomingData_.clear();
  left_.resolve();
}

}  // namespace cosoup
