// ProtooSignaler: connecting, closing, being lost, being destroyed, and all that again.
#include "cosoup/async/loop.hpp"
#include "protoo_fixture.hpp"
#include "support/run_test.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

TEST_CASE("room and peer are named in the URL") {
  runTest([]() -> Task<> {
    FakeServer server;
    ProtooSignaler signaler(of2024Unless({}));
    RoomAddress address(server.url() + "/?consumerReplicas=2", "my room");
    co_await signaler.connect(address, "ada/1");
    const auto peer = co_await server.peer();
    CHECK(peer->query == "consumerReplicas=2&roomId=my%20room&peerId=ada%2F1");
    co_await signaler.close();
  }());
}

TEST_CASE("a request before connect fails and says so") {
  runTest([]() -> Task<> {
    ProtooSignaler signaler(of2024Unless({}));
    const Error error = co_await thrownBy(signaler.closeProducer("p"));
    CHECK(error.code() == Error::Code::InvalidState);
    CHECK(std::string(error.what()) == "closeProducer: not connected");
    CHECK(signaler.events().isClosed());
    co_await signaler.close();
  }());
}

TEST_CASE("connecting fails with the reason, and may be tried again") {
  runTest([]() -> Task<> {
    ProtooSignaler signaler(of2024Unless({}));
    const Error noUrl = co_await thrownBy(signaler.connect(RoomAddress("h:1", "r"), "ada"));
    CHECK(noUrl.code() == Error::Code::InvalidArgument);
    ByteServer refusing("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    const Error refused =
        co_await thrownBy(signaler.connect(RoomAddress(refusing.url(), "r"), "ada"));
    CHECK(refused.code() == Error::Code::Rejected);
    CHECK(refused.errorCode() == 403);
    FakeServer server;
    co_await signaler.connect(server.address(), "ada");
    co_await signaler.close();
  }());
}

TEST_CASE("connecting a connected signaler, or twice at once, is refused") {
  runTest([]() -> Task<> {
    Session session;
    Running<void> opening(session.open());
    const std::string early =
        co_await errorOf(session.signaler.connect(session.server.address(), "ada"));
    CHECK(early == "connect: already connecting");
    co_await opening.result();
    const Error late = co_await thrownBy(session.signaler.connect(session.server.address(), "ada"));
    CHECK(late.code() == Error::Code::InvalidState);
    CHECK(std::string(late.what()) == "connect: already connected");
    co_await session.checkAlive();
    co_await session.signaler.close();
  }());
}

TEST_CASE("closing fails what is pending, ends the events and tells the server") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    Channel<SignalerEvent> events = session.signaler.events();
    Running<std::string> running(session.produce());
    co_await session.pending(running);
    co_await session.signaler.close();
    const Error error = co_await thrownBy(running.result());
    CHECK(error.code() == Error::Code::Disconnected);
    CHECK(std::string(error.what()) == "produce: the connection was closed");
    const auto none = co_await events.next();
    CHECK_FALSE(none);
    const PeerEnding ending = co_await session.peer->ended();
    CHECK(ending.code == 1000);
    const std::string after = co_await errorOf(session.produce());
    CHECK(after == "produce: the connection is closed");
  }());
}

TEST_CASE("closing may be repeated, also at the same time") {
  runTest([]() -> Task<> {
    ProtooSignaler unused;
    co_await unused.close();
    Session session;
    co_await session.open();
    Running<void> first(session.signaler.close());
    Running<void> second(session.signaler.close());
    co_await first.result();
    co_await second.result();
    co_await session.signaler.close();
  }());
}

TEST_CASE("closing ends a connect that is under way") {
  runTest([]() -> Task<> {
    ByteServer silent("", ByteServer::Then::stay);
    ProtooSignaler signaler(of2024Unless({}));
    Running<void> connecting(signaler.connect(RoomAddress(silent.url(), "r"), "ada"));
    co_await silent.reached();
    co_await signaler.close();
    const Error error = co_await thrownBy(connecting.result());
    CHECK(error.code() == Error::Code::InvalidState);
    CHECK(std::string(error.what()) == "connect: closed meanwhile");
  }());
}

