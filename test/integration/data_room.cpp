// Chat, the bot and other messages between the members of a room.
#include <algorithm>

#include "integration/talker.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

Task<bool> hasConsumers(Talker& talker, std::size_t count) {
  co_return talker.consumers.size() == count&& areOpen(talker.consumers);
}

Task<bool> hearsDataOf(MediasoupClient& client, std::string peerId) {
  const std::shared_ptr<Peer> peer = client.room()->peer(peerId);
  co_return peer && !peer->dataConsumers().empty() && areOpen(peer->dataConsumers());
}

Task<bool> hasCome(Talker& speaker, std::string dataProducerId) {
  co_return co_await speaker.countAtServer(std::move(dataProducerId)) == 1;
}

/// Makes the chat channel. The server may get its first message before it has told the others of
/// the channel; that one is lost then.
Task<> openChat(Talker& speaker, Talker& listener) {
  const std::size_t before = listener.consumers.size();
  const std::size_t heard = listener.heard.size();
  co_await speaker.client.sendChat("is anybody there?");
  co_await eventually("the chat is consumed", [&] { return hasConsumers(listener, before + 1); });
  const auto chat = listener.consumers.back();
  co_await eventually("the server has it",
                      [&] { return hasCome(speaker, chat->dataProducerId()); });
  const Json stats = co_await listener.client.getServerStats(chat);
  co_await listener.hears(heard + stats.items().at(0).get<unsigned>("messagesSent"));
}

Task<> chats() {
  const std::string room = freshRoom();
  Talker ada(room, "ada");
  Talker bob(room, "bob");
  co_await ada.join();
  co_await bob.join();
  co_await eventually("bob hears the bot", [&] { return hasConsumers(bob, 1); });
  co_await eventually("ada hears the bot", [&] { return hasConsumers(ada, 1); });
  co_await openChat(ada, bob);
  co_await openChat(bob, ada);
  ada.heard.clear();
  bob.heard.clear();
  co_await ada.client.sendChat("hello Bob");
  co_await bob.hears(1);
  co_await bob.client.sendChat("ä, ö, ü, €, 😀");
  co_await ada.hears(1);
  CHECK(bob.heard[0].message.text() == "hello Bob");
  CHECK(bob.heard[0].message.isText());
  CHECK(bob.heard[0].peer->id() == "ada");
  CHECK(bob.heard[0].dataConsumer->label() == "chat");
  CHECK(ada.heard[0].message.text() == "ä, ö, ü, €, 😀");
  const auto roster = bob.client.room();
  CHECK(roster->peer("ada")->dataConsumers().size() == 1);
  CHECK(roster->peerOfDataConsumer(bob.heard[0].dataConsumer->id()) == bob.heard[0].peer);
  CHECK(roster->botDataConsumers().size() == 1);
  co_await leaveAll(ada, bob);
}

Task<> talksToTheBot() {
  const std::string room = freshRoom();
  Talker ada(room, "ada");
  Talker bob(room, "bob");
  co_await ada.join();
  co_await bob.join();
  co_await eventually("bob hears the bot", [&] { return hasConsumers(bob, 1); });
  co_await eventually("ada hears the bot", [&] { return hasConsumers(ada, 1); });
  co_await ada.client.sendToBot("are you there?");
  co_await ada.hears(1);
  co_await bob.hears(1);
  const std::string answer =
      speaks2024() ? "peer ada said me: \"are you there?\"" : "peer ada told me: 'are you there?'";
  for (const Talker* talker : {&ada, &bob}) {
    CHECK(talker->heard[0].message.text() == answer);
    CHECK(talker->heard[0].peer == nullptr);
    CHECK(talker->heard[0].dataConsumer->label() == "bot");
  }
  const Json stats = co_await ada.client.getServerStats(ada.heard[0].dataConsumer);
  CHECK(stats.items().at(0).get<int>("messagesSent") >= 1);  // in 2025 a greeting came first
  co_await leaveAll(ada, bob);
}

