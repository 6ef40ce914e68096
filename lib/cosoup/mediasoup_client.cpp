#include "cosoup/mediasoup_client.hpp"

#include <memory>
#include <string>
#include <type_traits>

#include "cosoup/async/mutex.hpp"
#include "cosoup/room/stay.hpp"
#include "cosoup/signaling/protoo.hpp"

namespace cosoup {

/// The coroutines of a client are static and share this: a client may be destroyed while one of
/// them waits.
struct MediasoupClient::State {
  std::shared_ptr<Signaler> signaler;
  Listeners listeners;
  std::shared_ptr<RoomEvents> events = std::make_shared<RoomEvents>();
  std::shared_ptr<Stay> stay;  // the present or the last one
  Mutex joining;
  bool closed = false;

  static Task<> join(std::shared_ptr<State> state, StayOptions options);
  static Task<> play(std::shared_ptr<State> state);
  static Task<> stop(std::shared_ptr<State> state);
  static Task<> exit(std::shared_ptr<State> state);
  static Task<> ended(std::shared_ptr<State> state);

  // Await a method of the requests, the session or its signaler in the name of `operation`.
  template <class T, class... Args>
  static Task<T> inRoom(std::shared_ptr<State> state, const char* operation,
                        Task<T> (Requests::*method)(Args...), std::type_identity_t<Args>... args);
  template <class T, class... Args>
  static Task<T> inSession(std::shared_ptr<State> state, const char* operation,
                           Task<T> (Session::*method)(Args...), std::type_identity_t<Args>... args);
  template <class... Args>
  static Task<> atServer(std::shared_ptr<State> state, const char* operation,
                         Task<> (Signaler::*method)(Args...), std::type_identity_t<Args>... args);
  template <class Object>
  static Task<Json> stats(std::shared_ptr<State> state, std::shared_ptr<Object> object,
                          Task<Json> (Signaler::*method)(std::string));

