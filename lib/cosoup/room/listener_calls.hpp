// ListenerCalls: the queue of each listener during one stay in a room.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/mutex.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/room/listeners.hpp"

namespace cosoup {

/// The calls run in a scope of their own, which nobody who leaves the room waits for: a listener
/// may leave it itself. Main-context-bound.
class ListenerCalls : public std::enable_shared_from_this<ListenerCalls> {
 public:
  ListenerCalls(Listeners listeners, std::shared_ptr<RoomEvents> events);

  /// Throws what the listener throws, and Cancelled after stop().
  Deferred<bool> askAbout(NewConsumer offer, std::shared_ptr<Peer> peer);
  Deferred<bool> askAbout(NewDataConsumer offer, std::shared_ptr<Peer> peer);
  void tell(const RoomEvent& event);
  /// Whether a coroutine with this token is one of the calls.
  bool isCall(const std::stop_token& token) const {
    return token.stop_possible() && token == callToken_;
  }
  /// Cancels what runs and leaves its end to the loop.
  void stop();

 private:
  template <class Listener, class Event>
  void call(Mutex& queue, const std::shared_ptr<Listener>& listener,
            Task<> (Listener::*method)(Event), const Event& event);
  Task<> run(Mutex& queue, std::function<Task<>()> method);
  Task<bool> decide(NewConsumer offer, std::shared_ptr<Peer> peer);
  Task<bool> decideData(NewDataConsumer offer, std::shared_ptr<Peer> peer);
  Task<> end();

  const Listeners listeners_;
  const std::shared_ptr<RoomEvents> events_;
  Scope scope_;
  std::stop_token callToken_;  // of every call
  Mutex consumerRequests_, dataConsumerRequests_;
  Mutex bandwidth_, peers_, producers_, consumers_, dataConsumers_, connection_;
};

}  // namespace cosoup
