// ProtooSignaler against servers that refuse, are silent, talk nonsense or die.
#include "cosoup/async/loop.hpp"
#include "protoo_fixture.hpp"
#include "support/run_test.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

TEST_CASE("an error answer, which has no ok, is Rejected with the server's reason and code") {
  struct Body {
    static Task<Error> answered(Session& session, std::string rest) {
      Running<std::string> running(session.produce());
      const Json request = co_await session.pending(running);
      const std::string id = std::to_string(request.get<std::int64_t>("id"));
      session.peer->send(R"({"response":true,"id":)" + id + rest + "}");
      co_return co_await thrownBy(running.result());
    }
    static Task<> run() {
      Session session;
      co_await session.open();
      const Error error =
          co_await answered(session, R"(,"errorCode":500,"errorReason":"Peer not yet joined")");
      CHECK(error.code() == Error::Code::Rejected);
      CHECK(error.errorCode() == 500);
      CHECK(std::string(error.what()) ==
            "produce: rejected by the server: Peer not yet joined (500)");
      const Error bare = co_await answered(session, "");
      CHECK(std::string(bare.what()) == "produce: rejected by the server: no reason given (500)");
      const Error odd = co_await answered(session, R"(,"ok":"yes","errorCode":403)");
      CHECK(odd.errorCode() == 403);
      co_await session.checkAlive();
      co_await session.signaler.close();
    }
  };
  runTest(Body::run());
}

TEST_CASE("a request that is not answered in time fails, and its late answer is ignored") {
  runTest([]() -> Task<> {
    Session session(impatient());
    co_await session.open();
    const Error error = co_await thrownBy(session.signaler.pauseProducer("p"));
    CHECK(error.code() == Error::Code::Timeout);
    CHECK(std::string(error.what()) == "pauseProducer: no answer within 300 ms");
    const Json request = co_await session.peer->message();
    session.peer->accept(request);
    co_await session.checkAlive();
    co_await session.signaler.close();
  }());
}

TEST_CASE("answers come in any order, and only the first to an id counts") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    Running<std::string> first(session.produce());
    Running<std::string> second(session.produce());
    const Json requestA = co_await session.peer->message();
    const Json requestB = co_await session.peer->message();
    CHECK(requestA.get<std::int64_t>("id") != requestB.get<std::int64_t>("id"));
    session.peer->accept(requestB, Json::object({{"id", "b"}}));
    session.peer->accept(requestB, Json::object({{"id", "c"}}));
    session.peer->accept(requestA, Json::object({{"id", "a"}}));
    const std::string a = co_await first.result();
    const std::string b = co_await second.result();
    CHECK(a == "a");
    CHECK(b == "b");
    co_await session.checkAlive();
    co_await session.signaler.close();
  }());
}

TEST_CASE("nonsense between request and answer is ignored, without a word in the log") {
  struct Body {
    static Task<> run() {
      Session session;
      co_await session.open();
      Running<std::string> running(session.produce());
      const Json request = co_await session.pending(running);
      const std::string id = std::to_string(request.get<std::int64_t>("id"));
      for (const std::string& text :
           {std::string("no JSON"), std::string("[]"), std::string("{}"), std::string(""),
            R"({"response":true,"id":")" + id + R"(","ok":true,"data":{"id":"string id"}})",
            R"({"response":true,"id":)" + id + R"(.5,"ok":true,"data":{"id":"fraction"}})",
            std::string(R"({"response":true,"id":99999,"ok":true,"data":{"id":"unknown"}})"),
            std::string(R"({"response":true,"ok":true,"data":{"id":"no id"}})"),
            std::string(R"({"notification":true,"method":"mediasoup-version","data":5})"),
            std::string(R"({"notification":true,"method":"peerClosed","data":[]})"),
            std::string(R"({"notification":true,"method":"newPeer"})"), std::string(2000, '[')}) {
        session.peer->send(text);
      }
      session.peer->sendBinary(R"({"response":true,"id":)" + id +
                               R"(,"ok":true,"data":{"id":"binary"}})");
      session.peer->accept(request, Json::object({{"id", "right"}}));
      const std::string result = co_await running.result();
      CHECK(result == "right");
      CHECK(session.signaler.events().size() == 0);
      co_await session.signaler.close();
    }
  };
  const LogCapture log;
  runTest(Body::run());
  CHECK(log.messages().empty());
}

TEST_CASE("a flood of malformed messages is survived") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    for (int i = 0; i < 5'000; ++i) session.peer->send(R"({"request":true,"id":"x"})");
    co_await session.checkAlive();
    co_await session.signaler.close();
  }());
}

TEST_CASE("a request of text that is not UTF-8 fails and is not sent") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    const Error error = co_await thrownBy(session.signaler.changeDisplayName("\xff\xfe"));
    CHECK(error.code() == Error::Code::InvalidArgument);
    CHECK(std::string(error.what()) == "changeDisplayName: the message is not valid UTF-8");
    co_await session.checkAlive();
    co_await session.signaler.close();
  }());
}

