#include "cosoup/room/stay.hpp"

#include <glib.h>

#include <utility>

#include "cosoup/async/loop.hpp"
#include "cosoup/core/as_error.hpp"

namespace cosoup {

Stay::Stay(StayOptions options, std::shared_ptr<Signaler> signaler,
           std::shared_ptr<RoomEvents> events, Listeners listeners)
    : options_(std::move(options)) {
  context_.device = options_.device;
  context_.signaler = std::move(signaler);
  context_.room = std::make_shared<Room>(options_.address.roomId, options_.me);
  context_.events = std::move(events);
  context_.listeners = std::make_shared<ListenerCalls>(std::move(listeners), context_.events);
  if (options_.reconnect.enabled) context_.iceTimeout = options_.reconnect.iceTimeout;
}

// ---- joining -----------------------------------------------------------------------------------

Task<> Stay::join() {
  const auto self = shared_from_this();
  std::exception_ptr failure;
  try {
    co_await joinSteps();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  const std::stop_token token = co_await currentStopToken();
  const bool isLeft = leaving_ && !token.stop_requested();
  co_await leave();
  // What was under way then failed or was cancelled, but whoever joins was not.
  if (isLeft) throw Error(Error::Code::InvalidState, "joinRoom: the room was left meanwhile");
  std::rethrow_exception(failure);
}

Task<> Stay::joinSteps() {
  context_.data = options_.consume.data;
  if (options_.consume.sink()) {
    context_.sink = options_.consume.sink()();
    connections_.push_back(context_.sink->recorded.connect(
        [this](const Recording& recording) { context_.tell(event::Recorded{recording}); }));
    connections_.push_back(context_.sink->failed.connect(
        [this](const Error& error) { context_.tell(event::Failed{error}); }));
  }
  co_await makeSession();
  // Opening the sources and the first negotiations go on beside the join.
  const bool plays = options_.produce.autoProduce;
  const Deferred<> playing = plays ? begin(scope_, play()) : Deferred<>();
  co_await session_->join(false);
  entered_ = true;
  context_.tell(event::Joined{context_.room});
  if (plays) co_await playing.wait();
  scope_.spawn(keepConnected());
}

/// A session that is connected; the one that failed is there, too, to be left.
Task<> Stay::makeSession() {
  session_ = std::make_shared<Session>(context_);
  co_await session_->connect(options_.address, !options_.produce.sources().empty());
}

// ---- sending -----------------------------------------------------------------------------------

Task<> Stay::play() {
  const auto self = shared_from_this();
  const auto turn = co_await sending_.lock();
  if (playing_ || options_.produce.sources().empty()) co_return;
  if (leaving_) throw Error(Error::Code::InvalidState, "play: not in a room");
  playing_ = true;
  std::exception_ptr failure;
  try {
    for (const auto& item : options_.produce.sources()) addSource(item);
    co_await produceAll();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  try {
    co_await shielded(stopAll());
  } catch (const Error& error) {  // what came first is told
    g_warning("play: %s", error.what());
  }
  std::rethrow_exception(failure);
}

void Stay::addSource(const ProduceConfig::Item& item) {
  auto outgoing = std::make_shared<Outgoing>();
  outgoing->source = item.make();
  outgoing->appData = item.appData;
  outgoing->encoding = options_.produce.encoding;
  outgoing->playoutDelay = options_.produce.playoutDelay;
  outgoing_.push_back(outgoing);
  // Weak: the source, which holds these callbacks, belongs to what they are about.
  const auto end = [this, weak = std::weak_ptr(outgoing)] {
    if (const auto alive = weak.lock()) scope_.spawn(endOutgoing(alive));
  };
  outgoing->connections.push_back(outgoing->source->ended.connect(end));
  outgoing->connections.push_back(outgoing->source->failed.connect([this, end](const Error& error) {
    context_.tell(event::Failed{error});
    end();
  }));
}

Task<> Stay::produceAll() {
  Scope producing;
  for (const auto& outgoing : outgoing_) producing.spawn(session_->produce(outgoing));
  co_await producing.join();
}

Task<> Stay::stop() {
  const auto self = shared_from_this();
  const auto turn = co_await sending_.lock();
  co_await stopAll();
}

Task<> Stay::stopAll() {
  Scope stopping;
  for (const auto& outgoing : std::exchange(outgoing_, {})) {
    stopping.spawn(stopOutgoing(outgoing));
  }
  playing_ = false;  // whatever the server says of it
  co_await stopping.join();
}

Task<> Stay::stopOutgoing(std::shared_ptr<Outgoing> outgoing) {
  outgoing->connections.clear();
  Scope stopping;
  stopping.spawn(session_->stopProducing(outgoing));
  stopping.spawn(outgoing->source->close());
  co_await stopping.join();
}

Task<> Stay::endOutgoing(std::shared_ptr<Outgoing> outgoing) {
  const auto turn = co_await sending_.lock();
  if (std::erase(outgoing_, outgoing) == 0) co_return;
  std::exception_ptr failure;
  try {
    co_await stopOutgoing(outgoing);
  } catch (const Cancelled&) {
    throw;
  } catch (...) {
    failure = std::current_exception();
  }
  // Out of here it would stop keepConnected().
  if (failure) context_.tell(event::Failed{asError(failure)});
  context_.tell(event::SourceEnded{});
}

// ---- staying -----------------------------------------------------------------------------------

Task<> Stay::keepConnected() {
  const auto self = shared_from_this();
  while (true) {
    Loss loss = co_await session_->lost();
    session_->closeConsumers();
    co_await session_->leave();
    const bool tries = options_.reconnect.enabled && !loss.meant;
    if (tries && co_await reconnect(loss.error)) continue;
    // Not in our own scope, which leave() waits for.
    finishInBackground(endWith(loss.error));
    co_return;
  }
}

Task<bool> Stay::reconnect(Error& reason) {
  const ReconnectPolicy& policy = options_.reconnect;
  for (int attempt = 1; attempt <= policy.maxAttempts; ++attempt) {
    event::Reconnecting told{attempt, reason};
    context_.tell(told);
    co_await sleepFor(policy.delayBefore(attempt, g_random_double_range(-1, 1)));
    try {
      co_await makeSession();
      co_await session_->join(true);
      const auto turn = co_await sending_.lock();
      co_await produceAll();
      context_.tell(event::Reconnected());
      co_return true;
    } catch (const Cancelled&) {
      throw;
    } catch (...) {  // a Signaler of the app's own may throw anything
      reason = asError(std::current_exception());
    }
    co_await session_->leave();
  }
  co_return false;
}

// ---- leaving -----------------------------------------------------------------------------------

Task<> Stay::endWith(Error error) {
  const auto self = shared_from_this();
  context_.tell(event::Disconnected{error});
  co_await leaveSteps();
  ended_.reject(std::make_exception_ptr(error));
}

Task<> Stay::leave() {
  const auto self = shared_from_this();
  co_await shielded(leaveSteps());
  ended_.resolve();
}

Task<> Stay::leaveSteps() {
  if (leaving_) {
    co_await left_.wait();
    co_return;
  }
  leaving_ = true;
  // First what must not be lost, then what carries it.
  Scope ending;
  if (context_.sink) ending.spawn(context_.sink->close());
  for (const auto& outgoing : outgoing_) ending.spawn(outgoing->source->close());
  try {
    co_await ending.join();
  } catch (...) {  // they have all ended; whoever waits for us must not wait for ever
    detail::reportEscapedException("leave");
  }
  co_await scope_.close();
  if (session_) co_await session_->leave();
  connections_.clear();
  outgoing_.clear();
  context_.listeners->stop();
  left_.resolve();
}

}  // namespace cosoup
