// What was recorded at a real server of 2025, message by message, and what the client makes of it.
// Ids and lists are shortened; the media goes nowhere.
#include "cosoup/cosoup.hpp"
#include "cosoup/testing/fake_handler.hpp"
#include "cosoup/testing/fake_parameters.hpp"
#include "support/catch.hpp"
#include "support/fake_server.hpp"
#include "support/run_test.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

const char* const kIceParameters =
    R"({"usernameFragment":"ufrag","password":"apasswordofsomelength01","iceLite":true})";

/// The answer to createWebRtcTransport.
std::string transport(const std::string& id) {
  return R"({"transportId":")" + id + R"(","iceParameters":)" + kIceParameters + R"(,
    "iceCandidates":[
      {"foundation":"udpcandidate","priority":1076302079,"ip":"127.0.0.1","address":"127.0.0.1",
       "protocol":"udp","port":45444,"type":"host"},
      {"foundation":"tcpcandidate","priority":1076276479,"ip":"127.0.0.1","address":"127.0.0.1",
       "protocol":"tcp","port":45444,"type":"host","tcpType":"passive"}],
    "dtlsParameters":{"fingerprints":[{"algorithm":"sha-256","value":
      "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"
      }],"role":"auto"},
    "sctpParameters":{"port":5000,"maxSendMessageSize":262144,"maxReceiveMessageSize":262144,
      "sendBufferSize":2000000,"perStreamSendQueueLimit":2000000,
      "maxReceiverWindowBufferSize":5242880,"isDataChannel":true,
      "OS":65535,"MIS":65535,"maxMessageSize":262144}})";
}

const char* const kBot = R"({"transportId":"t2","dataConsumerId":"dc0","dataProducerId":"dp0",
  "sctpStreamParameters":{"streamId":0,"ordered":true},"label":"bot","protocol":"",
  "appData":{"channel":"bot"}})";

/// A client, and the server that plays the recording.
struct Played {
  Played(std::string id, std::string name) : me(std::move(id), std::move(name)) {
    client.device = handler.deviceOptions();
    client.reconnect.enabled = false;
    watching = client.events().onAll([this](const RoomEvent& event) { events.push_back(event); });
  }

