// What listeners hear of a room.
#include "cosoup/cosoup.hpp"
#include "support/run_test.hpp"
#include "unit/room/joined.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

/// Writes down what it hears.
class WritingListener : public PeerNotificationListener {
 public:
  Task<> onNewPeer(event::NewPeer joined) override { return write("+" + joined.peer->id()); }
  Task<> onPeerClosed(event::PeerClosed left) override { return write("-" + left.peer->id()); }
  Task<> onPeerDisplayNameChanged(event::PeerDisplayNameChanged renamed) override {
    return write(renamed.oldDisplayName + ">" + renamed.peer->displayName());
  }
  Task<> onActiveSpeaker(event::ActiveSpeaker speaker) override {
    if (speaker.isMe) return write("me!");
    return write(speaker.peer ? speaker.peer->id() + "!" : "silence");
  }

  /// Until so much has been heard.
  Task<> hears(std::size_t count) {
    while (heard.size() < count) co_await changed.wait();
  }

  std::vector<std::string> heard;
  Condition changed;

 protected:
  virtual Task<> write(std::string text) {
    heard.push_back(std::move(text));
    changed.notify();
    co_return;
  }
};

template <class Listener>
Listeners withPeers(std::shared_ptr<Listener> listener) {
  Listeners listeners;
  listeners.peers = std::move(listener);
  return listeners;
}

}  // namespace

TEST_CASE("a listener hears of peers in the order of the events") {
  runTest([]() -> Task<> {
    const auto listener = std::make_shared<WritingListener>();
    Joined ada(withPeers(listener));
    co_await ada.join();
    ada.arrive("eve");
    ada.rename("eve", "Evelyn");
    ada.go("bob");
    co_await listener->hears(3);
    const std::vector<std::string> expected = {"+eve", "peer eve>Evelyn", "-bob"};
    CHECK(listener->heard == expected);
    CHECK(ada.client.room()->peers().size() == 1);
    co_await ada.client.close();
  }());
}

TEST_CASE("the active speaker is a peer, we ourselves, or nobody") {
  runTest([]() -> Task<> {
    const auto listener = std::make_shared<WritingListener>();
    Joined ada(withPeers(listener));
    co_await ada.join();
    for (const char* id : {"bob", "ada", "stranger"}) {
      notification::ActiveSpeaker speaker;
      speaker.peerId = id;
      ada.wire->notify(speaker);
    }
    ada.wire->notify(notification::ActiveSpeaker());
    co_await listener->hears(4);
    const std::vector<std::string> expected = {"bob!", "me!", "silence", "silence"};
    CHECK(listener->heard == expected);
    co_await ada.client.close();
  }());
}

TEST_CASE("what is told of strangers is ignored") {
  runTest([]() -> Task<> {
    const auto listener = std::make_shared<WritingListener>();
    Joined ada(withPeers(listener));
    co_await ada.join();
    ada.go("stranger");
    ada.rename("stranger", "Nobody");
    notification::ConsumerClosed closed;
    closed.consumerId = "stranger";
    ada.wire->notify(closed);
    notification::ConsumerScore score;
    score.consumerId = "stranger";
    ada.wire->notify(score);
    notification::ProducerScore producerScore;
    producerScore.producerId = "stranger";
    ada.wire->notify(producerScore);
    ada.go("bob");
    co_await listener->hears(1);
    const std::vector<std::string> expected = {"-bob"};
    CHECK(listener->heard == expected);
    co_await ada.client.close();
  }());
}

namespace {

struct Bandwidth : BandwidthNotificationListener {
  Task<> onDownlinkBwe(event::DownlinkBwe changed) override {
    heard.resolve(changed.estimate.availableBitrate);
    co_return;
  }
  Deferred<double> heard;
};

}  // namespace

TEST_CASE("a slow listener delays no other, and hears everything in its turn") {
  struct Slow : WritingListener {
    Task<> write(std::string text) override {
      ++running;
      most = std::max(most, running);
      co_await gate.wait();
      --running;
      co_await WritingListener::write(std::move(text));
    }
    Deferred<> gate;
    int running = 0;
    int most = 0;
  };
  runTest([]() -> Task<> {
    const auto slow = std::make_shared<Slow>();
    const auto bandwidth = std::make_shared<Bandwidth>();
    Listeners listeners = withPeers(slow);
    listeners.bandwidth = bandwidth;
    Joined ada(listeners);
    co_await ada.join();
    ada.arrive("eve");
    ada.go("bob");
    ada.estimate(1000);
    const double heard = co_await bandwidth->heard.wait();
    CHECK(heard == 1000);
    CHECK(slow->heard.empty());
    slow->gate.resolve();
    co_await slow->hears(2);
    const std::vector<std::string> expected = {"+eve", "-bob"};
    CHECK(slow->heard == expected);
    CHECK(slow->most == 1);
    co_await ada.client.close();
  }());
}

