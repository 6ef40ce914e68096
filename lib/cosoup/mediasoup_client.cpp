#include "cosoup/mediasoup_client.hpp"

#include "cosoup/async/mutex.hpp"
#include "cosoup/room/session.hpp"
#include "cosoup/signaling/protoo.hpp"

namespace cosoup {

struct MediasoupClient::State {
  std::shared_ptr<Signaler> signaler;
  std::shared_ptr<RoomEvents> events = std::make_shared<RoomEvents>();
  std::shared_ptr<Session> session;  // the present or the last one
  Mutex joining;
  bool closed = false;

  static Task<> exit(std::shared_ptr<State> state) {
    const std::shared_ptr<Session> session = state->session;
    if (session) co_await session->leave();
  }

  std::shared_ptr<Session> present(const char* operation) const {
    if (session && session->isJoined()) return session;
    throw Error(Error::Code::InvalidState, std::string(operation) + ": not in a room");
  }
};

MediasoupClient::MediasoupClient() : MediasoupClient(std::make_unique<ProtooSignaler>()) {}

MediasoupClient::MediasoupClient(std::unique_ptr<Signaler> signaler)
    : state_(std::make_shared<State>()) {
  state_->signaler = std::move(signaler);
}

MediasoupClient::~MediasoupClient() {
  state_->closed = true;
  if (state_->session) finishInBackground(State::exit(state_));
}

Task<> MediasoupClient::joinRoom(RoomAddress address, PeerInfo me, ProduceConfig produce,
                                 ConsumeConfig consume) {
  const std::shared_ptr<State> state = state_;
  const auto turn = co_await state->joining.lock();
  co_await State::exit(state);
  if (state->closed) throw Error(Error::Code::InvalidState, "joinRoom: the client is closed");
  const auto session =
      std::make_shared<Session>(state->signaler, std::move(address), std::move(me),
                                std::move(produce), std::move(consume), state->events);
  state->session = session;
  co_await session->join();
}

Task<> MediasoupClient::play() {
  const std::shared_ptr<Session> session = state_->present("play");
  co_await session->play();
}

Task<> MediasoupClient::stop() {
  const std::shared_ptr<Session> session = state_->present("stop");
  co_await session->stop();
}

Task<> MediasoupClient::exitRoom() { return State::exit(state_); }

Task<> MediasoupClient::close() {
  state_->closed = true;
  return State::exit(state_);
}

Task<> MediasoupClient::closed() {
  const std::shared_ptr<Session> session = state_->session;
  if (session) co_await session->ended();
}

std::shared_ptr<const Room> MediasoupClient::room() const {
  const std::shared_ptr<Session> session = state_->session;
  if (!session) return nullptr;
  return std::shared_ptr<const Room>(session, &session->room());
}

RoomEvents& MediasoupClient::events() { return *state_->events; }

std::shared_ptr<SendTransport> MediasoupClient::sendTransport() const {
  return state_->session ? state_->session->sendTransport() : nullptr;
}

std::shared_ptr<RecvTransport> MediasoupClient::recvTransport() const {
  return state_->session ? state_->session->recvTransport() : nullptr;
}

}  // namespace cosoup
