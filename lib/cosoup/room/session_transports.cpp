#include "cosoup/room/session_transports.hpp"

#include <glib.h>

#include <utility>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/core/as_error.hpp"

namespace cosoup {
namespace {

std::string nameOf(const Transport& transport) {
  return transport.direction() == TransportDirection::send ? "send transport" : "recv transport";
}

}  // namespace

// ---- making ------------------------------------------------------------------------------------

Task<> SessionTransports::make(RoomAddress address, bool sends) {
  address_ = std::move(address);
  const bool receives = core_.context.receives();
  // What does not depend on each other goes out together: one round trip for all three.
  Signaler& signaler = core_.signaler();
  const auto router = begin(core_.scope, signaler.getRouterRtpCapabilities());
  const auto create = [&](bool producing) {
    return begin(core_.scope, signaler.createWebRtcTransport(whatToAskFor(producing)));
  };
  Deferred<TransportParameters> sendParameters;
  Deferred<TransportParameters> recvParameters;
  if (sends) sendParameters = create(true);
  if (receives) recvParameters = create(false);

  core_.device.load(co_await router.wait());
  if (sends) makeSendTransport(co_await sendParameters.wait());
  if (receives) makeRecvTransport(co_await recvParameters.wait());
}

Task<std::shared_ptr<SendTransport>> SessionTransports::sendTransport() {
  const auto turn = co_await making_.lock();
  if (core_.sendTransport) co_return core_.sendTransport;
  TransportParameters parameters =
      co_await core_.signaler().createWebRtcTransport(whatToAskFor(true));
  if (core_.leaving) throw Error(Error::Code::InvalidState, "room: left");
  makeSendTransport(std::move(parameters));
  co_return core_.sendTransport;
}

WebRtcTransportOptions SessionTransports::whatToAskFor(bool producing) const {
  WebRtcTransportOptions options(producing);
  options.sctpCapabilities = SctpCapabilities();
  options.forceTcp = address_->forceTcp;
  return options;
}

TransportOptions SessionTransports::withIce(TransportParameters parameters) const {
  TransportOptions options(std::move(parameters));
  options.iceServers = address_->iceServers;
  options.iceTransportPolicy = address_->iceTransportPolicy;
  return options;
}

ConnectHandler SessionTransports::connectHandler(std::string id) const {
  return [this, id = std::move(id)](DtlsParameters dtls) {
    return core_.signaler().connectWebRtcTransport(id, std::move(dtls));
  };
}

void SessionTransports::makeSendTransport(TransportParameters parameters) {
  const std::string id = parameters.id;
  core_.sendTransport = core_.device.createSendTransport(
      withIce(std::move(parameters)), connectHandler(id),
      [this, id](MediaKind kind, RtpParameters rtpParameters, Json appData) {
        return produce(id, kind, std::move(rtpParameters), std::move(appData));
      },
      [this, id](SctpStreamParameters sctpParameters, std::string label, std::string protocol,
                 Json appData) {
        return produceData(id, sctpParameters, std::move(label), std::move(protocol),
                           std::move(appData));
      });
  watch(core_.sendTransport);
  connections_.push_back(core_.sendTransport->producerAbandoned.connect(
      [this](const std::string& producerId) { emitSignal(producerAbandoned, producerId); }));
  core_.scope.spawn(connect(core_.sendTransport));  // goes on beside the join
}

void SessionTransports::makeRecvTransport(TransportParameters parameters) {
  const std::string id = parameters.id;
  core_.recvTransport =
      core_.device.createRecvTransport(withIce(std::move(parameters)), connectHandler(id));
  watch(core_.recvTransport);
  core_.scope.spawn(connect(core_.recvTransport));
}

Task<std::string> SessionTransports::produce(std::string transportId, MediaKind kind,
                                             RtpParameters parameters, Json appData) {
  co_await core_.joined.wait();
  co_return co_await core_.signaler().produce(transportId, kind, parameters, appData);
}

Task<std::string> SessionTransports::produceData(std::string transportId,
                                                 SctpStreamParameters parameters, std::string label,
                                                 std::string protocol, Json appData) {
  co_await core_.joined.wait();
  co_return co_await core_.signaler().produceData(transportId, parameters, label, protocol,
                                                  appData);
}

// ---- their paths -------------------------------------------------------------------------------

void SessionTransports::watch(const std::shared_ptr<Transport>& transport) {
  const std::string name = nameOf(*transport);
  connections_.push_back(transport->connectionStateChanged.connect(
      [this, name, weak = std::weak_ptr(transport)](ConnectionState state) {
        g_info("%s: %s", name.c_str(), toString(state));
        const auto alive = weak.lock();
        if (!alive || state != ConnectionState::failed) return;
        // Whoever is not the server now will not be it at the next attempt, either.
        if (alive->failure()) core_.lost.resolve(Loss{alive->failure()->within("room"), true});
        if (!alive->failure()) core_.scope.spawn(repair(alive));
      }));
  connections_.push_back(transport->sctpFailed.connect(
      [this, name, weak = std::weak_ptr(transport)](const Error& error) {
        const auto alive = weak.lock();
        if (alive && !core_.leaving) core_.scope.spawn(endWithoutSctp(alive, error.within(name)));
      }));
}

Task<> SessionTransports::connect(std::shared_ptr<Transport> transport) {
  try {
    co_await transport->connect();
  } catch (const Cancelled&) {
    throw;
  } catch (...) {  // nothing can be had from it any more
    if (core_.leaving) co_return;
    core_.lost.resolve(Loss{asError(std::current_exception()).within("room")});
  }
}

Task<> SessionTransports::repair(std::shared_ptr<Transport> transport) {
  const std::string name = nameOf(*transport);
  if (core_.context.iceTimeout > std::chrono::milliseconds(0) && core_.isJoined()) {
    try {
      co_await withTimeout(core_.context.iceTimeout, restartIce(transport), name);
      co_return;
    } catch (const Cancelled&) {
      throw;
    } catch (const std::exception& error) {  // a Signaler of the app's own may throw anything
      g_info("%s: the ICE restart did not help: %s", name.c_str(), error.what());
    }
  }
  core_.lost.resolve(
      Loss{Error(Error::Code::Disconnected, "room: the " + name + " lost its connection")});
}

Task<> SessionTransports::restartIce(std::shared_ptr<Transport> transport) {
  Deferred<> connected;
  const Connection watching =
      transport->connectionStateChanged.connect([&connected](ConnectionState state) {
        if (state == ConnectionState::connected) connected.resolve();
      });
  const bool wasConnected = transport->connectionState() == ConnectionState::connected;
  IceParameters iceParameters = co_await core_.signaler().restartIce(transport->id());
  co_await transport->restartIce(std::move(iceParameters));
  // webrtcbin may pass from connected to connected without a word.
  if (wasConnected && transport->connectionState() == ConnectionState::connected) co_return;
  co_await connected.wait();
}

Task<> SessionTransports::endWithoutSctp(std::shared_ptr<Transport> transport, Error reason) {
  try {
    // The association also ends when the server dies or throws us out. An answer shows that it has
    // done neither.
    constexpr std::chrono::milliseconds kPatience{5000};
    co_await withTimeout(kPatience, core_.signaler().getTransportStats(transport->id()), "sctp");
  } catch (const Cancelled&) {
    throw;
  } catch (const Error& error) {
    // Why the connection has ended its own events say, which may come after this.
    if (error.code() == Error::Code::Disconnected) co_return;
  } catch (...) {  // the answer does not matter
  }
  if (core_.context.repairs) {
    core_.lost.resolve(Loss{reason.within("room")});
  } else if (!core_.lost.isSettled()) {
    core_.tell(event::Failed{reason});
  }
}

}  // namespace cosoup