  /// The next message of that method; connecting the transports goes on beside all else.
  Task<Json> next(std::string method) {
    while (true) {
      Json message = co_await server->message();
      const auto said = message.getOr<std::string>("method", "an answer");
      if (said == method) co_return message;
      if (said == "connectWebRtcTransport") {
        connected.push_back(message.get<Json>("data").get<std::string>("transportId"));
        server->accept(message);
        continue;
      }
      throw std::logic_error("expected " + method + ", not " + message.text());
    }
  }
  Task<Json> dataOf(std::string method) {
    const Json message = co_await next(std::move(method));
    co_return message.getOr<Json>("data", Json());
  }
  Task<> answers(std::string method, std::string data) {
    const Json request = co_await next(std::move(method));
    CHECK(request.getOr<bool>("request", false));
    server->accept(request, Json::parse(data));
  }
  /// A change of ours, which is a notification with this data.
  Task<> hears(std::string method, std::string data) {
    const Json message = co_await next(std::move(method));
    CHECK(message.getOr<bool>("notification", false));
    CHECK(message.getOr<Json>("data", Json()).text() == data);
  }
  /// A request of the server's, which we accept.
  Task<> offers(int id, std::string method, std::string data) {
    server->send(R"({"request":true,"id":)" + std::to_string(id) + R"(,"method":")" + method +
                 R"(","data":)" + data + "}");
    const Json answer = co_await next("an answer");
    CHECK(answer.get<int>("id") == id);
    CHECK(answer.get<bool>("ok"));
  }
  void tells(const std::string& method, const char* data) {
    server->notify(method, Json::parse(data));
  }

  /// Sends a tone and receives everything.
  Task<> enters() {
    try {
      co_await client.joinRoom(fake.address(), me,
                               ProduceConfig::test(TestSourceOptions(true, false)),
                               ConsumeConfig::discard());
    } catch (const Error& error) {
      FAIL_CHECK(error.what());
      throw;
    }
  }

  /// From the opening of the connection to the answer of join.
  Task<> letsIn(std::string peers) {
    server = co_await fake.peer();
    tells("mediasoupVersion", R"({"version":"3.27.1"})");
    Json router = Json::object();
    router.set("routerRtpCapabilities", toJson(testing::fakeRouterRtpCapabilities()));
    co_await answers("getRouterRtpCapabilities", router.text());
    for (const auto& [direction, id] : {std::pair("producer", "t1"), std::pair("consumer", "t2")}) {
      const Json creation = co_await next("createWebRtcTransport");
      const Json data = creation.get<Json>("data");
      CHECK_FALSE(data.get<bool>("forceTcp"));
      CHECK(data.get<Json>("appData").text() ==
            std::string(R"({"direction":")") + direction + "\"}");
      CHECK(data.get<Json>("sctpCapabilities").text() ==
            R"({"numStreams":{"OS":1024,"MIS":1024}})");
      server->accept(creation, Json::parse(transport(id)));
    }
    const Json join = co_await next("join");
    const Json data = join.get<Json>("data");
    CHECK(data.get<std::string>("displayName") == me.displayName);
    CHECK(data.get<Json>("device").keys() == std::vector<std::string>{"flag", "name", "version"});
    CHECK(data.has("rtpCapabilities"));
    CHECK(data.has("sctpCapabilities"));
    server->accept(join, Json::parse(R"({"peers":)" + peers + "}"));
  }

  /// The last event of that type, once the client has read all that was sent so far.
  template <class Event>
  Task<Event> told() {
    Running<Json> marker(client.getServerStats(client.recvTransport()));
    co_await answers("getTransportStats", R"({"stats":[]})");
    co_await marker.result();
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      if (auto* wanted = std::get_if<Event>(&*event)) co_return *wanted;
    }
    throw std::logic_error("no such event was told");
  }

  FakeServer fake;
  testing::FakeHandler handler;
  PeerInfo me;
  MediasoupClient client;
  std::shared_ptr<FakePeer> server;
  std::vector<RoomEvent> events;
  std::vector<std::string> connected;
  Connection watching;
};

std::vector<std::string> idsOf(const Room& room) {
  std::vector<std::string> ids;
  for (const auto& peer : room.peers()) ids.push_back(peer->id());
  return ids;
}

using Ids = std::vector<std::string>;

// ---- alice: she is the first, and sends --------------------------------------------------------

Task<std::shared_ptr<Producer>> produces(Played& alice) {
  Running<void> joining(alice.enters());
  co_await alice.letsIn("[]");
  const Json produced = co_await alice.next("produce");
  const Json data = produced.get<Json>("data");
  CHECK(data.get<std::string>("transportId") == "t1");
  CHECK(data.get<std::string>("kind") == "audio");
  CHECK(data.get<Json>("appData").text() == R"({"source":"audio"})");
  alice.server->accept(produced, Json::parse(R"({"producerId":"p1"})"));
  co_await joining.result();
  const auto joined = co_await alice.told<event::Joined>();
  CHECK(idsOf(*joined.room).empty());
  const auto told = co_await alice.told<event::Produced>();
  CHECK(told.producer->id() == "p1");
  co_return told.producer;
}

Task<> hearsOfOthers(Played& alice) {
  co_await alice.offers(1, "newDataConsumer", kBot);
  const auto bot = co_await alice.told<event::DataConsuming>();
  CHECK_FALSE(bot.peer);
  CHECK(bot.dataConsumer->id() == "dc0");
  CHECK(alice.client.room()->botDataConsumers().size() == 1);

  alice.tells("activeSpeaker", R"({"peerId":"alice"})");
  const auto speaker = co_await alice.told<event::ActiveSpeaker>();
  CHECK(speaker.isMe);
  CHECK_FALSE(speaker.volume);

  alice.tells("newPeer", R"({"peer":{"peerId":"bob","displayName":"Bob","device":{"flag":"unknown",
    "name":"node","version":"1"},"remoteAddress":"127.0.0.1"}})");
  const auto bob = co_await alice.told<event::NewPeer>();
  CHECK(bob.peer->displayName() == "Bob");
  CHECK(bob.peer->remoteAddress() == "127.0.0.1");
}

