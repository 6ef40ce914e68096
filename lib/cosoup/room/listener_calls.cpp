#include "cosoup/room/listener_calls.hpp"

#include "cosoup/core/as_error.hpp"
#include "cosoup/room/overloaded.hpp"

namespace cosoup {

ListenerCalls::ListenerCalls(Listeners listeners, std::shared_ptr<RoomEvents> events)
    : listeners_(std::move(listeners)), events_(std::move(events)) {}

Deferred<bool> ListenerCalls::askAbout(NewConsumer offer, std::shared_ptr<Peer> peer) {
  return begin(scope_, decide(std::move(offer), std::move(peer)));
}

Task<bool> ListenerCalls::decide(NewConsumer offer, std::shared_ptr<Peer> peer) {
  const auto self = shared_from_this();
  const auto turn = co_await consumerRequests_.lock();
  callToken_ = co_await currentStopToken();
  co_return co_await listeners_.consumerRequests->onNewConsumer(std::move(offer), std::move(peer));
}

Deferred<bool> ListenerCalls::askAbout(NewDataConsumer offer, std::shared_ptr<Peer> peer) {
  return begin(scope_, decideData(std::move(offer), std::move(peer)));
}

Task<bool> ListenerCalls::decideData(NewDataConsumer offer, std::shared_ptr<Peer> peer) {
  const auto self = shared_from_this();
  const auto turn = co_await dataConsumerRequests_.lock();
  callToken_ = co_await currentStopToken();
  co_return co_await listeners_.dataConsumerRequests->onNewDataConsumer(std::move(offer),
                                                                        std::move(peer));
}

template <class Listener, class Event>
void ListenerCalls::call(Mutex& queue, const std::shared_ptr<Listener>& listener,
                         Task<> (Listener::*method)(Event), const Event& event) {
  scope_.spawn(run(queue, [listener, method, event] { return ((*listener).*method)(event); }));
}

Task<> ListenerCalls::run(Mutex& queue, std::function<Task<>()> method) {
  const auto self = shared_from_this();
  const auto turn = co_await queue.lock();
  callToken_ = co_await currentStopToken();
  try {
    co_await method();
  } catch (const Cancelled&) {
    throw;
  } catch (...) {
    const Error error = asError(std::current_exception());
    events_->emit(event::Failed{error.within("listener")});
  }
}

void ListenerCalls::tell(const RoomEvent& happened) {
  const auto bandwidth = [this](const auto& event, auto method) {
    call(bandwidth_, listeners_.bandwidth, method, event);
  };
  const auto peers = [this](const auto& event, auto method) {
    call(peers_, listeners_.peers, method, event);
  };
  const auto producers = [this](const auto& event, auto method) {
    call(producers_, listeners_.producers, method, event);
  };
  const auto consumers = [this](const auto& event, auto method) {
    call(consumers_, listeners_.consumers, method, event);
  };
  const auto data = [this](const auto& event, auto method) {
    call(dataConsumers_, listeners_.dataConsumers, method, event);
  };
  const auto connection = [this](const auto& event, auto method) {
    call(connection_, listeners_.connection, method, event);
  };
  using Bandwidth = BandwidthNotificationListener;
  using Peers = PeerNotificationListener;
  using Producers = ProducerNotificationListener;
  using Consumers = ConsumerNotificationListener;
  using Data = DataConsumerNotificationListener;
  using Connected = ConnectionListener;
  std::visit(
      Overloaded{
          [&](const event::DownlinkBwe& e) { bandwidth(e, &Bandwidth::onDownlinkBwe); },
          [&](const event::PeerJoined& e) { peers(e, &Peers::onNewPeer); },
          [&](const event::PeerLeft& e) { peers(e, &Peers::onPeerClosed); },
          [&](const event::PeerRenamed& e) { peers(e, &Peers::onPeerDisplayNameChanged); },
          [&](const event::ActiveSpeaker& e) { peers(e, &Peers::onActiveSpeaker); },
          [&](const event::SpeakingPeers& e) { peers(e, &Peers::onSpeakingPeers); },
          [&](const event::ProducerScore& e) { producers(e, &Producers::onProducerScore); },
          [&](const event::ConsumerLayersChanged& e) {
            consumers(e, &Consumers::onConsumerLayersChanged);
          },
          [&](const event::ConsumerScore& e) { consumers(e, &Consumers::onConsumerScore); },
          [&](const event::ConsumerClosed& e) { consumers(e, &Consumers::onConsumerClosed); },
          [&](const event::ConsumerPaused& e) { consumers(e, &Consumers::onConsumerPaused); },
          [&](const event::ConsumerResumed& e) { consumers(e, &Consumers::onConsumerResumed); },
          [&](const event::DataConsumerClosed& e) { data(e, &Data::onDataConsumerClosed); },
          [&](const event::DataMessage& e) { data(e, &Data::onMessage); },
          [&](const event::Reconnecting& e) { connection(e, &Connected::onReconnecting); },
          [&](const event::Reconnected& e) { connection(e, &Connected::onReconnected); },
          [&](const event::Disconnected& e) { connection(e, &Connected::onDisconnected); },
          [](const auto&) {},  // no listener's business
      },
      happened);
}

void ListenerCalls::stop() { finishInBackground(end()); }

Task<> ListenerCalls::end() {
  const auto self = shared_from_this();
  co_await scope_.close();
}

}  // namespace cosoup
