// Joining, leaving and what is left behind: whoever changes their mind, whatever the server does.
#include "integration/gated_signaler.hpp"
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

/// The first call of a program makes what stays for its life: threads of libraries, plugins.
Task<> callOnce() {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.receives(2);
  co_await leaveAll(ada, bob);
}

// ---- joins that do not come to their end -------------------------------------------------------

using Ending = Task<> (*)(Scope& joining, std::unique_ptr<Member>& member);

Task<> cancelIt(Scope& joining, std::unique_ptr<Member>&) { co_await joining.close(); }

Task<> closeIt(Scope&, std::unique_ptr<Member>& member) { co_await member->leave(); }

Task<> destroyIt(Scope&, std::unique_ptr<Member>& member) {
  member.reset();
  co_return;
}

/// Joins and lets `end` happen while a request is held; false when there is no such moment any
/// more.
Task<bool> endsAt(int moment, Ending end, std::string room) {
  const Gates gates(moment);
  auto ada =
      std::make_unique<Member>(sharedServer(), room, "ada", std::make_unique<GatedSignaler>(gates));
  Member witness(sharedServer(), room, "ada");
  Scope joining;
  bool joined = false;
  const auto join = begin(joining, ada->join(ProduceConfig::test(), ConsumeConfig::discard()));
  while (!gates.isReached() && joining.running() > 0) co_await sleepFor(5ms);
  const bool wasHeld = gates.isReached();
  co_await withTimeout(10s, end(joining, ada), "the end");
  try {
    co_await withTimeout(10s, join.wait(), "the join");
    joined = true;
  } catch (const Cancelled&) {
    CHECK(end == &cancelIt);
  } catch (const Error& error) {
    CHECK(error.code() != Error::Code::Timeout);
  }
  co_await joining.close();
  CHECK(joined != wasHeld);
  if (ada) co_await ada->leave();
  co_await witness.isGone();
  co_return wasHeld;
}

Task<> endsAnywhere(Ending end) {
  co_await callOnce();
  const Resources before = co_await Resources::settled();
  int moments = 0;
  while (co_await endsAt(moments, end, freshRoom())) ++moments;
  // connect, the router, two transports, two connects, join, two producers; each twice.
  CHECK(moments >= 18);
  co_await before.areGivenBack();
}

// ---- servers that do not answer ----------------------------------------------------------------

Task<> joinsAFrozenServer() {
  co_await callOnce();
  RoomServer server;
  const Resources before = co_await Resources::settled();
  ProtooOptions options;
  options.connectLimit = 500ms;
  {
    Member ada(server, freshRoom(), "ada", std::make_unique<ProtooSignaler>(options));
    server.freeze();
    const Error error = co_await thrownBy(
        withTimeout(10s, ada.join(ProduceConfig::test(), ConsumeConfig::discard()), "the test"));
    CHECK(error.code() == Error::Code::Timeout);
    CHECK(std::string(error.what()).starts_with("connect to "));
    co_await ada.leave();
  }
  server.thaw();
  co_await before.areGivenBack();
}

/// The server stops doing anything between our request and its answer.
Task<> freezesAt(std::string request) {
  RoomServer server;
  const Resources before = co_await Resources::settled();
  ProtooOptions options;
  options.requestLimit = 500ms;
  const Gates gates(request);
  {
    Member ada(server, freshRoom(), "ada", std::make_unique<GatedSignaler>(gates, options));
    Scope joining;
    const auto join = begin(joining, ada.join(ProduceConfig::test(), ConsumeConfig::discard()));
    co_await gates.reached();
    server.freeze();
    gates.open();
    const Error error = co_await thrownBy(withTimeout(15s, join.wait(), "the test"));
    CHECK(error.code() == Error::Code::Timeout);
    CHECK(std::string(error.what()).find("the test") == std::string::npos);
    co_await joining.join();
    co_await ada.leave();
  }
  server.thaw();
  co_await before.areGivenBack();
}

Task<> joinsAServerThatFreezes() {
  co_await callOnce();
  for (const char* request : {"getRouterRtpCapabilities", "join", "produce"}) {
    co_await freezesAt(request);
  }
}

// ---- leaving -----------------------------------------------------------------------------------

using Fate = void (*)(RoomServer& server);

Task<> leavesWhen(Fate befall) {
  co_await callOnce();
  RoomServer server;
  const Resources before = co_await Resources::settled();
  {
    TemporaryFolder folder;
    Member ada(server, freshRoom(), "ada");
    Member bob(server, ada.room, "bob");
    co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
    co_await bob.join(ProduceConfig::test(), ConsumeConfig::record(folder.path()));
    co_await bob.receives(2, 500ms);
    befall(server);
    co_await withTimeout(15s, leaveAll(ada, bob), "leaving");
    co_await backgroundEnds();
    REQUIRE(bob.recordings.size() == 1);
    CHECK(inspect(bob.recordings.front().path).codecs.size() == 2);
  }
  server.thaw();
  co_await before.areGivenBack();
}