Task<> comesLate() {
  const std::string room = freshRoom();
  Talker ada(room, "ada");
  co_await ada.join();
  co_await ada.client.sendChat("nobody is here yet");
  DataProduceOptions options("drawing", "shapes");
  // In 2025 only what is on the channel of the chat reaches others.
  options.appData = Json::object({{"color", "red"}, {"channel", "chat"}});
  const auto producer = co_await ada.client.produceData(std::move(options));
  Talker bob(room, "bob");
  co_await bob.join();
  co_await eventually("bob has all three", [&] { return hasConsumers(bob, 3); });
  co_await ada.client.sendChat("now he is");
  co_await bob.hears(1);
  CHECK(bob.heard[0].message.text() == "now he is");
  producer->send("a circle");
  co_await bob.hears(2);
  const auto drawing = bob.heard[1].dataConsumer;
  CHECK(drawing->label() == "drawing");
  CHECK(drawing->protocol() == "shapes");
  CHECK(drawing->appData().get<std::string>("channel") == "chat");
  // A server of 2025 keeps nothing else.
  CHECK(drawing->appData().getOr<std::string>("color", "") == (speaks2024() ? "red" : ""));
  CHECK(drawing->dataProducerId() == producer->id());
  const Json stats = co_await ada.client.getServerStats(producer);
  CHECK(stats.items().at(0).get<int>("messagesReceived") == 1);

  co_await sharedServer().post("/test/dataProducers/" + producer->id() + "/close", Json::object());
  co_await eventually("bob hears of its end", [&] { return hasConsumers(bob, 2); });
  CHECK(drawing->isClosed());
  CHECK(bob.client.room()->dataConsumer(drawing->id()) == nullptr);
  co_await ada.leave();
  co_await eventually("only the bot is left", [&] { return hasConsumers(bob, 1); });
  co_await bob.leave();
}

/// Takes nothing but what is labelled "chat".
class ChatOnly : public DataConsumerRequestListener {
 public:
  Task<bool> onNewDataConsumer(NewDataConsumer offer, std::shared_ptr<Peer> peer) override {
    asked.push_back(offer.label + " of " + (peer ? peer->id() : "the bot"));
    co_return offer.label == "chat";
  }
  std::vector<std::string> asked;
};

/// Writes down what it hears.
class Minutes : public DataConsumerNotificationListener {
 public:
  Task<> onMessage(event::Message received) override {
    lines.push_back(received.message.text());
    co_return;
  }
  Task<> onDataConsumerClosed(event::DataConsumerClosed closed) override {
    lines.push_back(closed.dataConsumer->label() + " closed");
    co_return;
  }
  std::vector<std::string> lines;
};

Task<bool> hasLines(std::shared_ptr<Minutes> minutes, std::size_t count) {
  co_return minutes->lines.size() == count;
}

Task<bool> wasAsked(std::shared_ptr<ChatOnly> listener, std::size_t count) {
  co_return listener->asked.size() == count;
}

Task<> asksItsListener() {
  const std::string room = freshRoom();
  Talker ada(room, "ada");
  co_await ada.join();
  const auto chatOnly = std::make_shared<ChatOnly>();
  const auto minutes = std::make_shared<Minutes>();
  Listeners listeners;
  listeners.dataConsumerRequests = chatOnly;
  listeners.dataConsumers = minutes;
  MediasoupClient bob(listeners);
  RoomAddress address = sharedServer().address(room);
  address.insecure = true;
  PeerInfo me("bob", "Bob");
  ConsumeConfig consume = ConsumeConfig::dataOnly();
  co_await ada.client.sendChat("before bob comes");
  co_await bob.joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                        std::move(consume));
  co_await eventually("bob was asked", [&] { return wasAsked(chatOnly, 2); });
  co_await eventually("bob consumes the chat", [&] { return hearsDataOf(bob, "ada"); });
  co_await eventually("ada hears the bot", [&] { return hasConsumers(ada, 1); });
  co_await ada.client.sendChat("first");
  co_await ada.client.sendToBot("what bob does not want to hear");
  co_await ada.hears(1);
  co_await ada.client.sendChat("second");
  co_await eventually("bob has two lines", [&] { return hasLines(minutes, 2); });
  co_await ada.leave();
  co_await eventually("bob has three lines", [&] { return hasLines(minutes, 3); });
  const std::vector<std::string> lines{"first", "second", "chat closed"};
  CHECK(minutes->lines == lines);
  std::sort(chatOnly->asked.begin(), chatOnly->asked.end());
  const std::vector<std::string> asked{"bot of the bot", "chat of ada"};
  CHECK(chatOnly->asked == asked);
  co_await bob.close();
}

