#include "cosoup/mediasoup_client.hpp"

#include "cosoup/mediasoup_client_state.hpp"
#include "cosoup/signaling/protoo.hpp"

namespace cosoup {

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
  const std::shared_ptr<State> state = state_;
  StayOptions options{std::move(address), std::move(me), std::move(produce),
                      std::move(consume), reconnect,     device};
  const auto turn = co_await state->joining.lock();
  const std::stop_token caller = co_await currentStopToken();
  const bool isFromListener = state->stay && state->stay->isListener(caller);
  co_await State::exit(state);
  if (state->closed) throw Error(Error::Code::InvalidState, "joinRoom: the client is closed");
  const auto stay =
      std::make_shared<Stay>(std::move(options), state->signaler, state->events, state->listeners);
  state->stay = stay;
  if (isFromListener) {
    // Leaving the room has cancelled the listener that asked for the next one.
    co_await shielded(stay->join());
  } else {
    co_await stay->join();
  }
}

Task<> MediasoupClient::play() {
  const std::shared_ptr<Stay> stay = state_->stay;
  state_->present("play");
  co_await stay->play();
}

Task<> MediasoupClient::stop() {
  const std::shared_ptr<Stay> stay = state_->presentStay("stop");
  co_await stay->stop();
}

Task<> MediasoupClient::exitRoom() { return State::exit(state_); }

Task<> MediasoupClient::close() {
  state_->closed = true;
  return State::exit(state_);
}

Task<> MediasoupClient::closed() {
  const std::shared_ptr<Stay> stay = state_->stay;
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

}  // namespace cosoup
