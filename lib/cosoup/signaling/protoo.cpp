#include "cosoup/signaling/protoo.hpp"

#include <utility>

#include "cosoup/signaling/protoo_connection.hpp"
#include "cosoup/signaling/protoo_url.hpp"
#include "cosoup/signaling/websocket.hpp"

namespace cosoup {

/// What outlives the signaler for as long as one of its coroutines runs.
struct ProtooSignaler::State {
  struct Attempt {
    std::stop_source stop;
    Deferred<> ended;
  };

  State(ProtooOptions given, std::shared_ptr<Conversation> with)
      : options(std::move(given)), conversation(std::move(with)) {}

  const ProtooOptions options;
  const std::shared_ptr<Conversation> conversation;
  ProtooConnection::Ptr connection;  ///< the present or the last one
  std::shared_ptr<Attempt> attempt;  ///< the connect() that is under way

  static Task<> connect(std::shared_ptr<State> state, RoomAddress address, std::string peerId);
  static Task<ProtooConnection::Ptr> open(std::shared_ptr<State> state, RoomAddress address,
                                          std::string peerId);
  static Task<> close(std::shared_ptr<State> state);
  static Task<Json> request(std::shared_ptr<State> state, std::string method, Json data);
  static Task<> notify(std::shared_ptr<State> state, std::string method, Json data);
};

Task<> ProtooSignaler::State::connect(std::shared_ptr<State> state, RoomAddress address,
                                      std::string peerId) {
  if (state->attempt) throw Error(Error::Code::InvalidState, "connect: already connecting");
  if (state->connection && state->connection->isOpen()) {
    throw Error(Error::Code::InvalidState, "connect: already connected");
  }
  const auto attempt = std::make_shared<Attempt>();
  state->attempt = attempt;
  struct Ending {
    explicit Ending(std::shared_ptr<State> owner) : state(std::move(owner)) {}
    ~Ending() { std::exchange(state->attempt, nullptr)->ended.resolve(); }
    std::shared_ptr<State> state;
  };
  const Ending ending(state);
  const std::stop_token outer = co_await currentStopToken();
  std::stop_callback passOn(outer, [&] { attempt->stop.request_stop(); });
  try {
    state->connection = co_await open(state, std::move(address), std::move(peerId))
                            .withToken(attempt->stop.get_token());
    co_return;
  } catch (const Cancelled&) {
    if (outer.stop_requested()) throw;
  }
  throw Error(Error::Code::InvalidState, "connect: closed meanwhile");
}

Task<ProtooConnection::Ptr> ProtooSignaler::State::open(std::shared_ptr<State> state,
                                                        RoomAddress address, std::string peerId) {
  std::string url = protoo::connectionUrl(address.url, address.roomId, peerId);
  // The lost connection before this one may still be at releasing its socket.
  if (state->connection) co_await ProtooConnection::close(state->connection);
  WebSocketOptions socketOptions;
  socketOptions.caFile = address.caFile;
  socketOptions.insecure = address.insecure;
  socketOptions.origin = address.origin;
  socketOptions.headers = address.headers;
  socketOptions.connectLimit = state->options.connectLimit;
  socketOptions.closeLimit = state->options.closeLimit;
  socketOptions.pingInterval = state->options.pingInterval;
  std::unique_ptr<WebSocket> socket =
      co_await WebSocket::connect(std::move(url), "protoo", std::move(socketOptions));
  state->conversation->restart();
  auto connection =
      std::make_shared<ProtooConnection>(std::move(socket), state->options, state->conversation);
  connection->start();
  co_return connection;
}

Task<> ProtooSignaler::State::close(std::shared_ptr<State> state) {
  if (const std::shared_ptr<Attempt> attempt = state->attempt) {
    attempt->stop.request_stop();
    co_await attempt->ended.wait();
  }
  if (state->connection) co_await ProtooConnection::close(state->connection);
}

Task<Json> ProtooSignaler::State::request(std::shared_ptr<State> state, std::string method,
                                          Json data) {
  if (!state->connection) throw Error(Error::Code::InvalidState, method + ": not connected");
  co_return co_await ProtooConnection::request(state->connection, std::move(method),
                                               std::move(data));
}

Task<> ProtooSignaler::State::notify(std::shared_ptr<State> state, std::string method, Json data) {
  if (!state->connection) throw Error(Error::Code::InvalidState, method + ": not connected");
  state->connection->notify(method, data);
  co_return;
}

ProtooSignaler::ProtooSignaler(ProtooOptions options)
    : RequestSignaler(options.dialect),
      state_(std::make_shared<State>(std::move(options), conversation())) {}

ProtooSignaler::~ProtooSignaler() {
  if (state_->attempt || state_->connection) finishInBackground(State::close(state_));
}

Task<> ProtooSignaler::connect(RoomAddress address, std::string peerId) {
  return State::connect(state_, std::move(address), std::move(peerId));
}

Channel<SignalerEvent> ProtooSignaler::events() {
  if (state_->connection) return state_->connection->events();
  Channel<SignalerEvent> none;
  none.close();
  return none;
}

Task<> ProtooSignaler::close() { return State::close(state_); }

Task<Json> ProtooSignaler::request(std::string method, Json data) {
  return State::request(state_, std::move(method), std::move(data));
}

Task<> ProtooSignaler::notify(std::string method, Json data) {
  return State::notify(state_, std::move(method), std::move(data));
}

}  // namespace cosoup
