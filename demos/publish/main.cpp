// Joins a room, sends a media file to its end, and leaves.
//
//   publish wss://127.0.0.1:4443 ROOM FILE [CA.pem]
#include <cstdio>

#include "cosoup/cosoup.hpp"

using namespace cosoup;

namespace {

void say(const char* what, const std::string& whom) {
  std::printf("%s %s\n", what, whom.c_str());
  std::fflush(stdout);
}

Task<> publish(RoomAddress address, std::string path) {
  MediasoupClient client;
  Deferred<> ended;
  const Connection end = client.events().on<event::SourceEnded>(
      [&ended](const event::SourceEnded&) { ended.resolve(); });
  const Connection lost =
      client.events().on<event::Disconnected>([&ended](const event::Disconnected& event) {
        ended.reject(std::make_exception_ptr(event.reason));
      });
  PeerInfo me("publisher", path);
  ProduceConfig produce = ProduceConfig::file(path);
  // Returns when the server has the file's producers.
  co_await client.joinRoom(std::move(address), std::move(me), std::move(produce),
                           ConsumeConfig::none());
  say("sending", path);
  try {
    co_await ended.wait();
    say("sent", path);
  } catch (const Cancelled&) {  // Ctrl-C
  }
  co_await shielded(client.close());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    std::fprintf(stderr, "usage: %s URL ROOM FILE [CA.pem]\n", argv[0]);
    return 2;
  }
  RoomAddress address(argv[1], argv[2]);
  if (argc == 5) address.caFile = argv[4];
  return runMain(publish(std::move(address), argv[3]));
}
