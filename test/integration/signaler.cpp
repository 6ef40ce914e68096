// A signaler that is not ours: the demo's, which speaks JSON-RPC.
#include <algorithm>

#include "custom_signaler/json_rpc_signaler.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/resources.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

Task<Error> thrownBy(Task<> task) {
  try {
    co_await std::move(task);
  } catch (const Error& error) {
    co_return error;
  }
  co_return Error(Error::Code::Media, "nothing was thrown");
}

/// A room server that speaks JSON-RPC, too.
class BilingualServer {
 public:
  explicit BilingualServer(std::vector<std::string> more = {}) : server(options(std::move(more))) {}

  Task<> findPort() {
    const Json info = co_await server.get("/test/server");
    url = "tcp://127.0.0.1:" + std::to_string(info.get<int>("jsonRpcPort"));
  }

  RoomServer server;
  std::string url;

 private:
  static std::vector<std::string> options(std::vector<std::string> more) {
    more.insert(more.begin(), {"--insecure-ws", "--json-rpc-port", "0"});
    return more;
  }
};

/// Whoever joins by JSON-RPC.
struct Foreigner : Member {
  Foreigner(BilingualServer& where, std::string roomId, std::string peerId)
      : Member(where.server, std::move(roomId), std::move(peerId),
               std::make_unique<JsonRpcSignaler>()) {
    address.url = where.url;
  }
};

Task<bool> seesAPause(Member& member) {
  co_return std::any_of(member.consumers.begin(), member.consumers.end(),
                        [](const auto& consumer) { return consumer->isPaused(); });
}

Task<bool> isAlone(Member& member) { co_return member.client.room()->peers().empty(); }

Task<> exchangesMedia() {
  BilingualServer server;
  co_await server.findPort();
  Foreigner ada(server, freshRoom(), "ada");
  Member bob(server.server, ada.room, "bob");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await ada.receives(2);
  co_await bob.receives(2);
  co_await ada.isHeardAndSeen();
  const std::shared_ptr<Peer> peer = ada.client.room()->peer("bob");
  REQUIRE(peer);
  CHECK(peer->consumers().size() == 2);
  // Requests and notifications of all kinds go the same way.
  co_await ada.client.pauseProducer(ada.producers.at(0));
  co_await eventually("bob hears of the pause", [&] { return seesAPause(bob); });
  co_await ada.client.changeDisplayName("Countess");
  const Json stats = co_await ada.client.getServerStats(ada.client.sendTransport());
  CHECK(stats.isArray());
  co_await bob.leave();
  co_await eventually("ada is alone", [&] { return isAlone(ada); });
  CHECK(ada.failures.empty());
  co_await ada.leave();
  co_await ada.isGone();
}

Task<> reportsErrors() {
  BilingualServer server({"--reject-join", "the room is full"});
  co_await server.findPort();
  const Resources before = co_await Resources::settled();
  {
    Foreigner ada(server, freshRoom(), "ada");
    const Error refused = co_await thrownBy(ada.join(ProduceConfig::test(), ConsumeConfig::none()));
    CHECK(refused.code() == Error::Code::Rejected);
    CHECK(refused.errorCode() == 500);
    CHECK(std::string(refused.what()) == "join: the room is full");
    ada.address.url = "tcp://127.0.0.1:9";
    const Error absent = co_await thrownBy(ada.join(ProduceConfig::test(), ConsumeConfig::none()));
    CHECK(absent.code() == Error::Code::Disconnected);
    co_await ada.leave();
  }
  co_await before.areGivenBack();
}

Task<> staysAwayWhenThrownOut() {
  BilingualServer server;
  co_await server.findPort();
  Foreigner ada(server, freshRoom(), "ada");
  ada.client.reconnect.enabled = true;
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await server.server.post("/test/rooms/" + ada.room + "/peers/ada/close", Json::object());
  const Error end = co_await thrownBy(withTimeout(15s, ada.client.untilLeft(), "the end"));
  CHECK(std::string(end.what()).find("4000") != std::string::npos);
  co_await ada.leave();
}

Task<> comesBack() {
  BilingualServer server;
  co_await server.findPort();
  Foreigner ada(server, freshRoom(), "ada");
  Member bob(server.server, ada.room, "bob");
  ada.client.reconnect.enabled = true;
  ada.client.reconnect.minDelay = 100ms;
  Deferred<> back;
  const Connection reconnected = ada.client.events().on<event::Reconnected>(
      [&](const event::Reconnected&) { back.resolve(); });
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.receives(2);
  co_await server.server.post("/test/rooms/" + ada.room + "/peers/ada/drop", Json::object());
  co_await withTimeout(20s, back.wait(), "coming back");
  co_await ada.isHeardAndSeen();
  co_await bob.receives(2);
  co_await leaveAll(ada, bob);
}

Task<> isCancelledAnywhen() {
  BilingualServer server;
  co_await server.findPort();
  Foreigner warmUp(server, freshRoom(), "ada");
  co_await warmUp.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await warmUp.leave();
  const Resources before = co_await Resources::settled();
  for (int turns = 0; turns < 60; turns += 4) {
    Foreigner ada(server, freshRoom(), "ada");
    Scope joining;
    joining.spawn(ada.join(ProduceConfig::test(), ConsumeConfig::discard()));
    for (int turn = 0; turn < turns; ++turn) co_await sleepFor(0ms);
    co_await joining.close();
    co_await ada.leave();
    co_await ada.isGone();
  }
  co_await before.areGivenBack();
}

}  // namespace

TEST_CASE("two clients of different signaling send and receive in one room") {
  runTest(exchangesMedia(), 90s);
}

TEST_CASE("a signaler of one's own reports why a join failed") { runTest(reportsErrors(), 60s); }

TEST_CASE("a signaler of one's own tells that the server meant to end it") {
  runTest(staysAwayWhenThrownOut(), 60s);
}

TEST_CASE("a client with a signaler of its own comes back when its connection was cut") {
  runTest(comesBack(), 60s);
}

TEST_CASE("a join with a signaler of one's own is cancelled at any time and leaves nothing") {
  runTest(isCancelledAnywhen(), 120s);
}
