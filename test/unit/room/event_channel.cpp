// The channel of a room's events.
#include "cosoup/cosoup.hpp"
#include "support/run_test.hpp"
#include "unit/room/joined.hpp"

using namespace cosoup;
using namespace cosoup::test;

TEST_CASE("events can be pulled, each reader has all of them") {
  struct Body {
    static Task<std::string> read(Channel<RoomEvent> events) {
      std::string seen;
      while (const auto event = co_await events.next()) {
        if (std::holds_alternative<event::Joined>(*event)) seen += "joined ";
        if (const auto* added = std::get_if<event::NewPeer>(&*event)) {
          seen += "+" + added->peer->id();
          events.close();
        }
      }
      co_return seen;
    }
    static Task<> run() {
      Joined ada;
      Scope scope;
      const auto first = begin(scope, read(ada.client.events().channel()));
      const auto second = begin(scope, read(ada.client.events().channel()));
      co_await ada.join();
      ada.arrive("eve");
      const std::string heard = co_await first.wait();
      CHECK(heard == "joined +eve");
      const std::string heardToo = co_await second.wait();
      CHECK(heardToo == "joined +eve");
      co_await scope.join();
      co_await ada.client.close();
    }
  };
  runTest(Body::run());
}

TEST_CASE("a channel of events ends with its client") {
  runTest([]() -> Task<> {
    Channel<RoomEvent> events;
    {
      Joined ada;
      events = ada.client.events().channel();
      co_await ada.join();
      co_await ada.client.close();
    }
    const auto first = co_await events.next();
    const auto second = co_await events.next();
    REQUIRE(first.has_value());
    CHECK(std::holds_alternative<event::Joined>(*first));
    CHECK_FALSE(second.has_value());
  }());
}