Task<> tellsTheServer(Played& alice, std::shared_ptr<Producer> producer) {
  co_await alice.client.pauseProducer(producer);
  co_await alice.hears("pauseProducer", R"({"producerId":"p1"})");
  co_await alice.client.changeDisplayName("Alice 2");
  co_await alice.hears("changeDisplayName", R"({"displayName":"Alice 2"})");
  co_await alice.client.closeProducer(producer);
  co_await alice.hears("closeProducer", R"({"producerId":"p1"})");
}

Task<> seesOthersLeave(Played& alice) {
  alice.tells("peerClosed", R"({"peerId":"bob"})");
  alice.tells("consumerClosed", R"({"consumerId":"c2"})");  // of his, which we never had
  const auto left = co_await alice.told<event::PeerClosed>();
  CHECK(left.peer->id() == "bob");
  CHECK(idsOf(*alice.client.room()).empty());
}

Task<> hearsWhoSpeaks(Played& alice) {
  alice.tells("newPeer",
              R"({"peer":{"peerId":"bc","displayName":"Caster","device":{"name":"x"}}})");
  alice.tells("speakingPeers", R"({"peerVolumes":[{"peerId":"bc","volume":-18}]})");
  const auto speaking = co_await alice.told<event::SpeakingPeers>();
  REQUIRE(speaking.speakers.size() == 1);
  CHECK(speaking.speakers[0].peer->id() == "bc");
  CHECK(speaking.speakers[0].volume == -18.0);
  alice.tells("speakingPeers", R"({"peerVolumes":[]})");
  alice.tells("activeSpeaker", "{}");
  const auto nobody = co_await alice.told<event::ActiveSpeaker>();
  CHECK_FALSE(nobody.peer);
  CHECK_FALSE(nobody.isMe);
  const auto silence = co_await alice.told<event::SpeakingPeers>();
  CHECK(silence.speakers.empty());
}

Task<> playAlice() {
  Played alice("alice", "Alice");
  const std::shared_ptr<Producer> producer = co_await produces(alice);
  co_await hearsOfOthers(alice);
  co_await tellsTheServer(alice, producer);
  co_await seesOthersLeave(alice);
  co_await hearsWhoSpeaks(alice);
  co_await alice.client.close();
}

Task<> chatsAsRecorded() {
  Played alice("alice", "Alice");
  Running<void> joining(alice.enters());
  co_await alice.letsIn("[]");
  co_await alice.answers("produce", R"({"producerId":"p1"})");
  co_await joining.result();
  alice.handler.connections().at(0)->openDataChannels();
  Running<void> saying(alice.client.sendChat("hello"));
  const Json request = co_await alice.next("produceData");
  CHECK(request.get<Json>("data").text() ==
        R"({"transportId":"t1","sctpStreamParameters":{"streamId":0,"ordered":true},)"
        R"("label":"chat","protocol":"","appData":{"channel":"chat"}})");
  alice.server->accept(request, Json::parse(R"({"dataProducerId":"dp1"})"));
  std::vector<DataMessage> sent;
  while (sent.empty()) {
    co_await sleepFor(std::chrono::milliseconds(1));
    sent = alice.handler.connections().at(0)->takeMessages(0);
  }
  CHECK(sent.at(0).text() == "hello");
  co_await saying.result();
  co_await alice.client.close();
}

// ---- bob: alice is there already ---------------------------------------------------------------

const char* const kAlice = R"([{"peerId":"alice","displayName":"Alice","device":{"flag":"unknown",
  "name":"node","version":"1"},"remoteAddress":"127.0.0.1"}])";

const char* const kAudio = R"({"peerId":"alice","transportId":"t2","consumerId":"c1",
  "producerId":"p1","kind":"audio","rtpParameters":{"codecs":[{"mimeType":"audio/opus",
  "payloadType":100,"clockRate":48000,"channels":2,"parameters":{},"rtcpFeedback":[]}],
  "headerExtensions":[],"encodings":[{"ssrc":866589161}],"rtcp":{"cname":"c","reducedSize":true},
  "mid":"0"},"type":"simple","producerPaused":false,"consumerScore":{"score":10,"producerScore":0,
  "producerScores":[0]},"appData":{"peerId":"alice","source":"audio"}})";

