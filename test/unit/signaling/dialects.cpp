// Which dialect the server speaks is learnt from its first answer, without a round trip of its own.
#include "exchange.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

const char* const k2024 = R"({"codecs":[],"headerExtensions":[]})";
const char* const k2025 = R"({"routerRtpCapabilities":{"codecs":[],"headerExtensions":[]}})";

/// A connected signaler that has not been told how to speak.
struct Stranger {
  explicit Stranger(ProtooOptions options = ProtooOptions()) : signaler(options) {}
  Task<> open() {
    co_await signaler.connect(server.address(), "ada");
    peer = co_await server.peer();
  }
  Task<Json> asked(std::string method) {
    Json message = co_await peer->message();
    CHECK(message.get<std::string>("method") == method);
    co_return message;
  }

  FakeServer server;
  ProtooSignaler signaler;
  std::shared_ptr<FakePeer> peer;
};

Task<std::string> created(Signaler& signaler) {
  return transportOf(signaler.createWebRtcTransport(sending()));
}

/// The three requests of a join go out together, and the answer to the second may come first.
Task<> learnsOnTheWay(const char* capabilities, std::string idMember) {
  Stranger ada;
  co_await ada.open();
  Running<std::string> router(jsonOf(ada.signaler.getRouterRtpCapabilities()));
  Running<std::string> transport(created(ada.signaler));
  const Json question = co_await ada.asked("getRouterRtpCapabilities");
  const Json creation = co_await ada.asked("createWebRtcTransport");
  CHECK(creation.getOr<Json>("data", Json()).text() ==
        R"({"forceTcp":false,"appData":{"direction":"producer"},)"
        R"("sctpCapabilities":{"numStreams":{"OS":1024,"MIS":1024}},)"
        R"("producing":true,"consuming":false})");
  ada.peer->accept(creation, Json::parse(transportNamed(idMember)));
  ada.peer->accept(question, Json::parse(capabilities));
  const std::string taken = co_await router.result();
  CHECK(taken == k2024);
  const std::string made = co_await transport.result();
  CHECK(made == "t1 u 127.0.0.1 5000");
  CHECK(ada.peer->waiting() == 0);
  co_await ada.signaler.close();
}

/// Whoever needs to know first asks, once, for all who need to know.
Task<> asksByItself() {
  Stranger ada;
  co_await ada.open();
  Running<Json> transportStats(ada.signaler.getTransportStats("t"));
  Running<Json> producerStats(ada.signaler.getProducerStats("p"));
  const Json question = co_await ada.asked("getRouterRtpCapabilities");
  ada.peer->accept(question, Json::parse(k2025));
  for (const char* method : {"getTransportStats", "getProducerStats"}) {
    const Json request = co_await ada.asked(method);
    Json answer = Json::object();
    answer.set("stats", Json::array());
    ada.peer->accept(request, answer);
  }
  const Json stats = co_await transportStats.result();
  CHECK(stats.isArray());
  co_await producerStats.result();
  co_await ada.signaler.close();
}

Task<> readsBeforeItKnows(const char* data) {
  Stranger ada;
  co_await ada.open();
  ada.peer->notify("mediasoupVersion", Json::object({{"version", "3.27.1"}}));
  ada.peer->notify("newPeer", Json::parse(data));
  const std::optional<SignalerEvent> event = co_await ada.signaler.events().next();
  REQUIRE(event);
  CHECK(std::get<notification::NewPeer>(std::get<Notification>(*event)).peer.id == "bob");
  co_await ada.signaler.close();
}

/// After a reconnection the server may be another one.
Task<> learnsAnew() {
  Stranger ada;
  for (const char* capabilities : {k2025, k2024, k2025}) {
    co_await ada.open();
    Running<std::string> router(jsonOf(ada.signaler.getRouterRtpCapabilities()));
    const Json question = co_await ada.asked("getRouterRtpCapabilities");
    ada.peer->accept(question, Json::parse(capabilities));
    const std::string taken = co_await router.result();
    CHECK(taken == k2024);
    co_await ada.signaler.close();
  }
}

