// What kills a server of 2025 (it does not catch what its notifications throw) is not sent.
#include "exchange.hpp"
#include "protoo_fixture.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

ProtooOptions of2025() {
  ProtooOptions options;
  options.dialect = ProtooDialect::demo2025;
  return options;
}

std::string offer(const std::string& consumerId, const std::string& peerId) {
  return R"({"request":true,"id":1,"method":"newConsumer","data":{"peerId":")" + peerId +
         R"(","producerId":"p","consumerId":")" + consumerId +
         R"(","kind":"audio","type":"simple","rtpParameters":{"mid":"0","codecs":[{"mimeType":)"
         R"("audio/opus","payloadType":100,"clockRate":48000,"channels":2}],"encodings":[)"
         R"({"ssrc":1}],"rtcp":{"cname":"x"}}}})";
}

/// The messages that go out for these calls, until a request that comes after them.
Task<std::vector<std::string>> sent(Session& session) {
  Running<Json> marker(session.signaler.getTransportStats("t"));
  std::vector<std::string> methods;
  while (true) {
    const Json message = co_await session.peer->message();
    if (!message.has("method")) continue;  // the answer to an offer
    const auto method = message.get<std::string>("method");
    if (method == "getTransportStats") {
      Json answer = Json::object();
      answer.set("stats", Json::array());
      session.peer->accept(message, answer);
      co_await marker.result();
      co_return methods;
    }
    methods.push_back(method + " " + message.getOr<Json>("data", Json()).text());
  }
}

using Texts = std::vector<std::string>;

Task<> refuses(Task<> call, std::string reason, Session& session) {
  const Error error = co_await thrownBy(std::move(call));
  CHECK(error.what() == reason);
  const Texts messages = co_await sent(session);
  CHECK(messages.empty());
}

Task<> checkValues() {
  Session session(of2025());
  co_await session.open();
  Signaler& s = session.signaler;
  const std::string priority = "setConsumerPriority: the priority is not from 1 to 255";
  co_await refuses(s.setConsumerPriority("c", 0), priority, session);
  co_await refuses(s.setConsumerPriority("c", -1), priority, session);
  co_await refuses(s.setConsumerPriority("c", 256), priority, session);
  co_await refuses(s.setConsumerPreferredLayers("c", -1, std::nullopt),
                   "setConsumerPreferredLayers: the spatial layer is negative", session);
  co_await refuses(s.setConsumerPreferredLayers("c", 0, -1),
                   "setConsumerPreferredLayers: the temporal layer is negative", session);
  co_await s.close();
}

Task<> checkClosed() {
  Session session(of2025());
  co_await session.open();
  Signaler& s = session.signaler;
  Channel<SignalerEvent> events = s.events();
  session.peer->send(offer("c1", "bob"));
  session.peer->send(offer("c2", "eve"));
  session.peer->notify("consumerClosed", Json::object({{"consumerId", "c1"}}));
  session.peer->notify("peerClosed", Json::object({{"peerId", "eve"}}));
  for (int i = 0; i < 4; ++i) co_await events.next();
  for (const std::string id : {"c1", "c2"}) {
    const std::string reason = id + " is closed";
    co_await refuses(s.pauseConsumer(id), "pauseConsumer: " + reason, session);
    co_await refuses(s.resumeConsumer(id), "resumeConsumer: " + reason, session);
    co_await refuses(s.setConsumerPreferredLayers(id, 0, 0),
                     "setConsumerPreferredLayers: " + reason, session);
    co_await refuses(s.setConsumerPriority(id, 1), "setConsumerPriority: " + reason, session);
    co_await refuses(s.requestConsumerKeyFrame(id), "requestConsumerKeyFrame: " + reason, session);
  }
  co_await s.closeProducer("p1");
  const Texts closing = co_await sent(session);
  CHECK(closing == Texts{R"(closeProducer {"producerId":"p1"})"});
  co_await refuses(s.pauseProducer("p1"), "pauseProducer: p1 is closed", session);
  co_await refuses(s.resumeProducer("p1"), "resumeProducer: p1 is closed", session);
  co_await s.closeProducer("p1");
  const Texts again = co_await sent(session);
  CHECK(again.empty());
  co_await s.close();
}

Task<> checkChanges() {
  Session session(of2025());
  co_await session.open();
  Signaler& s = session.signaler;
  for (int i = 0; i < 3; ++i) co_await s.pauseConsumer("c");
  for (int i = 0; i < 3; ++i) co_await s.resumeConsumer("c");
  co_await s.pauseConsumer("c");
  for (int i = 0; i < 2; ++i) co_await s.setConsumerPriority("c", 3);
  for (int i = 0; i < 2; ++i) co_await s.setConsumerPreferredLayers("c", 1, 1);
  co_await s.setConsumerPreferredLayers("c", 1, 0);
  for (int i = 0; i < 2; ++i) co_await s.pauseProducer("p");
  for (int i = 0; i < 2; ++i) co_await s.requestConsumerKeyFrame("c");
  const Texts messages = co_await sent(session);
  CHECK(messages == Texts{R"(pauseConsumer {"consumerId":"c"})",
                          R"(resumeConsumer {"consumerId":"c"})",
                          R"(pauseConsumer {"consumerId":"c"})",
                          R"(setConsumerPriority {"consumerId":"c","priority":3})",
                          R"(setConsumerPreferredLayers {"consumerId":"c","spatialLayer":1,)"
                          R"("temporalLayer":1})",
                          R"(setConsumerPreferredLayers {"consumerId":"c","spatialLayer":1,)"
                          R"("temporalLayer":0})",
                          R"(pauseProducer {"producerId":"p"})",
                          R"(requestConsumerKeyFrame {"consumerId":"c"})",
                          R"(requestConsumerKeyFrame {"consumerId":"c"})"});
  co_await s.close();
}

}  // namespace

TEST_CASE("2025: a priority below 1 or above 255 and negative layers are not sent") {
  runTest(checkValues());
}

TEST_CASE("2025: nothing is sent about a consumer that is being closed, or a closed producer") {
  runTest(checkClosed());
}

TEST_CASE("2025: only changes are sent") { runTest(checkChanges()); }
