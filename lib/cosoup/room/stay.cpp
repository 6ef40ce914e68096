#include "cosoup/room/stay.hpp"

#include <glib.h>

#include <algorithm>
#include <utility>

#include "cosoup/async/loop.hpp"
#include "cosoup/core/as_error.hpp"

namespace cosoup {

Stay::Stay(StayOptions options, std::shared_ptr<Signaler> signaler,
           std::shared_ptr<RoomEvents> events, Listeners listeners)
    : options_(std::move(options)),
      sending_(options_.produce, context_, scope_, [this] { return session_; }),
      requests_(context_, sending_, [this] { return session_; }) {
  context_.device = options_.device;
  context_.signaler = std::move(signaler);
  context_.room = std::make_shared<Room>(options_.address.roomId, options_.me);
  context_.events = std::move(events);
  context_.listeners = std::make_shared<ListenerCalls>(std::move(listeners), context_.events);
  context_.repairs = options_.reconnect.enabled;
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
  context_.latency = options_.consume.latency;
  if (options_.consume.sink()) {
    context_.sink = options_.consume.sink()();
    if (!context_.sink) {
      throw Error(Error::Code::InvalidArgument, "joinRoom: ConsumeConfig::into gives no sink");
    }
    connections_.push_back(context_.sink->recorded.connect(
        [this](const Recording& recording) { context_.tell(event::Recorded{recording}); }));
    connections_.push_back(context_.sink->failed.connect(
        [this](const Error& error) { context_.tell(event::Failed{error}); }));
    connections_.push_back(context_.sink->missed.connect(
        [this](const RecordingGap& gap) { context_.tell(event::RecordingMissed{gap}); }));
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

Task<> Stay::play() {
  const auto self = shared_from_this();
  co_await sending_.play();
}

Task<> Stay::stop() {
  const auto self = shared_from_this();
  co_await sending_.stop();
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
      co_await sending_.resume();
      co_return true;
    } catch (const Cancelled&) {
      throw;
    } catch (...) {  // a Signaler of the app's own may throw anything
      reason = asError(std::current_exception());
    }
    session_->closeConsumers();
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

// The tokens of those who wait for a listener follow its own at once.
void Stay::stopListeners() {
  std::erase_if(watched_, [](const std::stop_token& token) { return token.stop_requested(); });
  context_.listeners->stop();
  for (std::stop_token& token : std::exchange(watched_, {})) {
    if (token.stop_requested()) cancelled_.push_back(std::move(token));
  }
}

bool Stay::hasCancelled(const std::stop_token& token) const {
  return std::find(cancelled_.begin(), cancelled_.end(), token) != cancelled_.end();
}

Task<> Stay::leaveSteps() {
  if (leaving_) {
    co_await left_.wait();
    co_return;
  }
  leaving_ = true;
  sending_.requestEnd();
  if (session_) session_->stopConsuming();
  // First what must not be lost, then what carries it.
  Scope ending;
  if (context_.sink) ending.spawn(context_.sink->close());
  ending.spawn(sending_.closeSources());
  try {
    co_await ending.join();
  } catch (...) {  // they have all ended; whoever waits for us must not wait for ever
    detail::reportEscapedException("leave");
  }
  co_await scope_.close();
  if (session_) co_await session_->leave();
  connections_.clear();
  sending_.clear();
  stopListeners();
  left_.resolve();
}

}  // namespace cosoup
