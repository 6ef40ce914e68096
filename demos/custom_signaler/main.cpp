// Joins a room of a server that does not speak protoo: all that is needed is a Signaler of one's
// own. Sends a test picture and tone, and tells what it receives, until Ctrl-C.
//
//   test/server/run.sh --insecure-ws --json-rpc-port 4444
//   custom_signaler tcp://127.0.0.1:4444 ROOM
#include <cstdio>

#include "cosoup/cosoup.hpp"
#include "json_rpc_signaler.hpp"

using namespace cosoup;

namespace {

void say(const char* what, const std::string& whom) {
  std::printf("%s %s\n", what, whom.c_str());
  std::fflush(stdout);
}

Task<> call(RoomAddress address) {
  MediasoupClient client(std::make_unique<JsonRpcSignaler>());
  const Connection consuming = client.events().on<event::Consuming>(
      [](const event::Consuming& begun) { say("receiving", begun.peer->displayName()); });
  PeerInfo me("custom", "A client with a signaler of its own");
  ProduceConfig produce = ProduceConfig::test();
  ConsumeConfig consume = ConsumeConfig::discard();
  co_await client.joinRoom(std::move(address), std::move(me), std::move(produce),
                           std::move(consume));
  say("joined", client.room()->id());
  try {
    co_await client.untilLeft();
  } catch (const Cancelled&) {  // Ctrl-C
  }
  co_await shielded(client.close());
  say("left", client.room()->id());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s tcp://HOST:PORT ROOM\n", argv[0]);
    return 2;
  }
  return runMain(call(RoomAddress(argv[1], argv[2])));
}
