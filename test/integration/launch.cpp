// cosoup-launch, as scripts see it.
#include <csignal>

#include "integration/launched.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/fake_server.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

/// One line that begins with "error: ", and nothing else.
void checkOneError(const Outcome& outcome) {
  INFO(outcome.err);
  CHECK(outcome.status == 1);
  CHECK(outcome.err.starts_with("error: "));
  CHECK(outcome.err.find('\n') == outcome.err.size() - 1);
}

Task<> checkUsage(std::vector<std::string> words, const char* hint) {
  Launch launch(std::move(words));
  const Outcome outcome = co_await launch.finish();
  INFO(outcome.err);
  CHECK(outcome.status == 2);
  CHECK(contains(outcome.err, hint));
}

Task<> reportsWrongUsage() {
  std::vector<std::string> words;
  co_await checkUsage(words, "expected one URL");
  words = {"ws://127.0.0.1:1"};
  co_await checkUsage(words, "--room");
  words = {"http://127.0.0.1:1", "--room", "r"};
  co_await checkUsage(words, "ws://");
  words = {"ws://127.0.0.1:1", "--room", "r", "--produce", "nonsense"};
  co_await checkUsage(words, "--produce nonsense");
  words = {"ws://127.0.0.1:1", "--room", "r", "--consume", "record:"};
  co_await checkUsage(words, "--consume record:");
  words = {"ws://127.0.0.1:1", "--room", "r", "--consume", "record:here,mp5"};
  co_await checkUsage(words, "--consume record:here,mp5: expected");
  words = {"ws://127.0.0.1:1", "--room", "r", "--consume", "record:here,split=0"};
  co_await checkUsage(words, "--consume record:here,split=0: expected");
  words = {"ws://127.0.0.1:1", "--room", "r", "--for", "soon"};
  co_await checkUsage(words, "--for soon");
  words = {"ws://127.0.0.1:1", "--room", "r", "--header", "nonsense"};
  co_await checkUsage(words, "--header nonsense: expected 'Name: value'");
}

/// The request that it opens the connection with.
Task<> comesWithItsHeaders() {
  FakeServer server;
  std::vector<std::string> words{server.url(),
                                 "--room",
                                 "r",
                                 "--origin",
                                 "https://localhost",
                                 "--header",
                                 "Authorization: Bearer a.b",
                                 "--header",
                                 "Cookie:a=b"};
  Launch launch(std::move(words));
  const std::shared_ptr<FakePeer> peer = co_await server.peer();
  CHECK(peer->header("Origin") == "https://localhost");
  CHECK(peer->header("Authorization") == "Bearer a.b");
  CHECK(peer->header("Cookie") == "a=b");
  peer->close(4000, "enough");
  const Outcome outcome = co_await launch.finish();
  checkOneError(outcome);
  words = {server.url(), "--room", "r", "--header", "X: a\r\nY: b"};
  Launch broken(std::move(words));
  const Outcome refused = co_await broken.finish();
  checkOneError(refused);
  CHECK_THAT(refused.err, Catch::Matchers::ContainsSubstring("the header X has a line break"));
}

Task<> reportsNoServer() {
  std::vector<std::string> words{"ws://127.0.0.1:1", "--room", "r"};
  Launch launch(std::move(words));
  const Outcome outcome = co_await launch.finish();
  checkOneError(outcome);
  CHECK(contains(outcome.err, "connect to 127.0.0.1:1"));
}

Task<bool> wasGreeted(RoomServer& server, std::string room) {
  const Json seen = co_await server.peer(std::move(room), "ada");
  if (seen.isNull()) co_return false;
  for (const Json& consumer : seen.list("dataConsumers")) {
    const Json stats = consumer.getOr<Json>("stats", Json::object());
    if (stats.getOr<std::int64_t>("messagesSent", 0) > 0) co_return true;
  }
  co_return false;
}

/// What the bot says is nobody's: the event has a peer, which is null.
Task<> tellsWhatTheBotSays() {
  RoomServer& server = sharedServer();
  const std::string room = freshRoom();
  std::vector<std::string> words{server.url(), "--room", room,  "--peer",
                                 "ada",        "--name", "Ada", "--json"};
  Launch launch(std::move(words));
  const auto greeted = [&] { return wasGreeted(server, room); };
  co_await eventually("the bot has said welcome", greeted);
  launch.signal(SIGINT);
  const Outcome outcome = co_await launch.finish();
  CHECK(outcome.status == 0);
  CHECK(outcome.err == "");
  const Json message = outcome.event("message");
  REQUIRE(message.isObject());
  CHECK_FALSE(message.has("peer"));
  CHECK(message.get<std::string>("label") == "bot");
  CHECK_THAT(message.get<std::string>("text"), Catch::Matchers::StartsWith("Welcome Ada!"));
}

