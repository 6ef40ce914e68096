// What a client does when the connection to its room is lost.
#include "cosoup/cosoup.hpp"
#include "support/run_test.hpp"
#include "unit/room/fake_signaler.hpp"
#include "unit/room/joined.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

using Wire = FakeSignaler::Wire;

/// A client that writes down how its connection fares.
struct Caller {
  Caller() : wire(std::make_shared<Wire>()), client(std::make_unique<FakeSignaler>(wire)) {
    client.reconnect.minDelay = 1ms;
    client.reconnect.maxDelay = 4ms;
    events = client.events().channel();
  }

  Task<> join() {
    RoomAddress address("ws://nowhere", "room");
    PeerInfo me("ada", "Ada");
    return client.joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                           ConsumeConfig::none());
  }
  void lose(int code) {
    Channel<SignalerEvent> broken = std::exchange(wire->events, Channel<SignalerEvent>());
    SignalerClosed closed;
    closed.code = code;
    closed.reason = "gone";
    broken.push(closed);
    broken.close();
  }
  /// What happens up to an event of the type, as one text.
  template <class Last>
  Task<std::string> until() {
    std::string seen;
    while (true) {
      const auto happened = co_await events.next();
      if (const auto* left = std::get_if<event::PeerClosed>(&*happened)) {
        seen += "-" + left->peer->id() + " ";
      } else if (const auto* joined = std::get_if<event::NewPeer>(&*happened)) {
        seen += "+" + joined->peer->id() + " ";
      } else if (const auto* tried = std::get_if<event::Reconnecting>(&*happened)) {
        seen += "try" + std::to_string(tried->attempt) + " ";
      } else if (std::holds_alternative<event::Reconnected>(*happened)) {
        seen += "back ";
      } else if (std::holds_alternative<event::Disconnected>(*happened)) {
        seen += "lost ";
      }
      if (std::holds_alternative<Last>(*happened)) co_return seen;
    }
  }
  void addPeer(const std::string& id) {
    PeerDescription peer;
    peer.id = id;
    wire->peers.push_back(std::move(peer));
  }

  std::shared_ptr<Wire> wire;
  MediasoupClient client;
  Channel<RoomEvent> events;
};

Task<Error> endOf(MediasoupClient& client) {
  try {
    co_await client.untilLeft();
  } catch (const Error& error) {
    co_return error;
  }
  co_return Error(Error::Code::Media, "it ended well");
}

}  // namespace

TEST_CASE("a client whose connection is lost joins again and tells what has changed meanwhile") {
  runTest([]() -> Task<> {
    Caller ada;
    ada.addPeer("bob");
    ada.addPeer("eve");
    co_await ada.join();
    const std::shared_ptr<const Room> room = ada.client.room();
    ada.wire->peers.erase(ada.wire->peers.begin());
    ada.addPeer("dan");
    ada.lose(1006);
    const std::string seen = co_await ada.until<event::Reconnected>();
    CHECK(seen == "try1 -bob +dan back ");
    CHECK(ada.client.room() == room);
    CHECK(room->peer("eve"));
    CHECK_FALSE(room->peer("bob"));
    co_await ada.client.changeDisplayName("Countess");
    co_await ada.client.close();
  }());
}

TEST_CASE("a client tries again until it gets in") {
  runTest([]() -> Task<> {
    Caller ada;
    co_await ada.join();
    ada.wire->failures.emplace("connect", Error(Error::Code::Disconnected, "no server"));
    ada.lose(1006);
    const std::string first = co_await ada.until<event::Reconnecting>();
    const std::string second = co_await ada.until<event::Reconnecting>();
    const std::string third = co_await ada.until<event::Reconnecting>();
    CHECK(first + second + third == "try1 try2 try3 ");
    ada.wire->failures.clear();
    const std::string last = co_await ada.until<event::Reconnected>();
    CHECK(last.ends_with("back "));
    co_await ada.client.close();
  }());
}

