// The demo programs, as a user runs them.
#include <gio/gio.h>

#include <csignal>
#include <filesystem>

#include "cosoup/glib/await.hpp"
#include "cosoup/glib/error.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

/// A running demo, whose stdout is read line by line; killed if it still runs in the end.
class Program {
 public:
  explicit Program(std::vector<std::string> words) {
    std::vector<const char*> arguments;
    for (const std::string& word : words) arguments.push_back(word.c_str());
    arguments.push_back(nullptr);
    const auto launcher =
        Ref<GSubprocessLauncher>::adopt(g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE));
    // GLib's table of quarks leaks its first 16 KiB by design; the other tests look for leaks.
    g_subprocess_launcher_setenv(launcher.get(), "ASAN_OPTIONS",
                                 "detect_leaks=0:intercept_tls_get_addr=0", TRUE);
    GError* error = nullptr;
    process_ = Ref<GSubprocess>::adopt(
        g_subprocess_launcher_spawnv(launcher.get(), arguments.data(), &error));
    if (!process_) throwGError(error, words.front());
    lines_ = Ref<GDataInputStream>::adopt(
        g_data_input_stream_new(g_subprocess_get_stdout_pipe(process_.get())));
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() { g_subprocess_force_exit(process_.get()); }

  void signal(int number) { g_subprocess_send_signal(process_.get(), number); }

  /// The rest of the next line that begins so; throws Error(Disconnected) if it ends before.
  Task<std::string> says(std::string beginning) {
    return withTimeout(30s, find(beginning), "wait for '" + beginning + "'");
  }
  Task<> endsWith(int expected) {
    const int status = co_await withTimeout(20s, wait(process_), "wait for its end");
    CHECK(status == expected);
  }

 private:
  Task<std::string> find(std::string beginning) {
    while (true) {
      const Ref<GAsyncResult> result = co_await awaitAsync([&](auto... gio) {
        g_data_input_stream_read_line_async(lines_.get(), G_PRIORITY_DEFAULT, gio...);
      });
      char* read =
          g_data_input_stream_read_line_finish(lines_.get(), result.get(), nullptr, nullptr);
      if (!read) throw Error(Error::Code::Disconnected, "it ended before '" + beginning + "'");
      const std::string line = read;
      g_free(read);
      if (line.starts_with(beginning)) co_return line.substr(beginning.size());
    }
  }
  static Task<int> wait(Ref<GSubprocess> process) {
    const Ref<GAsyncResult> result =
        co_await awaitAsync([&](auto... gio) { g_subprocess_wait_async(process.get(), gio...); });
    GError* error = nullptr;
    if (!g_subprocess_wait_finish(process.get(), result.get(), &error)) throwGError(error, "demo");
    if (!g_subprocess_get_if_exited(process.get())) co_return -1;
    co_return g_subprocess_get_exit_status(process.get());
  }

  Ref<GSubprocess> process_;
  Ref<GDataInputStream> lines_;
};

Task<bool> holds(const TemporaryFolder& folder, std::uintmax_t bytes) {
  std::uintmax_t size = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    if (entry.is_regular_file()) size += entry.file_size();
  }
  co_return size >= bytes;
}