  std::shared_ptr<Stay> presentStay(const char* operation) const {
    if (stay && stay->isJoined()) return stay;
    throw Error(Error::Code::InvalidState, std::string(operation) + ": not in a room");
  }
  std::shared_ptr<Session> present(const char* operation) const {
    return presentStay(operation)->requests().joinedSession(operation);
  }
};

MediasoupClient::MediasoupClient(Listeners listeners)
    : MediasoupClient(std::make_unique<ProtooSignaler>(), std::move(listeners)) {}

MediasoupClient::MediasoupClient(std::unique_ptr<Signaler> signaler, Listeners listeners)
    : state_(std::make_shared<State>()) {
  state_->signaler = std::move(signaler);
  state_->listeners = std::move(listeners);
}

MediasoupClient::~MediasoupClient() {
  state_->closed = true;
  if (state_->stay) finishInBackground(State::exit(state_));
}

Task<> MediasoupClient::joinRoom(RoomAddress address, PeerInfo me, ProduceConfig produce,
                                 ConsumeConfig consume) {
  StayOptions options{std::move(address), std::move(me), std::move(produce),
                      std::move(consume), reconnect,     device};
  return State::join(state_, std::move(options));
}

Task<> MediasoupClient::State::join(std::shared_ptr<State> state, StayOptions options) {
  const auto turn = co_await state->joining.lock();
  const std::stop_token caller = co_await currentStopToken();
  const std::shared_ptr<Stay> before = state->stay;
  if (before) before->watch(caller);
  co_await exit(state);
  if (state->closed) throw Error(Error::Code::InvalidState, "joinRoom: the client is closed");
  const auto stay =
      std::make_shared<Stay>(std::move(options), state->signaler, state->events, state->listeners);
  state->stay = stay;
  if (before && before->hasCancelled(caller)) {
    // Leaving the room has cancelled the listener that asked for the next one, or waits for it.
    co_await shielded(stay->join());
  } else {
    co_await stay->join();
  }
}

Task<> MediasoupClient::play() { return State::play(state_); }

Task<> MediasoupClient::State::play(std::shared_ptr<State> state) {
  state->present("play");
  const std::shared_ptr<Stay> stay = state->stay;
  co_await stay->play();
}

Task<> MediasoupClient::stop() { return State::stop(state_); }

Task<> MediasoupClient::State::stop(std::shared_ptr<State> state) {
  const std::shared_ptr<Stay> stay = state->presentStay("stop");
  co_await stay->stop();
}

Task<> MediasoupClient::exitRoom() { return State::exit(state_); }

Task<> MediasoupClient::close() {
  state_->closed = true;
  return State::exit(state_);
}

Task<> MediasoupClient::State::exit(std::shared_ptr<State> state) {
  const std::shared_ptr<Stay> stay = state->stay;
  if (stay) co_await stay->leave();
}

Task<> MediasoupClient::untilLeft() { return State::ended(state_); }

Task<> MediasoupClient::State::ended(std::shared_ptr<State> state) {
  const std::shared_ptr<Stay> stay = state->stay;
  if (stay) co_await stay->ended();
}

std::shared_ptr<const Room> MediasoupClient::room() const {
  return state_->stay ? state_->stay->room() : nullptr;
}

RoomEvents& MediasoupClient::events() { return *state_->events; }

std::shared_ptr<SendTransport> MediasoupClient::sendTransport() const {
  const auto session = state_->stay ? state_->stay->session() : nullptr;
  return session ? session->sendTransport() : nullptr;
}

std::shared_ptr<RecvTransport> MediasoupClient::recvTransport() const {
  const auto session = state_->stay ? state_->stay->session() : nullptr;
  return session ? session->recvTransport() : nullptr;
}

// ---- requests to the server ---------------------------------------------------------------------

template <class T, class... Args>
Task<T> MediasoupClient::State::inRoom(std::shared_ptr<State> state, const char* operation,
                                       Task<T> (Requests::*method)(Args...),
                                       std::type_identity_t<Args>... args) {
  const std::shared_ptr<Stay> stay = state->presentStay(operation);
  co_return co_await (stay->requests().*method)(std::move(args)...);
}

template <class T, class... Args>
Task<T> MediasoupClient::State::inSession(std::shared_ptr<State> state, const char* operation,
                                          Task<T> (Session::*method)(Args...),
                                          std::type_identity_t<Args>... args) {
  const std::shared_ptr<Session> session = state->present(operation);
  co_return co_await ((*session).*method)(std::move(args)...);
}

template <class... Args>
Task<> MediasoupClient::State::atServer(std::shared_ptr<State> state, const char* operation,
                                        Task<> (Signaler::*method)(Args...),
                                        std::type_identity_t<Args>... args) {
  const std::shared_ptr<Session> session = state->present(operation);
  co_await (session->signaler().*method)(std::move(args)...);
}

template <class Object>
Task<Json> MediasoupClient::State::stats(std::shared_ptr<State> state,
                                         std::shared_ptr<Object> object,
                                         Task<Json> (Signaler::*method)(std::string)) {
  const std::shared_ptr<Stay> stay = state->presentStay("getServerStats");
  const std::shared_ptr<Object> present = stay->requests().present(object, "getServerStats");
  const std::shared_ptr<Session> session = stay->requests().joinedSession("getServerStats");
  co_return co_await (session->signaler().*method)(present->id());
}

Task<> MediasoupClient::closeProducer(std::shared_ptr<Producer> producer) {
  return State::inRoom(state_, "closeProducer", &Requests::closeProducer, std::move(producer));
}

Task<> MediasoupClient::pauseProducer(std::shared_ptr<Producer> producer) {
  return State::inRoom(state_, "pauseProducer", &Requests::setProducerPaused, std::move(producer),
                       true);
}

Task<> MediasoupClient::resumeProducer(std::shared_ptr<Producer> producer) {
  return State::inRoom(state_, "resumeProducer", &Requests::setProducerPaused, std::move(producer),
                       false);
}

Task<> MediasoupClient::pauseConsumer(std::shared_ptr<Consumer> consumer) {
  return State::inRoom(state_, "pauseConsumer", &Requests::setConsumerPaused, std::move(consumer),
                       true);
}

Task<> MediasoupClient::resumeConsumer(std::shared_ptr<Consumer> consumer) {
  return State::inRoom(state_, "resumeConsumer", &Requests::setConsumerPaused, std::move(consumer),
                       false);
}

Task<> MediasoupClient::setPreferredLayers(std::shared_ptr<Consumer> consumer, int spatialLayer,
                                           std::optional<int> temporalLayer) {
  return State::inRoom(state_, "setPreferredLayers", &Requests::setPreferredLayers,
                       std::move(consumer), spatialLayer, temporalLayer);
}

Task<> MediasoupClient::setPriority(std::shared_ptr<Consumer> consumer, int priority) {
  return State::inRoom(state_, "setPriority", &Requests::setPriority, std::move(consumer),
                       priority);
}

Task<> MediasoupClient::requestKeyFrame(std::shared_ptr<Consumer> consumer) {
  return State::inRoom(state_, "requestKeyFrame", &Requests::requestKeyFrame, std::move(consumer));
}

Task<> MediasoupClient::sendChat(std::string text) {
  return State::inSession(state_, "sendChat", &Session::sendChat, std::move(text));
}

Task<> MediasoupClient::sendToBot(std::string text) {
  return State::inSession(state_, "sendToBot", &Session::sendToBot, std::move(text));
}

Task<std::shared_ptr<DataProducer>> MediasoupClient::produceData(DataProduceOptions options) {
  return State::inSession(state_, "produceData", &Session::produceData, std::move(options));
}

Task<> MediasoupClient::changeDisplayName(std::string displayName) {
  return State::inRoom(state_, "changeDisplayName", &Requests::changeDisplayName,
                       std::move(displayName));
}

Task<Json> MediasoupClient::getServerStats(std::shared_ptr<Producer> producer) {
  return State::stats(state_, std::move(producer), &Signaler::getProducerStats);
}

Task<Json> MediasoupClient::getServerStats(std::shared_ptr<Consumer> consumer) {
  return State::stats(state_, std::move(consumer), &Signaler::getConsumerStats);
}

Task<Json> MediasoupClient::getServerStats(std::shared_ptr<DataProducer> producer) {
  return State::stats(state_, std::move(producer), &Signaler::getDataProducerStats);
}

Task<Json> MediasoupClient::getServerStats(std::shared_ptr<DataConsumer> consumer) {
  return State::stats(state_, std::move(consumer), &Signaler::getDataConsumerStats);
}

Task<Json> MediasoupClient::getServerStats(std::shared_ptr<Transport> transport) {
  return State::stats(state_, std::move(transport), &Signaler::getTransportStats);
}

Task<> MediasoupClient::applyNetworkThrottle(NetworkThrottle throttle) {
  return State::atServer(state_, "applyNetworkThrottle", &Signaler::applyNetworkThrottle,
                         std::move(throttle));
}

Task<> MediasoupClient::resetNetworkThrottle(std::string secret) {
  return State::atServer(state_, "resetNetworkThrottle", &Signaler::resetNetworkThrottle,
                         std::move(secret));
}

}  // namespace cosoup
