// What a client knows and hears of the others in its room.
#include <gst/gst.h>

#include <algorithm>

#include "cosoup/gst/ref.hpp"
#include "integration/broadcaster.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

// ---- listeners ---------------------------------------------------------------------------------

/// Throws when it is asked about audio, and whenever it hears of a consumer.
class Furious : public ConsumerRequestListener, public ConsumerNotificationListener {
 public:
  Task<bool> onNewConsumer(NewConsumer offer, std::shared_ptr<Peer>) override {
    if (offer.kind == MediaKind::audio) throw std::runtime_error("no noise");
    co_return true;
  }
  Task<> onConsumerScore(event::ConsumerScore) override {
    throw std::out_of_range("a score");
    co_return;
  }
  Task<> onConsumerClosed(event::ConsumerClosed) override {
    closed.resolve();
    co_return;
  }
  Deferred<> closed;
};

Task<> survivesItsListeners() {
  const auto furious = std::make_shared<Furious>();
  Listeners listeners;
  listeners.consumerRequests = furious;
  listeners.consumers = furious;
  Member ada(sharedServer(), freshRoom(), "ada", std::make_unique<ProtooSignaler>(), listeners);
  Member bob(sharedServer(), ada.room, "bob");
  co_await ada.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await ada.receives(1);
  CHECK(ada.consumers.at(0)->kind() == MediaKind::video);
  co_await bob.leave();
  co_await furious->closed.wait();
  const auto failed = [&](const char* text) {
    return std::find(ada.failures.begin(), ada.failures.end(), text) != ada.failures.end();
  };
  CHECK(failed("no noise"));
  CHECK(failed("listener: a score"));
  co_await ada.leave();
}

/// Takes nothing of anybody.
struct Refusing : ConsumerRequestListener {
  Task<bool> onNewConsumer(NewConsumer offer, std::shared_ptr<Peer> peer) override {
    asked.push_back(peer->id() + " " + offer.producerId);
    if (asked.size() == 2) askedTwice.resolve();
    co_return false;
  }
  std::vector<std::string> asked;
  Deferred<> askedTwice;
};

/// The server's consumers of ours, all of them still paused.
Task<bool> consumesNothing(Member& member) {
  const Json seen = co_await member.asServerSees();
  const auto consumers = seen.list("consumers");
  co_return std::all_of(consumers.begin(), consumers.end(),
                        [](const Json& consumer) { return consumer.get<bool>("paused"); });
}

Task<> refusesConsumers() {
  const auto refusing = std::make_shared<Refusing>();
  Listeners listeners;
  listeners.consumerRequests = refusing;
  Member ada(sharedServer(), freshRoom(), "ada", std::make_unique<ProtooSignaler>(), listeners);
  Member bob(sharedServer(), ada.room, "bob");
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await ada.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await refusing->askedTwice.wait();
  CHECK(refusing->asked.at(0).starts_with("bob "));
  co_await bob.isHeardAndSeen();
  CHECK(ada.consumers.empty());
  const bool isAlone = co_await consumesNothing(ada);
  CHECK(isAlone);
  CHECK(ada.failures.empty());
  co_await leaveAll(ada, bob);
}

/// Never decides.
struct Pondering : ConsumerRequestListener {
  Task<bool> onNewConsumer(NewConsumer, std::shared_ptr<Peer>) override {
    asked.resolve();
    co_await never.wait();
    co_return true;
  }
  Deferred<> asked, never;
};

Task<> leavesAPonderingListener() {
  const auto pondering = std::make_shared<Pondering>();
  Listeners listeners;
  listeners.consumerRequests = pondering;
  Member ada(sharedServer(), freshRoom(), "ada", std::make_unique<ProtooSignaler>(), listeners);
  Member bob(sharedServer(), ada.room, "bob");
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await ada.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await pondering->asked.wait();
  co_await withTimeout(10s, ada.leave(), "leaving");
  co_await ada.isGone();
  co_await bob.leave();
}

/// What the server hears when it offers a consumer to whoever consumes nothing: at once a refusal.
Task<> answersWithoutConsuming() {
  Member ada(sharedServer(), freshRoom(), "ada");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  const Json parameters = toJson(ada.producers.at(0)->rtpParameters());
  Json request = Json::object({{"roomId", ada.room},
                               {"peerId", "ada"},
                               {"method", "newConsumer"},
                               {"data", Json::object({{"peerId", "bob"},
                                                      {"producerId", "p"},
                                                      {speaks2024() ? "id" : "consumerId", "c"},
                                                      {"kind", "video"},
                                                      {"rtpParameters", parameters},
                                                      {"type", "simple"}})}});
  const Json answer = co_await withTimeout(
      10s, sharedServer().post("/test/request", std::move(request)), "the answer");
  CHECK_FALSE(answer.get<bool>("ok"));
  CHECK(answer.get<int>("errorCode") == 403);
  co_await ada.leave();
}

// ---- the roster --------------------------------------------------------------------------------