Task<> refusesAllData() {
  const std::string room = freshRoom();
  Talker ada(room, "ada");
  Member bob(sharedServer(), room, "bob");
  co_await ada.join();
  ConsumeConfig consume = ConsumeConfig::discard();
  consume.data = false;
  co_await bob.join(ProduceConfig::test(), std::move(consume));
  co_await ada.client.sendChat("can you hear me?");
  co_await bob.isHeardAndSeen();
  const Json seen = co_await bob.asServerSees();
  CHECK(seen.list("dataConsumers").empty());
  CHECK(bob.failures.empty());
  co_await leaveAll(ada, bob);
}

Task<bool> isAtLeast(int count, int wanted) { co_return count >= wanted; }

Task<> sendsMediaAndData() {
  constexpr int most = 3;  // on the way at once: what exceeds its 256 KiB the server drops
  const std::string room = freshRoom();
  Member ada(sharedServer(), room, "ada");
  Member bob(sharedServer(), room, "bob");
  int heard = 0;
  const Connection connection =
      bob.client.events().on<event::Message>([&](const event::Message& told) {
        if (told.message.size() == 60'000) ++heard;
      });
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  DataProduceOptions options("film");
  options.appData = Json::object({{"channel", "chat"}});
  const auto film = co_await ada.client.produceData(std::move(options));
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await eventually("bob consumes the film", [&] { return hearsDataOf(bob.client, "ada"); });
  for (int sent = 0; sent < 20; ++sent) {
    co_await eventually("there is room", [&] { return isAtLeast(heard, sent + 1 - most); });
    film->send(std::string(60'000, 'x'));
  }
  co_await ada.receives(2);
  co_await bob.receives(2);
  co_await eventually("all of the film has come", [&] { return isAtLeast(heard, 20); });
  CHECK(ada.failures.empty());
  CHECK(bob.failures.empty());
  co_await leaveAll(ada, bob);
}

Task<> meetsAServerWithoutSctp() {
  RoomServer server({"--insecure-ws", "--no-sctp"});
  Talker ada(freshRoom(), "ada", server);
  co_await ada.join();
  const Error error = co_await thrownBy(ada.client.sendChat("hello?"));
  CHECK(error.code() == Error::Code::Unsupported);
  CHECK(std::string(error.what()) == "produceData: the server has no SCTP on this transport");
  CHECK(ada.consumers.empty());
  co_await ada.leave();
}

Task<> isNotInARoom() {
  Talker ada;
  const Error error = co_await thrownBy(ada.client.sendChat("hello?"));
  CHECK(error.code() == Error::Code::InvalidState);
  CHECK(std::string(error.what()) == "sendChat: not in a room");
  co_await ada.leave();
}

}  // namespace

TEST_CASE("members chat", "[dialect]") { runTest(chats(), 60s); }

TEST_CASE("the bot answers everybody", "[dialect]") { runTest(talksToTheBot(), 60s); }

TEST_CASE("who comes late gets the data producers that are there, and hears of their end",
          "[dialect]") {
  runTest(comesLate(), 60s);
}

TEST_CASE("a listener decides which data to take, another one hears it", "[dialect]") {
  runTest(asksItsListener(), 60s);
}

TEST_CASE("a client that wants no data is offered none", "[dialect]") {
  runTest(refusesAllData(), 60s);
}

TEST_CASE("media and large messages share a transport") { runTest(sendsMediaAndData(), 120s); }

TEST_CASE("without SCTP at the server there is no chat, and it is said") {
  runTest(meetsAServerWithoutSctp(), 60s);
}

TEST_CASE("outside a room there is nobody to chat with") { runTest(isNotInARoom(), 60s); }
