// cosoup-launch as nobody's terminal runs it: with descriptors that are closed or full, and for
// days.
#include <csignal>

#include "integration/launched.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> wordsFor(RoomServer& server, const std::string& room) {
  return {server.url(), "--room", room, "--peer", "bob", "--produce", "test:audio", "--json"};
}

Task<> checkUnwritable(std::string redirection, std::string reason) {
  TemporaryFolder folder;
  std::vector<std::string> words = wordsFor(sharedServer(), freshRoom());
  words.insert(words.end(), {"--consume", "record:" + folder.path()});
  Launch launch(std::move(words), {}, redirection);
  const Outcome outcome = co_await launch.finish();
  INFO(redirection << ": " << outcome.err);
  CHECK(outcome.status == 1);
  CHECK(outcome.err == "error: stdout: " + reason + "\n");
  CHECK(outcome.out.empty());
}

Task<> reportsAnUnwritableOutput() {
  co_await checkUnwritable(">/dev/full", "No space left on device");
  co_await checkUnwritable(">&-", "Bad file descriptor");
}

/// In text, for people.
Task<> reportsItInText() {
  std::vector<std::string> words = wordsFor(sharedServer(), freshRoom());
  words.pop_back();
  Launch launch(std::move(words), {}, ">/dev/full");
  const Outcome outcome = co_await launch.finish();
  CHECK(outcome.status == 1);
  CHECK(outcome.err == "error: stdout: No space left on device\n");
}

Task<> staysWithoutInput() {
  Member ada(sharedServer(), freshRoom(), "ada");
  co_await ada.join(ProduceConfig::none(), ConsumeConfig::discard());
  int messages = 0;
  const Connection heard = ada.client.events().on<event::Message>([&](const event::Message& event) {
    if (event.peer) ++messages;
  });
  std::vector<std::string> words = wordsFor(sharedServer(), ada.room);
  words.insert(words.end(), {"--chat", "--for", "2"});
  Launch launch(std::move(words), {}, "<&-");
  const Outcome outcome = co_await launch.finish();
  CHECK(outcome.status == 0);
  CHECK(outcome.err == "");
  CHECK(messages == 0);
  CHECK(outcome.event("joined").isObject());
  co_await ada.leave();
}

Task<> staysWithoutAnyDescriptor() {
  std::vector<std::string> words = wordsFor(sharedServer(), freshRoom());
  words.insert(words.end(), {"--chat", "--for", "1"});
  Launch launch(std::move(words), {}, "<&- >&- 2>&-");
  const Outcome outcome = co_await launch.finish();
  CHECK(outcome.status == 1);
}

Task<bool> isThere(RoomServer& server, std::string room) {
  const Json bob = co_await server.peer(std::move(room), "bob");
  co_return !bob.isNull() && bob.list("producers").size() == 1;
}

Task<> comesBack() {
  RoomServer server;
  const std::string room = freshRoom();
  std::vector<std::string> words = wordsFor(server, room);
  words.emplace_back("--reconnect");
  Launch launch(std::move(words));
  const auto there = [&] { return isThere(server, room); };
  co_await eventually("bob is there", there);
  server.kill();
  server.restart();
  co_await eventually("bob is there again", there, 30s);
  launch.signal(SIGINT);
  const Outcome outcome = co_await launch.finish();
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.event("reconnecting").get<std::string>("reason") != "");
  CHECK(outcome.event("reconnected").isObject());
}

}  // namespace

TEST_CASE("an output that cannot be written is an error and exit status 1") {
  runTest(reportsAnUnwritableOutput(), 60s);
}

TEST_CASE("so it is in text") { runTest(reportsItInText(), 60s); }

TEST_CASE("with stdin closed --chat says nothing, and stays") { runTest(staysWithoutInput(), 60s); }

TEST_CASE("without stdin, stdout and stderr nothing is taken for them") {
  runTest(staysWithoutAnyDescriptor(), 60s);
}

TEST_CASE("cosoup-launch --reconnect comes back to a server that was away") {
  runTest(comesBack(), 60s);
}
