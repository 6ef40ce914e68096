#include "cosoup/room/listener_calls.hpp"

#include <tuple>
#include <type_traits>
#include <utility>

#include "cosoup/core/as_error.hpp"
#include "cosoup/core/limits.hpp"
#include "cosoup/room/room_events_internals.hpp"

namespace cosoup {

namespace {

/// What listeners hear of: each method gets the events of its parameter's type.
constexpr std::tuple kMethods(
    &BandwidthNotificationListener::onDownlinkBwe, &PeerNotificationListener::onNewPeer,
    &PeerNotificationListener::onPeerClosed, &PeerNotificationListener::onPeerDisplayNameChanged,
    &PeerNotificationListener::onActiveSpeaker, &PeerNotificationListener::onSpeakingPeers,
    &ProducerNotificationListener::onProducerScore,
    &ConsumerNotificationListener::onConsumerLayersChanged,
    &ConsumerNotificationListener::onConsumerScore, &ConsumerNotificationListener::onConsumerClosed,
    &ConsumerNotificationListener::onConsumerPaused,
    &ConsumerNotificationListener::onConsumerResumed,
    &DataConsumerNotificationListener::onDataConsumerClosed,
    &DataConsumerNotificationListener::onMessage, &ConnectionListener::onReconnecting,
    &ConnectionListener::onReconnected, &ConnectionListener::onDisconnected);

Deferred<bool> refusal() {
  Deferred<bool> refused;
  refused.resolve(false);
  return refused;
}

}  // namespace

/// Counts for as long as it lives.
class ListenerCalls::Place {
 public:
  Place(Queue& queue, std::size_t bytes) : queue_(queue), bytes_(bytes) {
    ++queue_.calls;
    queue_.bytes += bytes_;
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    --queue_.calls;
    queue_.bytes -= bytes_;
    const bool hasRoom =
        queue_.calls <= limits::queuedCalls / 2 && queue_.bytes <= limits::queuedCallBytes / 2;
    if (hasRoom) queue_.overflows = false;
  }

 private:
  Queue& queue_;
  const std::size_t bytes_;
};

ListenerCalls::ListenerCalls(Listeners listeners, std::shared_ptr<RoomEvents> events)
    : events_(std::move(events)),
      consumerRequests_{std::move(listeners.consumerRequests), {}},
      dataConsumerRequests_{std::move(listeners.dataConsumerRequests), {}} {
  const auto take = [this]<class Listener>(std::shared_ptr<Listener> listener) {
    std::get<Line<Listener>>(lines_).listener = std::move(listener);
  };
  take(std::move(listeners.bandwidth));
  take(std::move(listeners.peers));
  take(std::move(listeners.producers));
  take(std::move(listeners.consumers));
  take(std::move(listeners.dataConsumers));
  take(std::move(listeners.connection));
}

Deferred<bool> ListenerCalls::askAbout(NewConsumer offer, std::shared_ptr<Peer> peer) {
  if (!admits(consumerRequests_.queue, 0)) return refusal();
  return begin(scope_, decide(std::move(offer), std::move(peer)));
}

Task<bool> ListenerCalls::decide(NewConsumer offer, std::shared_ptr<Peer> peer) {
  const auto self = shared_from_this();
  const Place place(consumerRequests_.queue, 0);
  const auto turn = co_await consumerRequests_.queue.turns.lock();
  co_return co_await consumerRequests_.listener->onNewConsumer(std::move(offer), std::move(peer));
}

Deferred<bool> ListenerCalls::askAbout(NewDataConsumer offer, std::shared_ptr<Peer> peer) {
  if (!admits(dataConsumerRequests_.queue, 0)) return refusal();
  return begin(scope_, decideData(std::move(offer), std::move(peer)));
}

Task<bool> ListenerCalls::decideData(NewDataConsumer offer, std::shared_ptr<Peer> peer) {
  const auto self = shared_from_this();
  const Place place(dataConsumerRequests_.queue, 0);
  const auto turn = co_await dataConsumerRequests_.queue.turns.lock();
  co_return co_await dataConsumerRequests_.listener->onNewDataConsumer(std::move(offer),
                                                                       std::move(peer));
}

bool ListenerCalls::admits(Queue& queue, std::size_t bytes) {
  const bool fits =
      queue.calls < limits::queuedCalls && queue.bytes + bytes <= limits::queuedCallBytes;
  if (!fits && !std::exchange(queue.overflows, true)) {
    RoomEvents::Internals::emit(
        *events_, event::Failed{Error(Error::Code::InvalidState,
                                      "listener: too many events wait for it, others are lost")});
  }
  return fits;
}

Task<> ListenerCalls::run(Queue& queue, std::size_t bytes, std::function<Task<>()> method) {
  const auto self = shared_from_this();
  const Place place(queue, bytes);
  const auto turn = co_await queue.turns.lock();
  try {
    co_await method();
  } catch (const Cancelled&) {
    throw;
  } catch (...) {
    const Error error = asError(std::current_exception());
    RoomEvents::Internals::emit(*events_, event::Failed{error.within("listener")});
  }
}

template <class Listener, class Heard, class Event>
void ListenerCalls::offer(Task<> (Listener::*method)(Heard), const Event& event) {
  if constexpr (std::is_same_v<Heard, Event>) {
    auto& [listener, queue] = std::get<Line<Listener>>(lines_);
    std::size_t bytes = 0;
    if constexpr (std::is_same_v<Event, event::Message>) bytes = event.message.size();
    if (!admits(queue, bytes)) return;
    const auto call = [to = listener, method, event] { return ((*to).*method)(event); };
    scope_.spawn(run(queue, bytes, call));
  }
}

// Of an event that none of them hears of no listener is told.
void ListenerCalls::tell(const RoomEvent& happened) {
  const auto offerToAll = [this](const auto& event) {
    std::apply([&](auto... method) { (offer(method, event), ...); }, kMethods);
  };
  std::visit(offerToAll, happened);
}

void ListenerCalls::stop() { finishInBackground(end()); }

Task<> ListenerCalls::end() {
  const auto self = shared_from_this();
  co_await scope_.close();
}

}  // namespace cosoup
