// Leaving, renaming, moving and failing at odd moments.
#include <optional>

#include "support/eventually.hpp"
#include "support/run_test.hpp"
#include "unit/room/call.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

/// A request of the server whose answer cannot be sent.
ServerRequest unanswerable(int& tried) {
  NewConsumer offer;
  offer.id = "voice";
  offer.producerId = "bob's voice";
  offer.peerId = "bob";
  return ServerRequest(std::move(offer), [&tried](int, const std::string&) {
    ++tried;
    throw Error(Error::Code::Disconnected, "send: the connection is closed");
  });
}

/// Goes to another room when bob leaves, in the way that a test chooses.
class Mover : public PeerNotificationListener {
 public:
  using Way = Task<> (*)(Task<> join);

  Mover(MediasoupClient*& whose, Way way) : client(whose), way_(way) {}
  Task<> onPeerClosed(event::PeerClosed) override {
    RoomAddress address("ws://nowhere", "next");
    PeerInfo me("ada", "Ada");
    co_await way_(client->joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                                   ConsumeConfig::none()));
    moved.resolve();
  }

  MediasoupClient*& client;
  Deferred<> moved;

 private:
  const Way way_;
};

Task<> withinALimit(Task<> join) { return withTimeout(10s, std::move(join), "moving"); }

Task<> inAScope(Task<> join) {
  Scope scope;
  scope.spawn(std::move(join));
  co_await scope.join();
}

Task<> withinALimitInAScope(Task<> join) { return inAScope(withinALimit(std::move(join))); }

}  // namespace

TEST_CASE("an answer function that throws ends nothing, whoever answers") {
  int tried = 0;
  { const ServerRequest dropped = unanswerable(tried); }
  unanswerable(tried).accept();
  unanswerable(tried).reject(403, "no");
  CHECK(tried == 3);
}

TEST_CASE("a client whose answers cannot be sent goes on hearing, and notices the loss") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.join(ProduceConfig::none(), ConsumeConfig::discard());
    int tried = 0;
    ada.wire->events.push(unanswerable(tried));  // it has no codec, and cannot be consumed
    notification::NewPeer added;
    added.peer = described("eve");
    ada.wire->notify(added);
    co_await ada.next<event::NewPeer>();
    CHECK(tried == 1);
    ada.lose();
    co_await ada.next<event::Reconnected>();
    co_await ada.client.close();
  }());
}

TEST_CASE("a client can be destroyed while the server is asked to rename it") {
  runTest([]() -> Task<> {
    const auto wire = std::make_shared<FakeSignaler::Wire>();
    auto client = std::make_unique<MediasoupClient>(std::make_unique<FakeSignaler>(wire));
    RoomAddress address("ws://nowhere", "room");
    PeerInfo me("ada", "Ada");
    co_await client->joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                              ConsumeConfig::none());
    const auto room = client->room();
    wire->steps = std::make_shared<testing::Steps>();
    wire->steps->hold("changeDisplayName");
    Scope scope;
    const auto renamed = begin(scope, client->changeDisplayName("Countess"));
    co_await wire->steps->untilHeld();
    client.reset();
    wire->steps->release();
    co_await renamed.wait();
    CHECK(room->me().displayName == "Countess");
    co_await scope.join();
  }());
}

TEST_CASE("the answer to a rename renames us in the room where it was asked for") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.join(ProduceConfig::none(), ConsumeConfig::none());
    const auto first = ada.client.room();
    ada.wire->steps = std::make_shared<testing::Steps>();
    ada.wire->steps->hold("changeDisplayName");
    Scope scope;
    const auto renamed = begin(scope, ada.client.changeDisplayName("Countess"));
    co_await ada.wire->steps->untilHeld();
    co_await ada.join(ProduceConfig::none(), ConsumeConfig::none());
    ada.wire->steps->release();
    co_await renamed.wait();
    CHECK(first->me().displayName == "Countess");
    CHECK(ada.client.room() != first);
    CHECK(ada.client.room()->me().displayName == "Ada");
    co_await scope.join();
    co_await ada.client.close();
  }());
}

