// How much waits for an app that does not listen.
#include "cosoup/core/limits.hpp"
#include "cosoup/room/room_events_internals.hpp"
#include "support/eventually.hpp"
#include "support/log_capture.hpp"
#include "support/run_test.hpp"
#include "unit/room/call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// A room in which bob's chat is heard.
struct Chat {
  explicit Chat(Listeners listeners = Listeners()) : call(std::move(listeners)) {}

  Task<> join() {
    call.wire->joined = [this] { call.offerData("chat", "bob's chat"); };
    co_await call.join(ProduceConfig::none(), ConsumeConfig::dataOnly());
    co_await eventually("the chat is there", [this] { return !call.dataConsumers.empty(); });
    chat = call.dataConsumers.at(0);
    connection = call.handler.connections().at(0);
    connection->openDataChannels();
  }
  void hear(std::size_t messages, const std::string& text) {
    const std::uint16_t stream = chat->sctpStreamParameters().streamId;
    const DataMessage message = DataMessage::text(text);
    for (std::size_t i = 0; i < messages; ++i) connection->receiveMessage(stream, message);
  }
  std::size_t lost() const {
    std::size_t count = 0;
    for (const std::string& failure : call.failures) {
      if (failure.find("others are lost") != std::string::npos) ++count;
    }
    return count;
  }

  Call call;
  std::shared_ptr<DataConsumer> chat;
  std::shared_ptr<testing::FakeConnection> connection;
};

}  // namespace

TEST_CASE("an event that is told to a channel nobody holds is not kept") {
  RoomEvents events;
  std::weak_ptr<Peer> kept;
  {
    const Channel<RoomEvent> dropped = events.channel();
    const auto peer = std::make_shared<Peer>(described("bob"));
    kept = peer;
    RoomEvents::Internals::emit(events, event::NewPeer{peer});
    CHECK(dropped.size() == 1);
  }
  CHECK(kept.expired());
  const auto next = std::make_shared<Peer>(described("eve"));
  RoomEvents::Internals::emit(events, event::NewPeer{next});
  CHECK(next.use_count() == 1);
}

TEST_CASE("events that nobody reads are kept up to a limit") {
  RoomEvents events;
  Channel<RoomEvent> unread = events.channel();
  const auto peer = std::make_shared<Peer>(described("bob"));
  for (std::size_t i = 0; i < limits::queuedEvents + 10; ++i) {
    RoomEvents::Internals::emit(events, event::NewPeer{peer});
  }
  CHECK(unread.size() == limits::queuedEvents);
}

TEST_CASE("a listener that never returns keeps a bounded number of calls, of which is told once") {
  struct Stuck : DataConsumerNotificationListener {
    Task<> onMessage(event::Message) override {
      ++begun;
      co_await gate.wait();
    }
    Deferred<> gate;
    std::size_t begun = 0;
  };
  runTest([]() -> Task<> {
    const auto stuck = std::make_shared<Stuck>();
    Listeners listeners;
    listeners.dataConsumers = stuck;
    Chat bob(std::move(listeners));
    co_await bob.join();
    bob.hear(limits::queuedCalls + 10, "x");
    CHECK(bob.lost() == 1);
    CHECK(stuck->begun == 1);
    stuck->gate.resolve();
    co_await eventually("all calls come to their end",
                        [&] { return stuck->begun == limits::queuedCalls; });
    bob.hear(1, "y");
    CHECK(stuck->begun == limits::queuedCalls + 1);
    co_await bob.call.client.close();
  }());
}

TEST_CASE("offers beyond what a listener decides on are refused") {
  struct Undecided : ConsumerRequestListener {
    Task<bool> onNewConsumer(NewConsumer, std::shared_ptr<Peer>) override {
      co_await gate.wait();
      co_return false;
    }
    Deferred<> gate;
  };
  runTest(
      []() -> Task<> {
        const auto undecided = std::make_shared<Undecided>();
        Listeners listeners;
        listeners.consumerRequests = undecided;
        Call ada(std::move(listeners));
        co_await ada.join();
        const LoopMayWait flooding;
        for (std::size_t i = 0; i < limits::queuedCalls + 5; ++i) {
          const std::string name = std::to_string(i);
          ada.offer(name, name, MediaKind::audio, static_cast<std::uint32_t>(i + 1));
        }
        co_await eventually("the last ones are refused", [&] { return ada.answers.size() == 5; });
        undecided->gate.resolve();
        co_await eventually("all are answered",
                            [&] { return ada.answers.size() == limits::queuedCalls + 5; });
        co_await ada.client.close();
      }(),
      std::chrono::seconds(60));
}