TEST_CASE("what a listener throws is told as a failure, and the next event comes all the same") {
  struct Throwing : WritingListener {
    Task<> onNewPeer(event::NewPeer) override {
      throw std::runtime_error("no room for strangers");
      co_return;
    }
  };
  runTest([]() -> Task<> {
    const auto listener = std::make_shared<Throwing>();
    Joined ada(withPeers(listener));
    std::vector<std::string> failures;
    const Connection failed = ada.client.events().on<event::Failed>(
        [&](const event::Failed& failure) { failures.push_back(failure.error.what()); });
    co_await ada.join();
    ada.arrive("eve");
    ada.go("eve");
    co_await listener->hears(1);
    const std::vector<std::string> expected = {"listener: no room for strangers"};
    CHECK(failures == expected);
    CHECK(listener->heard.front() == "-eve");
    co_await ada.client.close();
  }());
}

TEST_CASE("a listener may leave the room") {
  struct Leaving : PeerNotificationListener {
    explicit Leaving(MediasoupClient*& whose) : client(whose) {}
    Task<> onPeerClosed(event::PeerClosed) override {
      co_await client->exitRoom();
      left.resolve();
    }
    MediasoupClient*& client;
    Deferred<> left;
  };
  runTest([]() -> Task<> {
    MediasoupClient* client = nullptr;
    const auto listener = std::make_shared<Leaving>(client);
    Joined ada(withPeers(listener));
    client = &ada.client;
    co_await ada.join();
    ada.go("bob");
    co_await ada.client.untilLeft();
    co_await listener->left.wait();
    CHECK(ada.wire->requests.back() == "close");
    co_await ada.client.close();
  }());
}

TEST_CASE("a listener may join another room, and is heard of there, too") {
  struct Moving : WritingListener {
    explicit Moving(MediasoupClient*& whose) : client(whose) {}
    Task<> onPeerClosed(event::PeerClosed left) override {
      heard.push_back("-" + left.peer->id() + " of " + client->room()->id());
      changed.notify();
      if (client->room()->id() == "next") co_return;
      RoomAddress address("ws://nowhere", "next");
      PeerInfo me("ada", "Ada");
      co_await client->joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                                ConsumeConfig::none());
      heard.push_back("moved");
      changed.notify();
    }
    MediasoupClient*& client;
  };
  runTest([]() -> Task<> {
    MediasoupClient* client = nullptr;
    const auto listener = std::make_shared<Moving>(client);
    Joined ada(withPeers(listener));
    client = &ada.client;
    co_await ada.join();
    ada.go("bob");
    co_await listener->hears(2);
    CHECK(ada.client.room()->id() == "next");
    CHECK(ada.client.room()->peers().size() == 1);
    ada.go("bob");
    co_await listener->hears(3);
    const std::vector<std::string> expected = {"-bob of room", "moved", "-bob of next"};
    CHECK(listener->heard == expected);
    co_await ada.client.close();
  }());
}

TEST_CASE("leaving does not wait for a listener, which is cancelled") {
  struct Stuck : PeerNotificationListener {
    Task<> onNewPeer(event::NewPeer) override {
      try {
        co_await never.wait();
      } catch (const Cancelled&) {
        cancelled = true;
        throw;
      }
    }
    Deferred<> never;
    bool cancelled = false;
  };
  const auto listener = std::make_shared<Stuck>();
  runTest([](std::shared_ptr<Stuck> listener) -> Task<> {
    Joined ada(withPeers(listener));
    co_await ada.join();
    ada.arrive("eve");
    auto events = ada.client.events().channel();
    while (ada.client.room()->peers().size() < 2) co_await events.next();
    co_await ada.client.close();
  }(listener));
  CHECK(listener->cancelled);
}

TEST_CASE("listeners hear of the next room, too") {
  runTest([]() -> Task<> {
    const auto listener = std::make_shared<WritingListener>();
    Joined ada(withPeers(listener));
    co_await ada.join();
    co_await ada.client.exitRoom();
    ada.wire->events = Channel<SignalerEvent>();
    co_await ada.join();
    ada.go("bob");
    co_await listener->hears(1);
    CHECK(listener->heard.front() == "-bob");
    co_await ada.client.close();
  }());
}
