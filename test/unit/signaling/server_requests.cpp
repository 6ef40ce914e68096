// What the server asks and tells: in order, answered exactly once, never blocking the reader.
#include "cosoup/async/loop.hpp"
#include "protoo_fixture.hpp"
#include "support/run_test.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

std::string newDataConsumer(int id) {
  return R"({"request":true,"id":)" + std::to_string(id) +
         R"(,"method":"newDataConsumer","data":{"peerId":null,"dataProducerId":"dp","id":"dc)" +
         std::to_string(id) + R"(","sctpStreamParameters":{"streamId":1},"label":"bot"}})";
}

Task<ServerRequest> nextRequest(Session& session) {
  const std::optional<SignalerEvent> event = co_await session.signaler.events().next();
  std::optional<ServerRequest> request = eventAs<ServerRequest>(event);
  if (!request) throw std::logic_error("the event is no request");
  co_return std::move(*request);
}

}  // namespace

TEST_CASE("a request of the server is answered with what the app decides") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    session.peer->send(newDataConsumer(3));
    ServerRequest request = co_await nextRequest(session);
    CHECK(std::get<NewDataConsumer>(request.content()).id == "dc3");
    CHECK(session.peer->waiting() == 0);
    request.accept();
    const std::string accepted = co_await session.peer->text();
    CHECK(accepted == R"({"response":true,"id":3,"ok":true,"data":{}})");
    session.peer->send(newDataConsumer(4));
    request = co_await nextRequest(session);
    request.reject(403, "I do not want to consume");
    const std::string rejected = co_await session.peer->text();
    CHECK(rejected ==
          R"({"response":true,"id":4,"errorCode":403,"errorReason":"I do not want to consume"})");
    co_await session.signaler.close();
  }());
}

TEST_CASE("only the first answer counts, whichever copy gives it") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    session.peer->send(newDataConsumer(1));
    {
      ServerRequest request = co_await nextRequest(session);
      ServerRequest copy = request;
      copy.reject(403, "no");
      request.accept();
      copy.accept();
    }
    const std::string first = co_await session.peer->text();
    CHECK(first == R"({"response":true,"id":1,"errorCode":403,"errorReason":"no"})");
    co_await session.checkAlive();  // the next that the server sees is this request
    co_await session.signaler.close();
  }());
}

TEST_CASE("a request that the app drops is answered with an error") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    session.peer->send(newDataConsumer(7));
    { const ServerRequest dropped = co_await nextRequest(session); }
    const std::string text = co_await session.peer->text();
    CHECK(text == R"({"response":true,"id":7,"errorCode":500,)"
                  R"("errorReason":"the request was dropped without an answer"})");
    co_await session.signaler.close();
  }());
}

TEST_CASE("unknown and malformed requests are answered with an error at once") {
  struct Body {
    static Task<std::string> answerTo(Session& session, std::string request) {
      session.peer->send(request);
      co_return co_await session.peer->text();
    }
    static Task<> run() {
      Session session;
      co_await session.open();
      const std::string unknown =
          co_await answerTo(session, R"({"request":true,"id":5,"method":"newRobot","data":{}})");
      CHECK(unknown == R"({"response":true,"id":5,"errorCode":404,)"
                       R"("errorReason":"unknown request.method \"newRobot\""})");
      const std::string malformed = co_await answerTo(
          session, R"({"request":true,"id":6,"method":"newConsumer","data":{"peerId":7}})");
      CHECK(malformed == R"({"response":true,"id":6,"errorCode":400,)"
                         R"("errorReason":"newConsumer: 'peerId' is not a string"})");
      const std::string longName = co_await answerTo(
          session, R"({"request":true,"id":8,"method":")" + std::string(500'000, 'm') + "\"}");
      CHECK(longName.size() < 300);
      CHECK(session.signaler.events().size() == 0);
      co_await session.signaler.close();
    }
  };
  runTest(Body::run());
}

TEST_CASE("requests and notifications come in the order in which they were sent") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    session.peer->notify("mediasoup-version", Json::object({{"version", "3.14.16"}}));
    session.peer->notify("consumerScore",
                         Json::parse(R"({"consumerId":"c","score":{"score":10}})"));
    session.peer->send(newDataConsumer(1));
    session.peer->notify("something-new", Json::array());
    session.peer->notify("dataConsumerClosed", Json::object({{"dataConsumerId", "dc1"}}));
    Channel<SignalerEvent> events = session.signaler.events();
    const auto first = co_await events.next();
    CHECK(noticeAs<notification::ConsumerScore>(first).value().score.score == 10);
    const auto second = co_await events.next();
    CHECK(eventAs<ServerRequest>(second));
    const auto third = co_await events.next();
    CHECK(noticeAs<notification::DataConsumerClosed>(third).value().dataConsumerId == "dc1");
    co_await session.signaler.close();
  }());
}

TEST_CASE("while a request of the server is being handled, ours are answered") {
  runTest([]() -> Task<> {
    Session session;
    co_await session.open();
    session.peer->send(newDataConsumer(1));
    ServerRequest request = co_await nextRequest(session);
    co_await session.checkAlive();
    request.accept();
    const std::string text = co_await session.peer->text();
    CHECK(text == R"({"response":true,"id":1,"ok":true,"data":{}})");
    co_await session.signaler.close();
  }());
}

TEST_CASE("answers after the end of the connection or of the signaler are ignored") {
  runTest([]() -> Task<> {
    auto session = std::make_unique<Session>();
    co_await session->open();
    for (int id = 1; id <= 4; ++id) session->peer->send(newDataConsumer(id));
    ServerRequest first = co_await nextRequest(*session);
    ServerRequest second = co_await nextRequest(*session);
    std::optional<ServerRequest> third = co_await nextRequest(*session);
    session->peer->reset();
    while (co_await session->signaler.events().next()) continue;
    first.accept();
    co_await session->signaler.close();
    second.reject(500, "too late");
    session.reset();
    third.reset();
  }());
}

TEST_CASE("a flood of requests is refused once too many wait to be read") {
  struct Body {
    static Task<> run() {
      ProtooOptions options;
      options.maxQueuedEvents = 100;
      Session session(options);
      co_await session.open();
      for (int id = 0; id < 5'000; ++id) session.peer->send(newDataConsumer(id));
      session.peer->notify("peerClosed", Json::object({{"peerId", "bob"}}));
      for (int id = 100; id < 5'000; ++id) {
        const Json answer = co_await session.peer->message();
        REQUIRE(answer.get<int>("id") == id);
        REQUIRE(answer.get<int>("errorCode") == 503);
      }
      CHECK(session.signaler.events().size() == 100);
      co_await session.checkAlive();
      for (int id = 0; id < 100; ++id) {
        ServerRequest request = co_await nextRequest(session);
        request.accept();
      }
      session.peer->send(newDataConsumer(9'999));
      const ServerRequest again = co_await nextRequest(session);
      CHECK(std::get<NewDataConsumer>(again.content()).id == "dc9999");
      co_await session.signaler.close();
    }
  };
  const LogCapture log;
  runTest(Body::run());
  CHECK(log.messages().size() == 1);
}