TEST_CASE("what a client was asked for before it was destroyed can still be awaited") {
  runTest([]() -> Task<> {
    const auto wire = std::make_shared<FakeSignaler::Wire>();
    auto client = std::make_unique<MediasoupClient>(std::make_unique<FakeSignaler>(wire));
    Task<> chat = client->sendChat("hello");
    Task<> play = client->play();
    Task<> stop = client->stop();
    Task<> end = client->untilLeft();
    RoomAddress address("ws://nowhere", "room");
    PeerInfo me("ada", "Ada");
    Task<> join = client->joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                                   ConsumeConfig::none());
    client.reset();
    for (Task<>* late : {&chat, &play, &stop, &join}) {
      const Error error = co_await thrownBy(std::move(*late));
      CHECK(error.code() == Error::Code::InvalidState);
    }
    co_await std::move(end);
  }());
}

TEST_CASE("a listener may join another room under a limit and in a scope of its own") {
  struct Body {
    static Task<> run(Mover::Way way) {
      MediasoupClient* client = nullptr;
      const auto mover = std::make_shared<Mover>(client, way);
      Listeners listeners;
      listeners.peers = mover;
      Joined ada(std::move(listeners));
      client = &ada.client;
      co_await ada.join();
      ada.go("bob");
      while (!ada.client.room() || ada.client.room()->id() != "next") co_await sleepFor(1ms);
      co_await ada.client.changeDisplayName("Countess");  // throws outside a room
      CHECK(ada.client.room()->id() == "next");
      co_await ada.client.close();
    }
  };
  for (const Mover::Way way : {&withinALimit, &inAScope, &withinALimitInAScope}) {
    runTest(Body::run(way));
  }
}

TEST_CASE("a sink that throws when it loses a track ends neither the room nor its reconnection") {
  struct Throwing final : Sink {
    void addTrack(TrackOrigin, std::shared_ptr<Track>) override {}
    void removeTrack(std::string) override { throw std::runtime_error("no such track"); }
    Task<> close() override { co_return; }
  };
  runTest([]() -> Task<> {
    Call ada;
    ada.wire->joined = [&ada] { ada.offer("voice", "bob's voice", MediaKind::audio, 1000); };
    co_await ada.join(ConsumeConfig::into(std::make_shared<Throwing>()));
    co_await eventually("it is there", [&] { return ada.consumers.size() == 1; });
    co_await ada.comeBack();
    co_await eventually("it is there again", [&] { return ada.consumers.size() == 1; });
    CHECK(ada.failures == std::vector<std::string>{"no such track"});
    co_await ada.client.close();
  }());
}

TEST_CASE("a consumer whose track the sink does not take is refused, and not in the roster") {
  struct Throwing final : Sink {
    void addTrack(TrackOrigin, std::shared_ptr<Track>) override {
      throw std::runtime_error("full");
    }
    void removeTrack(std::string) override {}
    Task<> close() override { co_return; }
  };
  runTest([]() -> Task<> {
    Call ada;
    ada.wire->joined = [&ada] { ada.offer("voice", "bob's voice", MediaKind::audio, 1000); };
    co_await ada.join(ConsumeConfig::into(std::make_shared<Throwing>()));
    co_await eventually("it is answered", [&] { return ada.answers.size() == 1; });
    CHECK(ada.answers[0] == "voice 500");
    CHECK_FALSE(ada.client.room()->consumer("voice"));
    CHECK(ada.consumers.empty());
    CHECK(ada.failures == std::vector<std::string>{"full"});
    co_await ada.client.close();
  }());
}

TEST_CASE("a configuration that gives no source or no sink is refused") {
  runTest([]() -> Task<> {
    Call ada;
    const Error noSource = co_await thrownBy(
        ada.join(ProduceConfig::from([] { return nullptr; }), ConsumeConfig::none()));
    CHECK(noSource.code() == Error::Code::InvalidArgument);
    const Error noMaker = co_await thrownBy(
        ada.join(ProduceConfig::from(ProduceConfig::MakeSource()), ConsumeConfig::none()));
    CHECK(noMaker.code() == Error::Code::InvalidArgument);
    const Error noSink = co_await thrownBy(
        ada.join(ProduceConfig::none(), ConsumeConfig::into(std::shared_ptr<Sink>())));
    CHECK(noSink.code() == Error::Code::InvalidArgument);
    co_await ada.client.close();
  }());
}
