// ListenerCalls: the queue of each listener during one stay in a room. Internal.
#pragma once

#include <functional>
#include <memory>
#include <tuple>

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
  /// Cancels what runs and leaves its end to the loop.
  void stop();

 private:
  /// The calls of one listener, one after the other.
  struct Queue {
    Mutex turns;
    std::size_t calls = 0;   // that run or wait
    std::size_t bytes = 0;   // of what they are about
    bool overflows = false;  // as was told
  };
  class Place;
  template <class Listener>
  struct Line {
    std::shared_ptr<Listener> listener;
    Queue queue;
  };

  /// Calls the method if the event is what it hears of.
  template <class Listener, class Heard, class Event>
  void offer(Task<> (Listener::*method)(Heard), const Event& event);
  Task<> run(Queue& queue, std::size_t bytes, std::function<Task<>()> method);
  /// Whether there is room for one more call; tells the first time that there is not.
  bool admits(Queue& queue, std::size_t bytes);
  Task<bool> decide(NewConsumer offer, std::shared_ptr<Peer> peer);
  Task<bool> decideData(NewDataConsumer offer, std::shared_ptr<Peer> peer);
  Task<> end();

  const std::shared_ptr<RoomEvents> events_;
  Scope scope_;
  Line<ConsumerRequestListener> consumerRequests_;
  Line<DataConsumerRequestListener> dataConsumerRequests_;
  std::tuple<Line<BandwidthNotificationListener>, Line<PeerNotificationListener>,
             Line<ProducerNotificationListener>, Line<ConsumerNotificationListener>,
             Line<DataConsumerNotificationListener>, Line<ConnectionListener>>
      lines_;
};

}  // namespace cosoup
