// A bot in a room's chat: greets whoever comes and answers questions, until Ctrl-C. It sends and
// receives neither audio nor video.
//
//   chat_bot wss://127.0.0.1:4443 ROOM [CA.pem]
#include <cstdio>

#include "cosoup/cosoup.hpp"

using namespace cosoup;

namespace {

/// What the bot has to say to that; nothing to what is no question.
std::string answerTo(const std::string& text, const Room& room) {
  if (text == "who is here?") {
    std::string names = "you";
    for (const auto& peer : room.peers()) names += ", " + peer->displayName();
    return names;
  }
  if (text.ends_with('?')) return "I know only: who is here?";
  return "";
}

/// Reads the events one after another, and may await what it does about each.
Task<> converse(MediasoupClient& client, Channel<RoomEvent> events) {
  while (const auto happened = co_await events.next()) {
    std::string reply;
    if (const auto* joined = std::get_if<event::NewPeer>(&*happened)) {
      reply = "hello " + joined->peer->displayName();
    }
    if (const auto* received = std::get_if<event::Message>(&*happened)) {
      // The server's own bot is no peer; two bots must not talk to each other for ever.
      const bool isChat = received->peer && received->dataConsumer->label() == "chat";
      if (isChat) reply = answerTo(received->message.text(), *client.room());
    }
    if (reply.empty()) continue;
    std::printf("said %s\n", cosoup::printable(reply).c_str());
    std::fflush(stdout);
    co_await client.sendChat(std::move(reply));
  }
}

Task<> chat(RoomAddress address) {
  MediasoupClient client;
  Scope scope;
  Channel<RoomEvent> events = client.events().channel();
  PeerInfo me("chat-bot", "Chat bot");
  std::exception_ptr end;
  try {
    co_await client.joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                             ConsumeConfig::dataOnly());
    std::printf("joined %s\n", client.room()->id().c_str());
    std::fflush(stdout);
    scope.spawn(converse(client, std::move(events)));
    co_await client.untilLeft();
  } catch (const Cancelled&) {  // Ctrl-C
  } catch (const Error&) {
    end = std::current_exception();
  }
  co_await shielded(client.close());
  co_await scope.close();
  if (end) std::rethrow_exception(end);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: %s URL ROOM [CA.pem]\n", argv[0]);
    return 2;
  }
  RoomAddress address(argv[1], argv[2]);
  if (argc == 4) address.caFile = argv[3];
  return runMain(chat(std::move(address)));
}
