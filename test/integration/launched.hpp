// Launch: a cosoup-launch that a test runs.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "cosoup/cosoup.hpp"
#include "cosoup/glib/await.hpp"
#include "cosoup/glib/error.hpp"
#include "support/room_server.hpp"

namespace cosoup::test {

/// How it has ended.
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
  /// With further environment variables; redirected by a shell, as in ">/dev/full".
  explicit Launch(std::vector<std::string> words,
                  std::vector<std::pair<std::string, std::string>> environment = {},
                  const std::string& redirection = "") {
    words.insert(words.begin(), COSOUP_LAUNCH);
    if (!redirection.empty()) {
      const std::string script = "exec \"$0\" \"$@\" " + redirection;
      words.insert(words.begin(), {"/bin/sh", "-c", script});
    }
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
    for (const auto& [name, value] : environment) {
      g_subprocess_launcher_setenv(launcher.get(), name.c_str(), value.c_str(), TRUE);
    }
    GError* error = nullptr;
    process_ = Ref<GSubprocess>::adopt(
        g_subprocess_launcher_spawnv(launcher.get(), arguments.data(), &error));
    if (!process_) throwGError(error, "cosoup-launch");
  }

  void signal(int number) { g_subprocess_send_signal(process_.get(), number); }

  /// Waits for its end; an awaited process that does not end is killed.
  Task<Outcome> finish(std::chrono::milliseconds limit = std::chrono::seconds(15)) {
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

/// Whether the server has sent the peer enough packets of two streams to be recorded.
inline Task<bool> isServed(RoomServer& server, std::string room, std::string peer,
                           std::int64_t enough = 50) {
  const Json seen = co_await server.peer(std::move(room), std::move(peer));
  if (seen.isNull()) co_return false;
  const std::vector<Json> consumers = seen.list("consumers");
  const auto hasEnough = [enough](const Json& consumer) {
    return consumer.get<Json>("stats").get<std::int64_t>("packetCount") >= enough;
  };
  co_return consumers.size() == 2 && std::all_of(consumers.begin(), consumers.end(), hasEnough);
}

}  // namespace cosoup::test