TEST_CASE("a cancelled connect leaves the signaler ready for another one") {
  runTest([]() -> Task<> {
    ByteServer silent("", ByteServer::Then::stay);
    Session session;
    Running<void> connecting(session.signaler.connect(RoomAddress(silent.url(), "r"), "ada"));
    co_await silent.reached();
    const bool cancelled = co_await endsCancelled(connecting);
    CHECK(cancelled);
    co_await session.open();
    co_await session.checkAlive();
    co_await session.signaler.close();
  }());
}

TEST_CASE("a close that is cancelled has closed all the same") {
  runTest([]() -> Task<> {
    ByteServer frozen(kUpgraded, ByteServer::Then::stay);
    ProtooSignaler signaler(of2024Unless({}));
    co_await signaler.connect(RoomAddress(frozen.url(), "r"), "ada");
    Running<void> closing(signaler.close());
    const bool cancelled = co_await endsCancelled(closing);
    CHECK(cancelled);
    const std::string after = co_await errorOf(signaler.closeProducer("p"));
    CHECK(after == "closeProducer: the connection is closed");
    FakeServer server;
    co_await signaler.connect(server.address(), "ada");
    co_await signaler.close();
  }());
}

TEST_CASE("closing takes no longer than its limit when the server is frozen") {
  runTest([]() -> Task<> {
    ByteServer frozen(kUpgraded, ByteServer::Then::stay);
    ProtooSignaler signaler(impatient());
    co_await signaler.connect(RoomAddress(frozen.url(), "r"), "ada");
    co_await withTimeout(1'500ms, signaler.close(), "close");
  }());
}

TEST_CASE("a signaler connects again after a loss and after a close, with new events") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    Channel<SignalerEvent> old = session.signaler.events();
    session.peer->reset();
    const auto lost = co_await old.next();
    CHECK(eventAs<SignalerClosed>(lost));
    co_await session.open();  // at once, while the lost one is still being released
    CHECK(old.isClosed());
    CHECK_FALSE(session.signaler.events().isClosed());
    co_await session.checkAlive();
    co_await session.signaler.close();
    co_await session.open();
    session.peer->notify("peerClosed", Json::object({{"peerId", "bob"}}));
    const auto event = co_await session.signaler.events().next();
    CHECK(noticeAs<notification::PeerClosed>(event).value().peerId == "bob");
    co_await session.signaler.close();
  }());
}

TEST_CASE("two signalers on one loop do not mix up") {
  runTest([]() -> Task<> {
    Session ada;
    Session bob;
    co_await ada.open();
    co_await bob.open();
    Running<std::string> produceA(ada.produce());
    Running<std::string> produceB(bob.produce());
    const Json requestA = co_await ada.pending(produceA);
    const Json requestB = co_await bob.pending(produceB);
    bob.peer->accept(requestB, Json::object({{"id", "b"}}));
    ada.peer->accept(requestA, Json::object({{"id", "a"}}));
    const std::string b = co_await produceB.result();
    co_await bob.signaler.close();
    const std::string a = co_await produceA.result();
    CHECK(a == "a");
    CHECK(b == "b");
    co_await ada.checkAlive();
    co_await ada.signaler.close();
  }());
}

TEST_CASE("a signaler destroyed unclosed closes in the background and fails what is pending") {
  runTest([]() -> Task<> {
    FakeServer server;
    auto signaler = std::make_unique<ProtooSignaler>(of2024Unless({}));
    co_await signaler->connect(server.address(), "ada");
    const auto peer = co_await server.peer();
    Running<void> running(signaler->closeProducer("p"));
    co_await peer->text();
    signaler.reset();
    const std::string text = co_await errorOf(running.result());
    CHECK(text == "closeProducer: the connection was closed");
    const PeerEnding ending = co_await peer->ended();
    CHECK(ending.code == 1000);
  }());
}

TEST_CASE("a signaler destroyed while it connects gives the connect up") {
  runTest([]() -> Task<> {
    ByteServer silent("", ByteServer::Then::stay);
    auto signaler = std::make_unique<ProtooSignaler>(of2024Unless({}));
    Running<void> connecting(signaler->connect(RoomAddress(silent.url(), "r"), "ada"));
    co_await silent.reached();
    signaler.reset();
    const std::string text = co_await errorOf(connecting.result());
    CHECK(text == "connect: closed meanwhile");
  }());
}

TEST_CASE("a request that is never awaited is never sent") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    { const Task<> dropped = session.signaler.closeProducer("p"); }
    co_await session.checkAlive();  // its request is the first one that the server sees
    co_await session.signaler.close();
  }());
}