/// record takes down what a member sends; publish sends that file to another member.
Task<> recordsAndPublishes(TemporaryFolder& folder) {
  Member ada(sharedServer(), freshRoom(), "ada");
  const std::string& url = sharedServer().url();
  Program record({COSOUP_DEMO_RECORD, url, ada.room, folder.path()});
  co_await record.says("joined " + ada.room);
  // Key frames twice a second: whoever sees the file has missed its first one.
  ProduceConfig produce = ProduceConfig::launch(
      "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1 ! "
      "vp8enc deadline=1 cpu-used=8 target-bitrate=800000 keyframe-max-dist=15");
  produce.add(ProduceConfig::test(TestSourceOptions(true, false)));
  co_await ada.join(std::move(produce), ConsumeConfig::discard());
  co_await record.says("recording peer ada");
  co_await ada.isHeardAndSeen();
  // Long enough to be seen when it is published.
  co_await eventually("there is something in it", [&] { return holds(folder, 500'000); });
  record.signal(SIGINT);
  const std::string path = co_await record.says("recorded ");
  co_await record.endsWith(0);
  CHECK(inspect(path).codecs.size() == 2);

  Program publish({COSOUP_DEMO_PUBLISH, url, ada.room, path});
  co_await publish.says("sending " + path);
  co_await ada.receives(2);
  co_await publish.says("sent " + path);
  co_await publish.endsWith(0);
  co_await ada.leave();
}

Task<> reportsAMissingFile() {
  Program publish({COSOUP_DEMO_PUBLISH, sharedServer().url(), freshRoom(), "/nowhere/talk.webm"});
  co_await publish.endsWith(1);
}

Task<> callsByAnotherSignaling() {
  RoomServer server({"--insecure-ws", "--json-rpc-port", "0"});
  const Json info = co_await server.get("/test/server");
  const std::string url = "tcp://127.0.0.1:" + std::to_string(info.get<int>("jsonRpcPort"));
  Member ada(server, freshRoom(), "ada");
  Program custom({COSOUP_DEMO_CUSTOM_SIGNALER, url, ada.room});
  co_await custom.says("joined " + ada.room);
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await ada.receives(2);
  co_await custom.says("receiving peer ada");
  custom.signal(SIGINT);
  co_await custom.says("left " + ada.room);
  co_await custom.endsWith(0);
  co_await ada.leave();
}

Task<> runsInTheLoopOfAnApp() {
  Member ada(sharedServer(), freshRoom(), "ada");
  Program app({COSOUP_DEMO_OWN_MAIN_LOOP, sharedServer().url(), ada.room});
  co_await app.says("joined " + ada.room);
  co_await ada.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await ada.receives(2);
  co_await app.says("hello peer ada");
  co_await app.says("in the room: 1 others");  // its own timer
  co_await ada.leave();
  co_await app.says("goodbye peer ada");
  app.signal(SIGTERM);
  co_await app.endsWith(0);
}

/// Again and again: the chat is unreliable by design, and what is said before the others have a
/// channel for it is lost.
Task<> ask(Member& member) {
  while (true) {
    co_await member.client.sendChat("who is here?");
    co_await sleepFor(1s);
  }
}

Task<> chats() {
  Member ada(sharedServer(), freshRoom(), "ada");
  Channel<RoomEvent> events = ada.client.events().channel();
  Program bot({COSOUP_DEMO_CHAT_BOT, sharedServer().url(), ada.room});
  co_await bot.says("joined " + ada.room);
  co_await ada.join(ProduceConfig::none(), ConsumeConfig::dataOnly());
  co_await bot.says("said hello peer ada");
  Scope asking;
  asking.spawn(ask(ada));
  std::string heard;
  while (heard != "you, peer ada") {
    const auto happened = co_await withTimeout(15s, events.next(), "wait for the bot");
    REQUIRE(happened);
    if (const auto* received = std::get_if<event::Message>(&*happened)) {
      heard = received->message.text();
    }
  }
  co_await asking.close();
  bot.signal(SIGINT);
  co_await bot.endsWith(0);
  co_await ada.leave();
}

Task<> explainsItself(std::string path) {
  Program demo({std::move(path)});
  co_await demo.endsWith(2);
}

}  // namespace

TEST_CASE("the demos record and publish work together") {
  TemporaryFolder folder;
  runTest(recordsAndPublishes(folder), 120s);
}

TEST_CASE("the demo publish reports a missing file") { runTest(reportsAMissingFile(), 60s); }

TEST_CASE("the demo custom_signaler calls a client of the usual signaling") {
  runTest(callsByAnotherSignaling(), 90s);
}

TEST_CASE("the demo own_main_loop serves its own timers and a call in one loop") {
  runTest(runsInTheLoopOfAnApp(), 90s);
}

TEST_CASE("the demo chat_bot greets and answers") { runTest(chats(), 90s); }

TEST_CASE("a demo without arguments says how it is used") {
  for (const char* path : {COSOUP_DEMO_CHAT_BOT, COSOUP_DEMO_RECORD, COSOUP_DEMO_PUBLISH,
                           COSOUP_DEMO_CUSTOM_SIGNALER, COSOUP_DEMO_OWN_MAIN_LOOP}) {
    runTest(explainsItself(path), 30s);
  }
}