const char* const kChat = R"({"peerId":"alice","transportId":"t2","dataConsumerId":"dc1",
  "dataProducerId":"dp1","sctpStreamParameters":{"streamId":0,"ordered":false,"maxRetransmits":1},
  "label":"chat","protocol":"","appData":{"peerId":"alice","channel":"chat"}})";

const char* const kBotBeside = R"({"transportId":"t2","dataConsumerId":"dc0","dataProducerId":"dp0",
  "sctpStreamParameters":{"streamId":1,"ordered":true},"label":"bot","protocol":"",
  "appData":{"channel":"bot"}})";

Task<> checkWhatBobReceives(Played& bob) {
  co_await bob.offers(1, "newConsumer", kAudio);
  const auto consuming = co_await bob.told<event::Consuming>();
  CHECK(consuming.peer->id() == "alice");
  CHECK(consuming.consumer->id() == "c1");
  CHECK(consuming.consumer->appData().get<std::string>("source") == "audio");
  const auto score = co_await bob.told<event::ConsumerScore>();
  CHECK(score.score.score == 10);
  co_await bob.offers(2, "newDataConsumer", kChat);
  const auto chat = co_await bob.told<event::DataConsuming>();
  CHECK(chat.peer->id() == "alice");
  co_await bob.offers(3, "newDataConsumer", kBotBeside);

  bob.handler.connections().back()->openDataChannels();
  bob.handler.connections().back()->receiveMessage(1, DataMessage::text("Welcome Bob! ☺️"));
  const auto greeting = co_await bob.told<event::Message>();
  CHECK_FALSE(greeting.peer);
  CHECK(greeting.message.text() == "Welcome Bob! ☺️");

  bob.tells("consumerPaused", R"({"consumerId":"c1"})");
  co_await bob.told<event::ConsumerPaused>();
  CHECK(consuming.consumer->isPaused());
  bob.tells("peerDisplayNameChanged",
            R"({"peerId":"alice","displayName":"Alice 2","oldDisplayName":"Alice"})");
  const auto renamed = co_await bob.told<event::PeerDisplayNameChanged>();
  CHECK(renamed.oldDisplayName == "Alice");
  CHECK(renamed.peer->displayName() == "Alice 2");
  bob.tells("consumerClosed", R"({"consumerId":"c1"})");
  co_await bob.told<event::ConsumerClosed>();
  CHECK(consuming.consumer->isClosed());
}

Task<> playBob() {
  Played bob("bob", "Bob");
  Running<void> joining(bob.enters());
  co_await bob.letsIn(kAlice);
  co_await bob.answers("produce", R"({"producerId":"p2"})");
  co_await joining.result();
  CHECK(idsOf(*bob.client.room()) == Ids{"alice"});
  co_await checkWhatBobReceives(bob);

  const auto produced = co_await bob.told<event::Produced>();
  Running<Json> stats(bob.client.getServerStats(produced.producer));
  const Json question = co_await bob.next("getProducerStats");
  CHECK(question.get<Json>("data").text() == R"({"producerId":"p2"})");
  bob.server->accept(question, Json::parse(R"({"stats":[]})"));
  const Json none = co_await stats.result();
  CHECK(none.text() == "[]");

  Running<std::string> refused(errorOf(bob.client.applyNetworkThrottle(NetworkThrottle("s"))));
  const Json request = co_await bob.next("applyNetworkThrottle");
  bob.server->send(R"({"response":true,"id":)" + std::to_string(request.get<int>("id")) +
                   R"(,"errorCode":500,"errorReason":"unknown request method 'x'"})");
  const std::string error = co_await refused.result();
  CHECK(error == "applyNetworkThrottle: rejected by the server: unknown request method 'x' (500)");
  CHECK(bob.connected.size() == 2);
  co_await bob.client.close();
}

}  // namespace

TEST_CASE("2025: the recording of a peer that is the first and sends") { runTest(playAlice()); }

TEST_CASE("2025: the recording of a chat's beginning") { runTest(chatsAsRecorded()); }

TEST_CASE("2025: the recording of a peer that comes later and receives") { runTest(playBob()); }
