#include "cosoup/room/session.hpp"

#include <glib.h>

#include <utility>

namespace cosoup {

Session::Session(std::shared_ptr<Signaler> signaler, RoomAddress address, PeerInfo me,
                 ProduceConfig produce, ConsumeConfig consume, std::shared_ptr<RoomEvents> events)
    : signaler_(std::move(signaler)),
      address_(std::move(address)),
      produce_(std::move(produce)),
      consume_(std::move(consume)),
      events_(std::move(events)),
      room_(address_.roomId, std::move(me)) {}

Session::~Session() = default;

Task<> Session::join() {
  const auto self = shared_from_this();
  std::exception_ptr failure;
  try {
    co_await joinSteps();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  co_await leave();
  std::rethrow_exception(failure);
}

Task<> Session::joinSteps() {
  if (consume_.sink()) {
    sink_ = consume_.sink()();
    connections_.push_back(sink_->recorded.connect(
        [events = events_](const Recording& recording) { events->recorded.emit(recording); }));
    connections_.push_back(sink_->failed.connect(
        [events = events_](const Error& error) { events->failed.emit(error); }));
  }
  begin(scope_, Device::warmUp());
  co_await signaler_->connect(address_, room_.me().id);
  scope_.spawn(readEvents(signaler_->events()));
  co_await makeTransports();

  JoinOptions options(room_.me());
  if (recvTransport_) {
    options.rtpCapabilities = device_.rtpCapabilities();
  }
  const Deferred<> playing = produce_.autoProduce ? begin(scope_, play()) : Deferred<>();
  std::vector<PeerDescription> peers = co_await signaler_->join(std::move(options));
  for (PeerDescription& peer : peers) room_.add(std::move(peer));
  events_->joined.emit(room_);
  joined_.resolve();
  if (produce_.autoProduce) co_await playing.wait();
}

Task<> Session::makeTransports() {
  const bool sends = !produce_.sources().empty();
  // What does not depend on each other goes out together: one round trip for all three.
  const auto router = begin(scope_, signaler_->getRouterRtpCapabilities());
  WebRtcTransportOptions sendOptions(true);
  sendOptions.sctpCapabilities = SctpCapabilities();
  WebRtcTransportOptions recvOptions(false);
  recvOptions.sctpCapabilities = SctpCapabilities();
  Deferred<TransportParameters> sendParameters;
  Deferred<TransportParameters> recvParameters;
  if (sends) sendParameters = begin(scope_, signaler_->createWebRtcTransport(sendOptions));
  if (sink_) recvParameters = begin(scope_, signaler_->createWebRtcTransport(recvOptions));

  device_.load(co_await router.wait());
  if (sends) {
    TransportParameters parameters = co_await sendParameters.wait();
    const std::string id = parameters.id;
    sendTransport_ = device_.createSendTransport(
        std::move(parameters),
        [this, id](DtlsParameters dtls) {
          return signaler_->connectWebRtcTransport(id, std::move(dtls));
        },
        [this, id](MediaKind kind, RtpParameters rtpParameters, Json appData) {
          return produceWhenJoined(id, kind, std::move(rtpParameters), std::move(appData));
        });
    watch("send", sendTransport_->connectionStateChanged());
    begin(scope_, sendTransport_->connect());  // goes on beside the join
  }
  if (sink_) {
    TransportParameters parameters = co_await recvParameters.wait();
    const std::string id = parameters.id;
    recvTransport_ =
        device_.createRecvTransport(std::move(parameters), [this, id](DtlsParameters dtls) {
          return signaler_->connectWebRtcTransport(id, std::move(dtls));
        });
    watch("recv", recvTransport_->connectionStateChanged());
    begin(scope_, recvTransport_->connect());
  }
}

Task<std::string> Session::produceWhenJoined(std::string transportId, MediaKind kind,
                                             RtpParameters parameters, Json appData) {
  co_await joined_.wait();
  co_return co_await signaler_->produce(transportId, kind, parameters, appData);
}

void Session::watch(const char* direction, Signal<ConnectionState>& changed) {
  connections_.push_back(changed.connect([this, direction](ConnectionState state) {
    g_info("%s transport: %s", direction, toString(state));
    if (state != ConnectionState::failed) return;
    fail(Error(Error::Code::Disconnected,
               std::string("room: the ") + direction + " transport lost its connection"));
  }));
}

void Session::fail(Error error) {
  if (leaving_) return;
  // Not in our own scope, which leave() waits for.
  finishInBackground(endWith(std::move(error)));
}

Task<> Session::endWith(Error error) {
  const auto self = shared_from_this();
  joined_.reject(std::make_exception_ptr(error));
  co_await leaveSteps();
  ended_.reject(std::make_exception_ptr(error));
}

Task<> Session::leave() {
  const auto self = shared_from_this();
  co_await shielded(leaveSteps());
  ended_.resolve();
}

Task<> Session::leaveSteps() {
  if (leaving_) {
    co_await left_.wait();
    co_return;
  }
  leaving_ = true;
  joined_.reject(std::make_exception_ptr(Error(Error::Code::InvalidState, "room: left")));
  // First what must not be lost, then what carries it; the server hears of it by the closing of
  // the connection.
  Scope ending;
  if (sink_) ending.spawn(sink_->close());
  for (const auto& outgoing : outgoing_) ending.spawn(outgoing->source->close());
  co_await ending.join();
  if (sendTransport_) ending.spawn(sendTransport_->close());
  if (recvTransport_) ending.spawn(recvTransport_->close());
  ending.spawn(signaler_->close());
  co_await ending.join();
  co_await scope_.close();
  connections_.clear();
  outgoing_.clear();
  incoming_.clear();
  left_.resolve();
}

}  // namespace cosoup