/// Joins what is no room, in time: Launch::finish() waits 15 s.
Task<> checkRefused(std::string url, std::string reason) {
  std::vector<std::string> words{url, "--room", "r"};
  Launch launch(std::move(words));
  const Outcome outcome = co_await launch.finish();
  checkOneError(outcome);
  CHECK_THAT(outcome.err, Catch::Matchers::ContainsSubstring(reason));
}

Task<> reportsAServerThatIsNotProtoo() {
  ByteServer web("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  FakeServer chat(nullptr, "chat");
  ByteServer silent("", ByteServer::Then::stay);
  Scope scope;
  scope.spawn(checkRefused(web.url(), "not a WebSocket (HTTP 200 OK)"));
  scope.spawn(checkRefused(chat.url(), "HTTP 400 Bad Request"));
  scope.spawn(checkRefused(silent.url(), "no answer within 10"));
  co_await scope.join();
}

/// Answers everything with that; {id} becomes the id of the request.
Task<> answerEach(FakeServer& server, std::string answer) {
  try {
    const std::shared_ptr<FakePeer> peer = co_await server.peer();
    while (true) {
      const Json request = co_await peer->message();
      std::string text = answer;
      const std::size_t id = text.find("{id}");
      if (id != std::string::npos) text.replace(id, 4, request.get<Json>("id").text());
      peer->send(text);
    }
  } catch (const Error&) {
    // The client is gone.
  }
}

Task<> checkGarbage(std::string answer, std::string reason) {
  FakeServer server;
  Scope scope;
  scope.spawn(answerEach(server, answer));
  scope.spawn(checkRefused(server.url(), reason));
  co_await scope.join();
}

Task<> reportsGarbage() {
  const std::string request = "getRouterRtpCapabilities: ";
  Scope scope;
  scope.spawn(checkGarbage("{{{", request));
  scope.spawn(checkGarbage(R"(["neither","request","nor","answer"])", request));
  scope.spawn(checkGarbage(R"({"response":true,"id":{id},"ok":true,"data":17})", request));
  scope.spawn(
      checkGarbage(R"({"response":true,"id":{id},"ok":true,"data":{"codecs":[{"kind":"smell"}]}})",
                   request + "malformed answer: codecs[0]"));
  co_await scope.join();
}

Task<> reportsAWrongLaunchLine() {
  std::vector<std::string> words{sharedServer().url(), "--room", "r", "--consume",
                                 "launch:nosuchelement"};
  Launch launch(std::move(words));
  const Outcome outcome = co_await launch.finish();
  checkOneError(outcome);
  CHECK(contains(outcome.err, "launch sink 'nosuchelement': "));
}

Task<> reportsAnUnknownCertificate() {
  RoomServer server({"--host", "127.0.0.1"});
  std::vector<std::string> words{server.url(), "--room", "r"};
  Launch launch(std::move(words));
  const Outcome outcome = co_await launch.finish();
  checkOneError(outcome);
  CHECK(contains(outcome.err, "certificate is not trusted"));
}

Task<> trustsTheGivenAuthority(TemporaryFolder& folder) {
  RoomServer server({"--cert-dir", folder.path()});
  std::vector<std::string> words{
      server.url(), "--room",     "r",     "--ca-file", folder.path() + "/cert.pem",
      "--produce",  "test:audio", "--for", "1",         "--json"};
  Launch launch(std::move(words));
  const Outcome outcome = co_await launch.finish();
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.event("joined").has("ms"));
  CHECK(outcome.event("produced").get<std::string>("kind") == "audio");
}

Task<> reportsARefusal() {
  RoomServer server({"--insecure-ws", "--reject-join", "full"});
  std::vector<std::string> words{server.url(), "--room", "r"};
  Launch launch(std::move(words));
  const Outcome outcome = co_await launch.finish();
  checkOneError(outcome);
  CHECK(contains(outcome.err, "join: "));
  CHECK(contains(outcome.err, "full"));
}

Task<> reportsAMissingDevice() {
  const std::vector<std::string> devices{"camera:Nobody's", "mic:Nobody's"};
  for (const std::string& device : devices) {
    std::vector<std::string> words{sharedServer().url(), "--room", freshRoom(), "--produce",
                                   device};
    Launch launch(std::move(words));
    const Outcome outcome = co_await launch.finish();
    checkOneError(outcome);
    CHECK(contains(outcome.err, "'Nobody's': there is no such device"));
  }
}