TEST_CASE("a client tries again whatever its signaler throws, and tells it") {
  runTest([]() -> Task<> {
    Caller ada;
    co_await ada.join();
    ada.wire->broken = "join";
    std::string reason;
    const Connection tries = ada.client.events().on<event::Reconnecting>(
        [&](const event::Reconnecting& attempt) { reason = attempt.reason.what(); });
    ada.lose(1006);
    co_await ada.until<event::Reconnecting>();
    co_await ada.until<event::Reconnecting>();
    CHECK(reason == "bug");
    ada.wire->broken.clear();
    co_await ada.until<event::Reconnected>();
    co_await ada.client.close();
  }());
}

TEST_CASE("a connection whose events end without a word counts as lost") {
  runTest([]() -> Task<> {
    Caller ada;
    co_await ada.join();
    std::exchange(ada.wire->events, Channel<SignalerEvent>()).close();
    const std::string seen = co_await ada.until<event::Reconnected>();
    CHECK(seen == "try1 back ");
    co_await ada.client.close();
  }());
}

TEST_CASE("a client that never gets in again ends its stay with the last reason") {
  runTest([]() -> Task<> {
    Caller ada;
    ada.client.reconnect.maxAttempts = 2;
    co_await ada.join();
    ada.wire->failures.emplace("join", Error(Error::Code::Rejected, "room is full", 500));
    ada.lose(1006);
    const std::string seen = co_await ada.until<event::Disconnected>();
    const Error end = co_await endOf(ada.client);
    CHECK(seen == "try1 try2 lost ");
    CHECK(std::string(end.what()) == "room is full");
    co_await ada.client.close();
  }());
}

TEST_CASE("a client that the server ended on purpose stays away") {
  runTest([]() -> Task<> {
    Caller ada;
    co_await ada.join();
    ada.lose(4000);
    const std::string seen = co_await ada.until<event::Disconnected>();
    const Error end = co_await endOf(ada.client);
    CHECK(seen == "lost ");
    CHECK(std::string(end.what()) == "room: the connection to the server ended (4000: gone)");
    co_await ada.client.close();
  }());
}

TEST_CASE("a client without reconnection ends with the connection") {
  runTest([]() -> Task<> {
    Caller ada;
    ada.client.reconnect.enabled = false;
    co_await ada.join();
    ada.lose(1006);
    const Error end = co_await endOf(ada.client);
    CHECK(end.code() == Error::Code::Disconnected);
    co_await ada.client.close();
  }());
}

TEST_CASE("leaving ends the attempts to reconnect") {
  runTest([]() -> Task<> {
    Caller ada;
    ada.client.reconnect.minDelay = 1h;
    ada.client.reconnect.maxDelay = 1h;
    co_await ada.join();
    ada.lose(1006);
    co_await ada.until<event::Reconnecting>();
    std::string refused;
    try {
      co_await ada.client.changeDisplayName("Countess");
    } catch (const Error& error) {
      refused = error.what();
    }
    CHECK(refused == "changeDisplayName: there is no connection to the room just now");
    co_await ada.client.exitRoom();
    co_await ada.client.untilLeft();
    co_await ada.client.close();
  }());
}

TEST_CASE("a signaler that throws when it closes keeps nobody in the room") {
  runTest([]() -> Task<> {
    for (const char* broken : {"", "close"}) {
      Joined ada;
      co_await ada.join();
      ada.wire->broken = broken;
      ada.wire->failures.emplace("close", Error(Error::Code::Timeout, "close: no answer"));
      if (*broken) ada.wire->failures.clear();
      co_await ada.client.exitRoom();
      co_await ada.client.untilLeft();
      ada.wire->broken.clear();
      ada.wire->failures.clear();
      co_await ada.join();
      CHECK(ada.client.room()->peer("bob"));
      co_await ada.client.close();
    }
  }());
}

TEST_CASE("the delay before an attempt grows up to its limit, a little by chance") {
  ReconnectPolicy policy;
  CHECK(policy.delayBefore(1, 0) == 500ms);
  CHECK(policy.delayBefore(2, 0) == 1000ms);
  CHECK(policy.delayBefore(5, 0) == 8000ms);
  CHECK(policy.delayBefore(1000, 0) == 8000ms);
  CHECK(policy.delayBefore(1, 1) == 650ms);
  CHECK(policy.delayBefore(1, -1) == 350ms);
  policy.jitter = 5;
  CHECK(policy.delayBefore(1, -1) == 0ms);
}
