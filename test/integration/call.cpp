// Whole calls between clients on a real mediasoup server.
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/sections.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

Task<> sendsAndReceives() {
  const std::string room = freshRoom();
  Member ada(sharedServer(), room, "ada");
  Member bob(sharedServer(), room, "bob");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await ada.isHeardAndSeen();
  co_await bob.receives(2);
  CHECK(bob.failures.empty());
  co_await leaveAll(ada, bob);
  CHECK(ada.producers.at(0)->counters().packets > 0);
}

Task<> lateComersReceiveAll() {
  const std::string room = freshRoom();
  Member ada(sharedServer(), room, "ada");
  Member bob(sharedServer(), room, "bob");
  Member eve(sharedServer(), room, "eve");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await ada.isHeardAndSeen();
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await bob.receives(2);
  co_await ada.receives(2);
  co_await eve.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await eve.receives(4);
  CHECK(eve.client.room()->peers().size() == 2);
  co_await leaveAll(ada, bob, eve);
}

Task<bool> isAlone(Member& host) {
  co_return host.consumers.empty() && host.client.room()->peers().empty();
}

Task<> tenPeersComeAndGo() {
  const std::string room = freshRoom();
  Member host(sharedServer(), room, "host");
  co_await host.join(ProduceConfig::none(), ConsumeConfig::discard());
  for (int i = 0; i < 10; ++i) {
    Member guest(sharedServer(), room, "guest" + std::to_string(i));
    co_await guest.join(ProduceConfig::test(), ConsumeConfig::none());
    co_await host.receives(2);
    CHECK(sectionsOf(*host.client.recvTransport()) == 3);  // data, audio, video
    co_await guest.leave();
    co_await eventually("the guest is gone", [&] { return isAlone(host); });
  }
  CHECK(host.failures.empty());
  co_await host.leave();
}

Task<> receivesUnpausedConsumers() {
  RoomServer server({"--insecure-ws", "--consume-unpaused"});
  const std::string room = freshRoom();
  Member ada(server, room, "ada");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await ada.isHeardAndSeen();
  // Several times: that the packets come before the description is a matter of luck.
  for (int i = 0; i < 5; ++i) {
    Member bob(server, room, "bob" + std::to_string(i));
    co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
    co_await bob.receives(2);
    co_await bob.leave();
  }
  co_await ada.leave();
}

Task<> connectsOverTcp() {
  RoomServer server({"--insecure-ws", "--ice-tcp-only"});
  Member ada(server, freshRoom(), "ada");
  Member bob(server, ada.room, "bob");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await ada.isHeardAndSeen();
  co_await bob.receives(2);
  co_await leaveAll(ada, bob);
}

Task<> sendsAndReceivesWithoutSctp() {
  RoomServer server({"--insecure-ws", "--no-sctp"});
  Member ada(server, freshRoom(), "ada");
  Member bob(server, ada.room, "bob");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await ada.isHeardAndSeen();
  co_await bob.receives(2);
  co_await leaveAll(ada, bob);
}

Task<> outlivesTheConsentTimeout() {
  // libnice asks every 4 to 6 seconds.
  RoomServer server({"--insecure-ws", "--ice-consent-timeout", "8"});
  Member ada(server, freshRoom(), "ada");
  Member bob(server, ada.room, "bob");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  // That nothing ends cannot be waited for.
  co_await sleepFor(12s);
  co_await bob.receives(2);
  co_await leaveAll(ada, bob);
}

Task<> rejoinsAfterExit() {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  for (int i = 0; i < 2; ++i) {
    co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
    co_await bob.receives(2);
    co_await ada.client.exitRoom();
    co_await ada.client.untilLeft();
    co_await eventually("ada is gone", [&] { return isAlone(bob); });
  }
  co_await leaveAll(ada, bob);
}

Task<> joiningAgainLeavesFirst() {
  Member ada(sharedServer(), freshRoom(), "ada");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  const auto before = ada.producers.at(0);
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  CHECK(before->isClosed());
  CHECK(ada.producers.size() == 4);
  co_await ada.isHeardAndSeen();
  co_await ada.leave();
}

Task<bool> hasNoProducers(Member& member) {
  const Json seen = co_await member.asServerSees();
  co_return !seen.isNull() && seen.list("producers").empty();
}

Task<> playsAndStops() {
  Member ada(sharedServer(), freshRoom(), "ada");
  ProduceConfig produce = ProduceConfig::test();
  produce.autoProduce = false;
  co_await ada.join(produce, ConsumeConfig::none());
  CHECK(ada.producers.empty());
  for (int i = 0; i < 2; ++i) {
    co_await ada.client.play();
    co_await ada.isHeardAndSeen();
    co_await ada.client.stop();
    co_await eventually("the server has no producers", [&] { return hasNoProducers(ada); });
  }
  co_await ada.leave();
}

}  // namespace

TEST_CASE("audio and video arrive at the server in perfect quality and at the other peer",
          "[dialect]") {
  runTest(sendsAndReceives(), 60s);
}

TEST_CASE("a second and a third peer that come late receive everybody") {
  runTest(lateComersReceiveAll(), 60s);
}

TEST_CASE("ten peers that come and go leave the receiving session as small as the first one") {
  runTest(tenPeersComeAndGo(), 120s);
}

TEST_CASE("consumers whose packets flow before they are negotiated are received") {
  runTest(receivesUnpausedConsumers(), 120s);
}

TEST_CASE("a server without UDP is reached over TCP") { runTest(connectsOverTcp(), 60s); }

TEST_CASE("a server without SCTP is sent to and received from", "[dialect]") {
  runTest(sendsAndReceivesWithoutSctp(), 60s);
}

TEST_CASE("a call goes on beyond the server's ICE consent timeout") {
  runTest(outlivesTheConsentTimeout(), 90s);
}

TEST_CASE("a client that has left a room joins it again", "[dialect]") {
  runTest(rejoinsAfterExit(), 60s);
}

TEST_CASE("joining while in a room leaves that room first") {
  runTest(joiningAgainLeavesFirst(), 60s);
}

TEST_CASE("play after stop produces again in the slots of before") {
  runTest(playsAndStops(), 60s);
}