Task<> leavesUnclosed() {
  co_await callOnce();
  const Resources before = co_await Resources::settled();
  const std::string room = freshRoom();
  {
    Member ada(sharedServer(), room, "ada");
    Member bob(sharedServer(), room, "bob");
    co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
    co_await bob.join(ProduceConfig::test(), ConsumeConfig::discard());
    co_await bob.receives(2);
  }
  Member witness(sharedServer(), room, "ada");
  co_await witness.isGone();
  co_await before.areGivenBack();
}

Task<> leavesWhileReconnecting() {
  co_await callOnce();
  RoomServer server;
  const Resources before = co_await Resources::settled();
  {
    Member ada(server, freshRoom(), "ada");
    ada.client.reconnect.enabled = true;
    ada.client.reconnect.minDelay = 10ms;
    ada.client.reconnect.maxDelay = 10ms;
    ada.client.reconnect.maxAttempts = 1000;
    Deferred<> trying;
    const Connection tries =
        ada.client.events().on<event::Reconnecting>([&](const event::Reconnecting& attempt) {
          if (attempt.attempt == 3) trying.resolve();
        });
    co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
    server.kill();
    co_await trying.wait();
    co_await withTimeout(10s, ada.leave(), "leaving");
    co_await ada.client.untilLeft();
  }
  co_await before.areGivenBack();
}

// ---- coming again ------------------------------------------------------------------------------

Task<> isReplaced() {
  Member first(sharedServer(), freshRoom(), "ada");
  first.client.reconnect.enabled = true;
  Member second(sharedServer(), first.room, "ada");
  Member bob(sharedServer(), first.room, "bob");
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await first.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.receives(2);
  co_await second.join(ProduceConfig::test(), ConsumeConfig::none());
  const Error end = co_await thrownBy(withTimeout(15s, first.client.untilLeft(), "the end"));
  CHECK(std::string(end.what()).find("4000") != std::string::npos);
  co_await second.isHeardAndSeen();
  co_await bob.receives(2);
  CHECK(bob.client.room()->peers().size() == 1);
  co_await leaveAll(first, second, bob);
}

Task<bool> hasProducers(Member& member, std::size_t count) {
  const Json seen = co_await member.asServerSees();
  co_return !seen.isNull() && seen.list("producers").size() == count;
}

/// stop() while play() waits for the answer to a request, then all again.
Task<> stopsWhilePlaying(std::string moment) {
  const Gates gates(moment);
  Member ada(sharedServer(), freshRoom(), "ada", std::make_unique<GatedSignaler>(gates));
  ProduceConfig produce = ProduceConfig::test();
  produce.autoProduce = false;
  co_await ada.join(produce, ConsumeConfig::none());
  Scope calls;
  calls.spawn(ada.client.play());
  co_await gates.reached();
  calls.spawn(ada.client.play());
  calls.spawn(ada.client.stop());
  gates.open();
  co_await withTimeout(10s, calls.join(), "play and stop");
  co_await eventually("nothing is produced", [&] { return hasProducers(ada, 0); });
  co_await ada.client.play();
  co_await ada.client.play();
  const bool hasBoth = co_await hasProducers(ada, 2);
  CHECK(hasBoth);
  co_await ada.isHeardAndSeen();
  co_await ada.leave();
}

Task<> playsAndStopsInOrder() {
  for (const char* moment : {"produce", "produce answered"}) co_await stopsWhilePlaying(moment);
}

}  // namespace

TEST_CASE("a join cancelled at any of its requests leaves nothing behind") {
  runTest(endsAnywhere(&cancelIt), 240s);
}

TEST_CASE("a client closed while it joins, at any of its requests, leaves nothing behind") {
  runTest(endsAnywhere(&closeIt), 240s);
}

TEST_CASE("a client destroyed while it joins, at any of its requests, leaves nothing behind") {
  runTest(endsAnywhere(&destroyIt), 240s);
}

TEST_CASE("joining a server that accepts connections and never answers ends in time") {
  runTest(joinsAFrozenServer(), 60s);
}

TEST_CASE("a server that hangs in the middle of a join ends it in time") {
  runTest(joinsAServerThatFreezes(), 90s);
}

TEST_CASE("two clients that leave give back all threads and files") {
  runTest(leavesWhen([](RoomServer&) {}), 90s);
}

TEST_CASE("leaving a server that hangs is done in time, with whole recordings and nothing left") {
  runTest(leavesWhen([](RoomServer& server) { server.freeze(); }), 90s);
}

TEST_CASE("leaving a server that has just died is done in time, and nothing is left") {
  runTest(leavesWhen([](RoomServer& server) { server.kill(); }), 90s);
}

TEST_CASE("clients that are destroyed unclosed give back all threads and files") {
  runTest(leavesUnclosed(), 90s);
}

TEST_CASE("leaving while reconnecting gives back all threads and files") {
  runTest(leavesWhileReconnecting(), 90s);
}

TEST_CASE("a client that joins with the id of another takes its place for good", "[dialect]") {
  runTest(isReplaced(), 60s);
}

TEST_CASE("play and stop take effect in the order of their calls, each once") {
  runTest(playsAndStopsInOrder(), 60s);
}