TEST_CASE("a cancelled request ends at once, and its late answer is ignored") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    Running<void> running(session.signaler.pauseConsumer("c"));
    const Json request = co_await session.peer->message();
    const bool cancelled = co_await endsCancelled(running);
    CHECK(cancelled);
    session.peer->accept(request);
    co_await session.checkAlive();
    co_await session.signaler.close();
  }());
}

TEST_CASE("a producer that the server makes for a cancelled produce is closed again") {
  struct Body {
    static Task<> answerLate(Session& session, Json request) {
      session.peer->accept(request, Json::object({{"id", "late"}}));
      const Json undo = co_await session.peer->message();
      CHECK(undo.get<std::string>("method") == "closeProducer");
      CHECK(undo.get<Json>("data").text() == R"({"producerId":"late"})");
      session.peer->accept(undo);
    }
    static Task<> run() {
      Session session(impatient());
      co_await session.open();
      Running<std::string> running(session.produce());
      Json request = co_await session.peer->message();
      const bool cancelled = co_await endsCancelled(running);
      CHECK(cancelled);
      co_await answerLate(session, request);
      const std::string text = co_await errorOf(session.produce());
      CHECK(text == "produce: no answer within 300 ms");
      request = co_await session.peer->message();
      co_await answerLate(session, request);
      co_await session.checkAlive();
      co_await session.signaler.close();
    }
  };
  runTest(Body::run());
}

TEST_CASE("when the server closes, what is pending fails and the last event says so") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    Channel<SignalerEvent> events = session.signaler.events();
    Running<std::string> running(session.produce());
    co_await session.pending(running);
    session.peer->notify("consumerPaused", Json::object({{"consumerId", "c"}}));
    session.peer->close(4000, "closed by protoo-server");
    const Error error = co_await thrownBy(running.result());
    CHECK(error.code() == Error::Code::Disconnected);
    CHECK(std::string(error.what()) == "produce: connection lost (4000, closed by protoo-server)");
    const auto before = co_await events.next();
    CHECK(noticeAs<notification::ConsumerPaused>(before));
    const auto closed = co_await events.next();
    CHECK(eventAs<SignalerClosed>(closed).value().code == 4000);
    CHECK(eventAs<SignalerClosed>(closed).value().reason == "closed by protoo-server");
    const auto none = co_await events.next();
    CHECK_FALSE(none);
    const Error after = co_await thrownBy(session.produce());
    CHECK(after.code() == Error::Code::Disconnected);
    CHECK(std::string(after.what()) == "produce: the connection is closed");
    co_await session.signaler.close();
  }());
}

TEST_CASE("when the server dies, what is pending fails with what the system says") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    Running<std::string> first(session.produce());
    Running<std::string> second(session.produce());
    co_await session.pending(first);
    co_await session.pending(second);
    session.peer->reset();
    const Error error = co_await thrownBy(first.result());
    CHECK(error.code() == Error::Code::Disconnected);
    CHECK_THAT(error.what(), Catch::Matchers::StartsWith("produce: connection lost ("));
    CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("reset"));
    const std::string other = co_await errorOf(second.result());
    CHECK(other == error.what());
    const auto closed = co_await session.signaler.events().next();
    CHECK(eventAs<SignalerClosed>(closed).value().code == 0);
    CHECK_FALSE(eventAs<SignalerClosed>(closed).value().reason.empty());
    co_await session.signaler.close();
  }());
}

TEST_CASE("an answer that is too long costs its own request, and no other") {
  runTest([]() -> Task<> {
    const LoopMayWait answering;  // the server is in here, too
    ProtooOptions options = impatient();
    options.requestLimit = 2s;
    Session session(options);
    co_await session.open();
    Running<std::string> running(session.produce());
    const Json request = co_await session.pending(running);
    session.peer->accept(request, Json::object({{"id", std::string(17'000'000, 'x')}}));
    const std::string text = co_await errorOf(running.result());
    CHECK(text == "produce: no answer within 2000 ms");
    co_await session.checkAlive();
    co_await session.signaler.close();
  }());
}

TEST_CASE("what the server gives as a reason is bounded and cannot steer a terminal") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    Running<std::string> running(session.produce());
    const Json request = co_await session.pending(running);
    const std::string reason = "no\x1b[2J\r\nerror: all is lost" + std::string(100'000, '!');
    session.peer->send(Json::object({{"response", true},
                                     {"id", request.get<Json>("id")},
                                     {"errorCode", 403},
                                     {"errorReason", reason}})
                           .text());
    const std::string text = co_await errorOf(running.result());
    const std::string begin = "produce: rejected by the server: no[2J  error: all is lost!!!";
    CHECK_THAT(text, Catch::Matchers::StartsWith(begin));
    CHECK(text.size() < 1'100);
    session.peer->close(4000, "gone\x1b[2J\n");
    const auto closed = co_await session.signaler.events().next();
    CHECK(eventAs<SignalerClosed>(closed).value().reason == "gone[2J ");
    co_await session.signaler.close();
  }());
}