Task<bool> isThere(RoomServer& server) {
  const Json bob = co_await server.peer("r", "bob");
  co_return !bob.isNull() && bob.getOr("joined", false);
}

Task<> recordsUntilInterrupted(TemporaryFolder& folder) {
  Member ada(sharedServer(), freshRoom(), "ada");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  std::vector<std::string> words{
      sharedServer().url(),      "--room", ada.room, "--peer", "bob", "--consume",
      "record:" + folder.path(), "--json"};
  Launch launch(std::move(words));
  co_await eventually("bob is served", [&] { return isServed(sharedServer(), ada.room, "bob"); });
  launch.signal(SIGINT);
  const Outcome outcome = co_await launch.finish();
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  const Json summary = outcome.event("summary");
  CHECK(summary.list("consumed").size() == 2);
  for (const Json& consumed : summary.list("consumed")) {
    CHECK(consumed.get<std::int64_t>("packets") > 0);
    const Json reception = consumed.get<Json>("reception");
    const bool isVideo = consumed.get<std::string>("kind") == "video";
    CHECK((reception.get<std::int64_t>("frames") > 0) == isVideo);
    CHECK(reception.get<std::int64_t>("latencyMs") > 0);
  }
  const std::string path = summary.list("recordings").at(0).get<std::string>("path");
  CHECK(inspect(path).codecs.size() == 2);
  co_await ada.leave();
}

Task<> survivesADyingServer(TemporaryFolder& folder) {
  RoomServer server;
  Member ada(server, freshRoom(), "ada");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  std::vector<std::string> words{
      server.url(), "--room", ada.room, "--peer", "bob", "--consume", "record:" + folder.path(),
      "--json"};
  Launch launch(std::move(words));
  co_await eventually("bob is served", [&] { return isServed(server, ada.room, "bob"); });
  server.kill();
  const Outcome outcome = co_await launch.finish();
  checkOneError(outcome);
  const Json summary = outcome.event("summary");
  CHECK(inspect(summary.list("recordings").at(0).get<std::string>("path")).codecs.size() == 2);
  co_await ada.leave();
}

Task<> endsAtTheSecondSignal() {
  RoomServer server({"--insecure-ws"});
  std::vector<std::string> words{server.url(), "--room", "r", "--peer", "bob"};
  Launch launch(std::move(words));
  co_await eventually("bob is there", [&] { return isThere(server); });
  server.kill();
  launch.signal(SIGTERM);
  launch.signal(SIGTERM);
  // In order at the first one or killed by the second, as the machine's moment has it.
  const Outcome outcome = co_await launch.finish(5s);
  INFO(outcome.err);
  CHECK((outcome.status == -SIGTERM || outcome.status == 0 || outcome.status == 1));
}

}  // namespace

TEST_CASE("wrong usage is reported with a hint and exit status 2") {
  runTest(reportsWrongUsage(), 60s);
}

TEST_CASE("no server is one line of error and exit status 1") { runTest(reportsNoServer(), 60s); }

TEST_CASE("a server that is not protoo is one line of error, silent or not") {
  runTest(reportsAServerThatIsNotProtoo(), 60s);
}

TEST_CASE("a server that answers with garbage is one line of error") {
  runTest(reportsGarbage(), 60s);
}

TEST_CASE("a launch line that is none is one line of error") {
  runTest(reportsAWrongLaunchLine(), 60s);
}

TEST_CASE("a certificate of an unknown authority is refused") {
  runTest(reportsAnUnknownCertificate(), 60s);
}

TEST_CASE("a certificate of the given authority is trusted") {
  TemporaryFolder folder;
  runTest(trustsTheGivenAuthority(folder), 60s);
}

TEST_CASE("a room that refuses is one line of error") { runTest(reportsARefusal(), 60s); }

TEST_CASE("a device that is not there is one line of error") {
  runTest(reportsAMissingDevice(), 60s);
}

TEST_CASE("an interrupt leaves the room and finishes the recording") {
  TemporaryFolder folder;
  runTest(recordsUntilInterrupted(folder), 60s);
}

TEST_CASE("a server that dies in mid-call is one line of error, and the recording is kept") {
  TemporaryFolder folder;
  runTest(survivesADyingServer(folder), 60s);
}

TEST_CASE("two signals in a row end it at once, also when the server has died") {
  runTest(endsAtTheSecondSignal(), 60s);
}

TEST_CASE("cosoup-launch connects with an origin and headers of the user's") {
  runTest(comesWithItsHeaders(), 60s);
}

TEST_CASE("cosoup-launch --json tells what the bot says, which is no peer's") {
  runTest(tellsWhatTheBotSays(), 60s);
}