Task<> refusesNonsense() {
  Stranger ada;
  co_await ada.open();
  for (const char* nonsense : {"{}", "[]", "5", R"({"routerRtpCapabilities":5})"}) {
    INFO(nonsense);
    Running<std::string> router(errorOf(ada.signaler.getRouterRtpCapabilities()));
    const Json question = co_await ada.asked("getRouterRtpCapabilities");
    ada.peer->accept(question, Json::parse(nonsense));
    const std::string error = co_await router.result();
    CHECK_THAT(error, Catch::Matchers::StartsWith("getRouterRtpCapabilities: malformed answer: "));
  }
  co_await ada.signaler.close();
}

/// Nobody waits for ever for a dialect that is never learnt: each who waits asks in its turn.
Task<> failsWithoutOne() {
  Stranger ada;
  co_await ada.open();
  Running<std::string> first(errorOf(ada.signaler.getTransportStats("t")));
  Running<std::string> second(errorOf(ada.signaler.pauseProducer("p")));
  for (int i = 0; i < 2; ++i) {
    const Json question = co_await ada.asked("getRouterRtpCapabilities");
    ada.peer->accept(question, Json::object());
  }
  const std::string why =
      "getRouterRtpCapabilities: malformed answer: no dialect of the demo's protocol that we know";
  const std::string error = co_await first.result();
  CHECK(error == "getTransportStats: " + why);
  const std::string other = co_await second.result();
  CHECK(other == "pauseProducer: " + why);
  co_await ada.signaler.close();
}

Task<> outlivesItsSignaler() {
  FakeServer server;
  auto signaler = std::make_unique<ProtooSignaler>();
  co_await signaler->connect(server.address(), "ada");
  const std::shared_ptr<FakePeer> peer = co_await server.peer();
  Running<std::string> stats(errorOf(signaler->getTransportStats("t")));
  co_await peer->message();
  signaler.reset();
  const std::string error = co_await stats.result();
  CHECK_THAT(error, Catch::Matchers::ContainsSubstring("the connection was closed"));
}

/// A signaler that passes on to another one.
class Wrapper final : public RequestSignaler {
 public:
  Task<> connect(RoomAddress address, std::string peerId) override {
    return inner.connect(std::move(address), std::move(peerId));
  }
  Channel<SignalerEvent> events() override { return inner.events(); }
  Task<> close() override { return inner.close(); }
  Task<Json> request(std::string method, Json data) override {
    return inner.request(std::move(method), std::move(data));
  }
  Task<> notify(std::string method, Json data) override {
    return inner.notify(std::move(method), std::move(data));
  }
  ProtooSignaler inner;
};

Task<> learnsBehindAnother() {
  FakeServer server;
  Wrapper ada;
  co_await ada.connect(server.address(), "ada");
  const std::shared_ptr<FakePeer> peer = co_await server.peer();
  Running<void> pausing(ada.pauseProducer("p"));
  const Json question = co_await peer->message();
  peer->accept(question, Json::parse(k2025));
  const Json notification = co_await peer->message();
  CHECK(notification.get<bool>("notification"));
  co_await pausing.result();
  // Only 2025 has this one.
  peer->notify("speakingPeers", Json::object());
  const std::optional<SignalerEvent> event = co_await ada.events().next();
  REQUIRE(event);
  CHECK(std::holds_alternative<notification::SpeakingPeers>(std::get<Notification>(*event)));
  co_await ada.close();
}

}  // namespace

TEST_CASE("the dialect is learnt while the transports are made, whose request all understand") {
  runTest(learnsOnTheWay(k2024, "id"));
  runTest(learnsOnTheWay(k2025, "transportId"));
}

TEST_CASE("whoever needs the dialect first asks for all") { runTest(asksByItself()); }

TEST_CASE("what comes before the dialect is known is read in that in which it makes sense") {
  runTest(readsBeforeItKnows(R"({"id":"bob"})"));
  runTest(readsBeforeItKnows(R"({"peer":{"peerId":"bob"}})"));
}

TEST_CASE("a new connection may speak another dialect") { runTest(learnsAnew()); }

TEST_CASE("an answer of no dialect is refused") { runTest(refusesNonsense()); }

TEST_CASE("without a dialect every request fails, and none waits for ever") {
  runTest(failsWithoutOne());
}

TEST_CASE("a request that waits for the dialect ends with its signaler") {
  runTest(outlivesItsSignaler());
}

TEST_CASE("a signaler behind another one learns the dialect, too") {
  runTest(learnsBehindAnother());
}