/// What the signals of a room and of its peers told, as one text.
struct Diary {
  explicit Diary(const Room& room) {
    connections.push_back(room.peerJoined.connect([this](const std::shared_ptr<Peer>& peer) {
      text += "+" + peer->id() + " ";
      follow(peer);
    }));
    connections.push_back(room.peerLeft.connect(
        [this](const std::shared_ptr<Peer>& peer) { text += "-" + peer->id() + " "; }));
  }
  void follow(const std::shared_ptr<Peer>& peer) {
    connections.push_back(peer->renamed.connect([this, peer](const std::string& before) {
      text += before + ">" + peer->displayName() + " ";
    }));
    connections.push_back(
        peer->consumerAdded.connect([this](const std::shared_ptr<Consumer>& consumer) {
          text += std::string("+") + toString(consumer->kind()) + " ";
        }));
    connections.push_back(
        peer->consumerRemoved.connect([this](const std::shared_ptr<Consumer>& consumer) {
          text += std::string("-") + toString(consumer->kind()) + " ";
        }));
    connections.push_back(peer->left.connect([this] { text += "gone "; }));
  }
  Task<bool> has(std::string end) const { co_return text.ends_with(end); }

  std::string text;
  std::vector<Connection> connections;
};

Task<> keepsARoster() {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await ada.join(ProduceConfig::none(), ConsumeConfig::discard());
  const std::shared_ptr<const Room> room = ada.client.room();
  CHECK(room->me().id == "ada");
  CHECK(room->me().displayName == "peer ada");
  CHECK(room->peers().empty());
  Diary diary(*room);
  co_await bob.join(ProduceConfig::test(TestSourceOptions(true, false)), ConsumeConfig::none());
  co_await ada.receives(1);
  const std::shared_ptr<Peer> peer = room->peer("bob");
  REQUIRE(peer);
  CHECK(peer->displayName() == "peer bob");
  CHECK(peer->device().flag == "cosoup");
  REQUIRE(peer->consumers().size() == 1);
  const std::shared_ptr<Consumer> consumer = peer->consumers().front();
  CHECK(room->consumer(consumer->id()) == consumer);
  CHECK(room->peerOfConsumer(consumer->id()) == peer);
  CHECK(room->peerOfProducer(bob.producers.at(0)->id()) == peer);
  CHECK_FALSE(room->peer("nobody"));
  CHECK_FALSE(room->peerOfConsumer("nothing"));
  CHECK_FALSE(room->peerOfProducer("nothing"));
  co_await bob.client.changeDisplayName("Robert");
  co_await eventually("bob has a new name", [&] { return diary.has("peer bob>Robert "); });
  co_await bob.leave();
  co_await eventually("bob has left", [&] { return diary.has("gone -bob "); });
  CHECK(diary.text == "+bob +audio peer bob>Robert -audio gone -bob ");
  CHECK(peer->consumers().empty());
  co_await ada.leave();
}

// ---- broadcasters ------------------------------------------------------------------------------

Task<bool> isAlone(Member& member) { co_return member.client.room()->peers().empty(); }

Task<> receivesABroadcaster() {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await ada.join(ProduceConfig::none(), ConsumeConfig::discard());
  Broadcaster television(ada.room);
  co_await television.start();
  co_await ada.receives(2);
  // Bob comes later and finds it there.
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.receives(2);
  for (Member* member : {&ada, &bob}) {
    const std::shared_ptr<Peer> peer = member->client.room()->peer("tv");
    REQUIRE(peer);
    CHECK(peer->displayName() == "Television");
    CHECK(peer->device().flag == "broadcaster");
    CHECK(peer->device().name == "GStreamer");
    CHECK(peer->consumers().size() == 2);
    CHECK(member->client.room()->peerOfProducer(television.videoId) == peer);
    CHECK(member->failures.empty());
  }
  co_await television.stop();
  co_await bob.leave();
  co_await eventually("ada is alone", [&] { return isAlone(ada); });
  CHECK(ada.consumers.empty());
  co_await ada.leave();
}

/// The server cannot say who speaks when it is a broadcaster.
Task<> hearsOfAnUnknownSpeaker() {
  Member ada(sharedServer(), freshRoom(), "ada");
  co_await ada.join(ProduceConfig::none(), ConsumeConfig::discard());
  auto events = ada.client.events().channel();
  Json notice = Json::object({{"roomId", ada.room},
                              {"peerId", "ada"},
                              {"method", "activeSpeaker"},
                              {"data", Json::object({{"volume", -30}})}});
  co_await sharedServer().post("/test/notify", std::move(notice));
  while (const auto happened = co_await events.next()) {
    const auto* speaker = std::get_if<event::ActiveSpeaker>(&*happened);
    if (!speaker) continue;
    CHECK_FALSE(speaker->peer);
    CHECK_FALSE(speaker->isMe);
    CHECK(speaker->volume == -30);
    break;
  }
  co_await ada.leave();
}

}  // namespace

TEST_CASE("an exception in a listener refuses one consumer at most, and everything goes on") {
  runTest(survivesItsListeners(), 60s);
}

TEST_CASE("a listener that wants no consumer gets none, and the server stops offering",
          "[dialect]") {
  runTest(refusesConsumers(), 60s);
}

TEST_CASE("a listener that never decides about a consumer does not keep us in the room") {
  runTest(leavesAPonderingListener(), 60s);
}

TEST_CASE("a client that consumes nothing refuses consumers at once", "[dialect]") {
  runTest(answersWithoutConsuming(), 60s);
}

TEST_CASE("a room knows its peers by id, by consumer and by producer, and signals their changes",
          "[dialect]") {
  runTest(keepsARoster(), 60s);
}

TEST_CASE("a broadcaster is a peer whose audio and video are received", "[dialect]") {
  runTest(receivesABroadcaster(), 60s);
}

TEST_CASE("a speaker without an id is nobody that we know", "[dialect]") {
  runTest(hearsOfAnUnknownSpeaker(), 60s);
}
