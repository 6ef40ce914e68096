#include "cosoup/room/session.hpp"

#include <glib.h>

#include <algorithm>
#include <utility>

#include "cosoup/async/loop.hpp"

namespace cosoup {
namespace {

template <class Transport>
std::string nameOf(const Transport& transport) {
  return transport.direction() == TransportDirection::send ? "send transport" : "recv transport";
}

}  // namespace

Session::Session(SessionContext context) : context_(std::move(context)), device_(context_.device) {}

Session::~Session() = default;

Task<> Session::connect(RoomAddress address, bool sends) {
  const auto self = shared_from_this();
  begin(scope_, Device::warmUp());
  address_ = address;
  co_await context_.signaler->connect(std::move(address), context_.room->me().id);
  scope_.spawn(readEvents(context_.signaler->events()));
  co_await makeTransports(sends);
}

Task<> Session::join(bool again) {
  const auto self = shared_from_this();
  JoinOptions options(context_.room->me());
  if (context_.sink) options.rtpCapabilities = device_.recvRtpCapabilities();
  if (context_.data) options.sctpCapabilities = device_.sctpCapabilities();
  std::vector<PeerDescription> peers = co_await context_.signaler->join(std::move(options));
  renewRoster(std::move(peers), again);
  joined_.resolve();
}

void Session::renewRoster(std::vector<PeerDescription> peers, bool again) {
  Room& room = *context_.room;
  const std::vector<std::shared_ptr<Peer>> before = room.peers();
  for (const auto& peer : before) {
    const bool stayed = std::any_of(peers.begin(), peers.end(),
                                    [&](const auto& present) { return present.id == peer->id(); });
    if (!stayed) context_.tell(event::PeerLeft{room.remove(peer->id())});
  }
  for (PeerDescription& description : peers) {
    const bool isNew = !room.peer(description.id);
    const std::shared_ptr<Peer> peer = room.add(std::move(description));
    if (isNew && again) context_.tell(event::PeerJoined{peer});
  }
}

Task<> Session::makeTransports(bool sends) {
  // What does not depend on each other goes out together: one round trip for all three.
  Signaler& signaler = *context_.signaler;
  const auto router = begin(scope_, signaler.getRouterRtpCapabilities());
  const auto create = [&](bool producing) {
    return begin(scope_, signaler.createWebRtcTransport(transportToAskFor(producing)));
  };
  Deferred<TransportParameters> sendParameters;
  Deferred<TransportParameters> recvParameters;
  if (sends) sendParameters = create(true);
  if (context_.receives()) recvParameters = create(false);

  device_.load(co_await router.wait());
  if (sends) makeSendTransport(co_await sendParameters.wait());
  if (context_.receives()) makeRecvTransport(co_await recvParameters.wait());
}

WebRtcTransportOptions Session::transportToAskFor(bool producing) const {
  WebRtcTransportOptions options(producing);
  options.sctpCapabilities = SctpCapabilities();
  options.forceTcp = address_->forceTcp;
  return options;
}

TransportOptions Session::withIce(TransportParameters parameters) const {
  TransportOptions options(std::move(parameters));
  options.iceServers = address_->iceServers;
  options.iceTransportPolicy = address_->iceTransportPolicy;
  return options;
}

void Session::makeSendTransport(TransportParameters parameters) {
  const std::string id = parameters.id;
  sendTransport_ = device_.createSendTransport(
      withIce(std::move(parameters)),
      [this, id](DtlsParameters dtls) {
        return context_.signaler->connectWebRtcTransport(id, std::move(dtls));
      },
      [this, id](MediaKind kind, RtpParameters rtpParameters, Json appData) {
        return produceWhenJoined(id, kind, std::move(rtpParameters), std::move(appData));
      },
      [this, id](SctpStreamParameters sctpParameters, std::string label, std::string protocol,
                 Json appData) {
        return produceDataWhenJoined(id, sctpParameters, std::move(label), std::move(protocol),
                                     std::move(appData));
      });
  watch(sendTransport_);
  begin(scope_, sendTransport_->connect());  // goes on beside the join
}

void Session::makeRecvTransport(TransportParameters parameters) {
  const std::string id = parameters.id;
  recvTransport_ =
      device_.createRecvTransport(withIce(std::move(parameters)), [this, id](DtlsParameters dtls) {
        return context_.signaler->connectWebRtcTransport(id, std::move(dtls));
      });
  watch(recvTransport_);
  begin(scope_, recvTransport_->connect());
}

Task<std::string> Session::produceWhenJoined(std::string transportId, MediaKind kind,
                                             RtpParameters parameters, Json appData) {
  co_await joined_.wait();
  co_return co_await context_.signaler->produce(transportId, kind, parameters, appData);
}

template <class Transport>
void Session::watch(std::shared_ptr<Transport> transport) {
  const std::string name = nameOf(*transport);
  connections_.push_back(transport->connectionStateChanged().connect(
      [this, name, weak = std::weak_ptr(transport)](ConnectionState state) {
        g_info("%s: %s", name.c_str(), toString(state));
        const auto alive = weak.lock();
        if (alive && state == ConnectionState::failed) scope_.spawn(repair(alive));
      }));
}

template <class Transport>
Task<> Session::repair(std::shared_ptr<Transport> transport) {
  const std::string name = nameOf(*transport);
  if (context_.iceTimeout > std::chrono::milliseconds(0) && isJoined()) {
    try {
      co_await withTimeout(context_.iceTimeout, restartIceOf(transport), name);
      co_return;
    } catch (const Cancelled&) {
      throw;
    } catch (const std::exception& error) {  // a Signaler of the app's own may throw anything
      g_info("%s: the ICE restart did not help: %s", name.c_str(), error.what());
    }
  }
  lost_.resolve(
      Loss{Error(Error::Code::Disconnected, "room: the " + name + " lost its connection")});
}

template <class Transport>
Task<> Session::restartIceOf(std::shared_ptr<Transport> transport) {
  Deferred<> connected;
  const Connection watching =
      transport->connectionStateChanged().connect([&connected](ConnectionState state) {
        if (state == ConnectionState::connected) connected.resolve();
      });
  const bool wasConnected = transport->connectionState() == ConnectionState::connected;
  IceParameters iceParameters = co_await context_.signaler->restartIce(transport->id());
  co_await transport->restartIce(std::move(iceParameters));
  // webrtcbin may pass from connected to connected without a word.
  if (wasConnected && transport->connectionState() == ConnectionState::connected) co_return;
  co_await connected.wait();
}

Task<> Session::restartIce() {
  const auto self = shared_from_this();
  Scope restarting;
  if (sendTransport_) restarting.spawn(restartIceOf(sendTransport_));
  if (recvTransport_) restarting.spawn(restartIceOf(recvTransport_));
  co_await restarting.join();
}

Task<> Session::leave() {
  const auto self = shared_from_this();
  co_await shielded(leaveSteps());
}

Task<> Session::leaveSteps() {
  if (leaving_) {
    co_await left_.wait();
    co_return;
  }
  leaving_ = true;
  incomingData_.clear();  // nothing of them is told any more
  joined_.reject(std::make_exception_ptr(Error(Error::Code::InvalidState, "room: left")));
  // The server hears of it by the closing of the connection.
  Scope ending;
  if (sendTransport_) ending.spawn(sendTransport_->close());
  if (recvTransport_) ending.spawn(recvTransport_->close());
  ending.spawn(context_.signaler->close());
  try {
    co_await ending.join();
  } catch (...) {  // they have all ended; whoever waits for us must not wait for ever
    detail::reportEscapedException("leave");
  }
  co_await scope_.close();
  connections_.clear();
  producers_.clear();
  incoming_.clear();
  incomingData_.clear();
  left_.resolve();
}

}  // namespace cosoup
