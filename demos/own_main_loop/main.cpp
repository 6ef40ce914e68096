// An app that has a main loop of its own, as GTK apps have: it runs it as ever, and the client's
// coroutines run in it, beside the app's timers and signals. No thread, no lock.
//
//   own_main_loop wss://127.0.0.1:4443 ROOM [CA.pem]
#include <glib-unix.h>

#include <cstdio>

#include "cosoup/cosoup.hpp"

using namespace cosoup;

namespace {

void say(const char* what, const std::string& whom) {
  std::printf("%s %s\n", what, whom.c_str());
  std::fflush(stdout);
}

/// Owns the loop, the client, and, in a scope, the coroutines that were started from callbacks.
class App {
 public:
  App() {
    g_timeout_add_seconds(1, &App::onTick, this);
    g_unix_signal_add(SIGINT, &App::onQuit, this);
    g_unix_signal_add(SIGTERM, &App::onQuit, this);
    joined_ = client_.events().on<event::NewPeer>(
        [](const event::NewPeer& event) { say("hello", event.peer->displayName()); });
    left_ = client_.events().on<event::PeerClosed>(
        [](const event::PeerClosed& event) { say("goodbye", event.peer->displayName()); });
  }
  App(const App&) = delete;
  App& operator=(const App&) = delete;
  ~App() { g_main_loop_unref(loop_); }

  int run(RoomAddress address) {
    scope_.spawn(join(std::move(address)));
    g_main_loop_run(loop_);
    return status_;
  }

 private:
  Task<> join(RoomAddress address) {
    PeerInfo me("loop", "An app with its own loop");
    ProduceConfig produce = ProduceConfig::test();
    try {
      co_await client_.joinRoom(std::move(address), std::move(me), std::move(produce),
                                ConsumeConfig::discard());
      say("joined", client_.room()->id());
      co_await client_.untilLeft();
    } catch (const Error& error) {
      std::fprintf(stderr, "error: %s\n", error.what());
      status_ = 1;
      quit();
    }
  }

  // In the background, which needs no owner: the scope is what it closes.
  void quit() {
    if (!std::exchange(quitting_, true)) finishInBackground(leave());
  }

  Task<> leave() {
    co_await client_.close();
    co_await scope_.close();
    g_main_loop_quit(loop_);
  }

  static gboolean onTick(gpointer self) {
    const auto room = static_cast<App*>(self)->client_.room();
    if (room) say("in the room:", std::to_string(room->peers().size()) + " others");
    return G_SOURCE_CONTINUE;
  }
  static gboolean onQuit(gpointer self) {
    static_cast<App*>(self)->quit();
    return G_SOURCE_CONTINUE;
  }

  GMainLoop* loop_ = g_main_loop_new(nullptr, FALSE);
  MediasoupClient client_;
  Scope scope_;
  Connection joined_, left_;
  int status_ = 0;
  bool quitting_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: %s URL ROOM [CA.pem]\n", argv[0]);
    return 2;
  }
  RoomAddress address(argv[1], argv[2]);
  if (argc == 4) address.caFile = argv[3];
  App app;
  return app.run(std::move(address));
}
