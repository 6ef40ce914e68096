// cosoup-launch, as scripts see it.
#include <array>
#include <csignal>

#include "cosoup/glib/await.hpp"
#include "cosoup/glib/error.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

struct Outcome {
  int status = -1;
  std::string out;
  std::string err;

  /// The last event of that name on stdout; null when there is none.
  Json event(const std::string& name) const {
    Json found;
    for (std::size_t at = 0; at < out.size();) {
      const std::size_t end = out.find('\n', at);
      const Json line = Json::parse(out.substr(at, end - at));
      if (line.get<std::string>("event") == name) found = line;
      at = end + 1;
    }
    return found;
  }
};

/// A running cosoup-launch.
class Launch {
 public:
  explicit Launch(std::vector<std::string> words) {
    words.insert(words.begin(), COSOUP_LAUNCH);
    std::vector<const char*> arguments;
    for (const std::string& word : words) arguments.push_back(word.c_str());
    arguments.push_back(nullptr);
    const auto pipes = static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                                     G_SUBPROCESS_FLAGS_STDERR_PIPE);
    const auto launcher = Ref<GSubprocessLauncher>::adopt(g_subprocess_launcher_new(pipes));
    // GLib's table of quarks leaks its first 16 KiB by design, which LeakSanitizer reports on
    // stderr; the other tests look for leaks of ours.
    g_subprocess_launcher_setenv(launcher.get(), "ASAN_OPTIONS",
                                 "detect_leaks=0:intercept_tls_get_addr=0", TRUE);
    GError* error = nullptr;
    process_ = Ref<GSubprocess>::adopt(
        g_subprocess_launcher_spawnv(launcher.get(), arguments.data(), &error));
    if (!process_) throwGError(error, "cosoup-launch");
  }

  void signal(int number) { g_subprocess_send_signal(process_.get(), number); }

  /// Waits for its end; an awaited process that does not end is killed.
  Task<Outcome> finish(std::chrono::milliseconds limit = 15s) {
    std::exception_ptr failure;
    Outcome outcome;
    try {
      outcome = co_await withTimeout(limit, communicate(process_), "cosoup-launch");
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) {
      g_subprocess_force_exit(process_.get());
      std::rethrow_exception(failure);
    }
    co_return outcome;
  }

 private:
  static Task<Outcome> communicate(Ref<GSubprocess> process) {
    const Ref<GAsyncResult> result = co_await awaitAsync(
        [&](GCancellable* cancellable, GAsyncReadyCallback callback, gpointer data) {
          g_subprocess_communicate_utf8_async(process.get(), nullptr, cancellable, callback, data);
        });
    char* out = nullptr;
    char* err = nullptr;
    GError* error = nullptr;
    if (!g_subprocess_communicate_utf8_finish(process.get(), result.get(), &out, &err, &error)) {
      throwGError(error, "cosoup-launch");
    }
    Outcome outcome;
    outcome.status = g_subprocess_get_if_exited(process.get())
                         ? g_subprocess_get_exit_status(process.get())
                         : -g_subprocess_get_term_sig(process.get());
    outcome.out = out;
    outcome.err = err;
    g_free(out);
    g_free(err);
    co_return outcome;
  }

  Ref<GSubprocess> process_;
};

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
  words = {"ws://127.0.0.1:1", "--room", "r", "--for", "soon"};
  co_await checkUsage(words, "--for soon");
}

Task<> reportsNoServer() {
  std::vector<std::string> words{"ws://127.0.0.1:1", "--room", "r"};
  Launch launch(std::move(words));
  const Outcome outcome = co_await launch.finish();
  checkOneError(outcome);
  CHECK(contains(outcome.err, "connect to 127.0.0.1:1"));
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

Task<bool> hasPeers(Member& member, std::size_t count) {
  co_return member.client.room()->peers().size() >= count;
}

Task<> recordsUntilInterrupted(TemporaryFolder& folder) {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member eve(sharedServer(), ada.room, "eve");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await eve.join(ProduceConfig::none(), ConsumeConfig::none());
  std::vector<std::string> words{
      sharedServer().url(),      "--room", ada.room, "--peer", "bob", "--consume",
      "record:" + folder.path(), "--json"};
  Launch launch(std::move(words));
  co_await eventually("bob is there", [&] { return hasPeers(eve, 2); });
  co_await sleepFor(3s);
  launch.signal(SIGINT);
  const Outcome outcome = co_await launch.finish();
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  const Json summary = outcome.event("summary");
  CHECK(summary.list("consumed").size() == 2);
  for (const Json& consumed : summary.list("consumed")) {
    CHECK(consumed.get<std::int64_t>("packets") > 0);
  }
  const std::string path = summary.list("recordings").at(0).get<std::string>("path");
  CHECK(inspect(path).codecs.size() == 2);
  co_await leaveAll(ada, eve);
}

Task<> survivesADyingServer(TemporaryFolder& folder) {
  RoomServer server;
  Member ada(server, freshRoom(), "ada");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  std::vector<std::string> words{
      server.url(), "--room", ada.room, "--consume", "record:" + folder.path(), "--json"};
  Launch launch(std::move(words));
  co_await eventually("the launched peer is there", [&] { return hasPeers(ada, 1); });
  co_await sleepFor(3s);
  server.kill();
  const Outcome outcome = co_await launch.finish();
  checkOneError(outcome);
  const Json summary = outcome.event("summary");
  CHECK(inspect(summary.list("recordings").at(0).get<std::string>("path")).codecs.size() == 2);
  co_await ada.leave();
}

}  // namespace

TEST_CASE("wrong usage is reported with a hint and exit status 2") {
  runTest(reportsWrongUsage(), 60s);
}

TEST_CASE("no server is one line of error and exit status 1") { runTest(reportsNoServer(), 60s); }

TEST_CASE("a certificate of an unknown authority is refused") {
  runTest(reportsAnUnknownCertificate(), 60s);
}

TEST_CASE("a certificate of the given authority is trusted") {
  TemporaryFolder folder;
  runTest(trustsTheGivenAuthority(folder), 60s);
}

TEST_CASE("a room that refuses is one line of error") { runTest(reportsARefusal(), 60s); }

TEST_CASE("an interrupt leaves the room and finishes the recording") {
  TemporaryFolder folder;
  runTest(recordsUntilInterrupted(folder), 60s);
}

TEST_CASE("a server that dies in mid-call is one line of error, and the recording is kept") {
  TemporaryFolder folder;
  runTest(survivesADyingServer(folder), 60s);
}
