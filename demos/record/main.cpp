// Joins a room and records everybody in it, each peer into a file of its own, until Ctrl-C.
//
//   record wss://127.0.0.1:4443 ROOM DIRECTORY [CA.pem]
#include <cstdio>

#include "cosoup/cosoup.hpp"

using namespace cosoup;

namespace {

void say(const char* what, const std::string& whom) {
  std::printf("%s %s\n", what, whom.c_str());
  std::fflush(stdout);
}

Task<> record(RoomAddress address, std::string directory) {
  MediasoupClient client;
  const Connection begun = client.events().on<event::Consuming>(
      [](const event::Consuming& event) { say("recording", event.peer->displayName()); });
  const Connection recorded = client.events().on<event::Recorded>(
      [](const event::Recorded& event) { say("recorded", event.recording.path); });
  PeerInfo me("recorder", "Recorder");
  ConsumeConfig consume = ConsumeConfig::record(std::move(directory));
  co_await client.joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                           std::move(consume));
  say("joined", client.room()->id());
  try {
    co_await client.untilLeft();
  } catch (const Cancelled&) {  // Ctrl-C
  }
  co_await shielded(client.close());  // now the files are final
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    std::fprintf(stderr, "usage: %s URL ROOM DIRECTORY [CA.pem]\n", argv[0]);
    return 2;
  }
  RoomAddress address(argv[1], argv[2]);
  if (argc == 5) address.caFile = argv[4];
  return runMain(record(std::move(address), argv[3]));
}
