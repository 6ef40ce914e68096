// What was switched off in one session is off in the next one, as the server counts it.
#include <algorithm>
#include <atomic>

#include "integration/returner.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

/// Counts frames, on streaming threads.
class FrameCount final : public FrameReceiver {
 public:
  void onFrame(const Frame&) override { ++frames_; }
  int frames() const { return frames_; }

 private:
  std::atomic<int> frames_ = 0;
};

/// One who comes back, and how many frames of each consumer there have been.
class Watcher : public Returner {
 public:
  using Returner::Returner;

  /// From now on.
  void count() {
    counting_ = client.events().on<event::Consuming>([this](const event::Consuming& begun) {
      counts_[begun.consumer] = std::make_shared<FrameCount>();
      begun.consumer->track()->addReceiver(counts_[begun.consumer]);
    });
  }
  int frames(const std::shared_ptr<Consumer>& consumer) const {
    return counts_.at(consumer)->frames();
  }
  std::shared_ptr<Consumer> consumer(MediaKind kind) const {
    const auto found = std::find_if(consumers.begin(), consumers.end(), [&](const auto& each) {
      return !each->isClosed() && each->kind() == kind;
    });
    return found == consumers.end() ? nullptr : *found;
  }
  std::shared_ptr<Producer> producer(MediaKind kind) const {
    const auto found = std::find_if(producers.begin(), producers.end(), [&](const auto& each) {
      return !each->isClosed() && each->kind() == kind;
    });
    return found == producers.end() ? nullptr : *found;
  }
  Task<Json> atServer(std::string list, std::string id) {
    const Json peer = co_await asServerSees();
    if (peer.isNull()) co_return Json();
    for (const Json& item : peer.list(list.c_str())) {
      if (item.get<std::string>("id") == id) co_return item;
    }
    co_return Json();
  }

 private:
  std::map<std::shared_ptr<Consumer>, std::shared_ptr<FrameCount>> counts_;
  Connection counting_;
};

std::int64_t packetsOf(const Json& item) {
  return item.get<Json>("stats").get<std::int64_t>("packetCount");
}

Task<bool> isPaused(Watcher& who, std::string list, std::string id) {
  const Json item = co_await who.atServer(std::move(list), std::move(id));
  co_return !item.isNull() && item.get<bool>("paused");
}

Task<bool> sendsMore(Watcher& who, std::string producerId, std::int64_t than) {
  const Json item = co_await who.atServer("producers", std::move(producerId));
  co_return !item.isNull() && packetsOf(item) > than;
}

Task<bool> hasConsumer(Watcher& who, MediaKind kind) { co_return who.consumer(kind) != nullptr; }

Task<> drop(Watcher& who) {
  who.producers.clear();
  co_await who.server.post("/test/rooms/" + who.room + "/peers/" + who.id + "/drop",
                           Json::object());
}

/// The microphone is muted and the camera closed; other media flows, so that what must not flow has
/// had the time to.
Task<> sendsNothingOfWhatIsOff() {
  Watcher ada(sharedServer(), freshRoom(), "ada");
  Watcher bob(sharedServer(), ada.room, "bob");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await bob.receives(2);
  const auto microphone = ada.producer(MediaKind::audio);
  co_await ada.client.pauseProducer(microphone);
  co_await ada.client.closeProducer(ada.producer(MediaKind::video));
  bob.consumers.clear();
  for (int cut = 1; cut <= 2; ++cut) {
    co_await drop(ada);
    co_await ada.isBack(cut);
    co_await ada.receives(2);
    CHECK(ada.producer(MediaKind::video) == nullptr);
    const auto audio = ada.producer(MediaKind::audio);
    REQUIRE(audio);
    CHECK(audio->isPaused());
    CHECK(audio->counters().packets == 0);
    const Json seen = co_await ada.asServerSees();
    CHECK(seen.list("producers").size() == 1);
    const std::string audioId = audio->id();
    co_await eventually("the server has it paused",
                        [&] { return isPaused(ada, "producers", audioId); });
    const Json atServer = co_await ada.atServer("producers", audioId);
    CHECK(packetsOf(atServer) == 0);
    co_await eventually("bob consumes it", [&] { return hasConsumer(bob, MediaKind::audio); });
    CHECK(bob.consumer(MediaKind::audio)->counters().packets == 0);
    CHECK_FALSE(bob.consumer(MediaKind::video));
  }
  co_await ada.client.resumeProducer(microphone);  // its successor is meant
  const std::string id = ada.producer(MediaKind::audio)->id();
  co_await eventually("it flows again", [&] { return sendsMore(ada, id, 10); });
  co_await bob.receives(1);
  CHECK(ada.failures == std::vector<std::string>());
  co_await leaveAll(ada, bob);
}

Task<> keepsTheConsumerPaused(Watcher& ada, Watcher& bob) {
  const auto video = ada.consumer(MediaKind::video);
  REQUIRE(video);
  CHECK(video->isPaused());
  const std::string id = video->id();
  co_await eventually("the server has it paused", [&] { return isPaused(ada, "consumers", id); });
  const Json before = co_await ada.atServer("consumers", id);
  co_await ada.receives(1);  // the sound
  co_await bob.isHeardAndSeen();
  const Json after = co_await ada.atServer("consumers", id);
  CHECK(packetsOf(after) == packetsOf(before));
  CHECK(after.get<int>("priority") == 7);
  CHECK(ada.frames(video) == 0);
}

/// `dies`: the server forgets everything, and everybody's ids are others afterwards.
Task<> receivesNothingOfWhatIsPaused(bool dies) {
  RoomServer server;
  Watcher ada(server, freshRoom(), "ada");
  Watcher bob(server, ada.room, "bob");
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await ada.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await ada.receives(2);
  const auto first = ada.consumer(MediaKind::video);
  co_await ada.client.pauseConsumer(first);
  co_await ada.client.setPriority(first, 7);
  ada.count();
  if (dies) {
    server.kill();
    co_await ada.hasTriedInVain(1);
    server.restart();
    co_await bob.isBack(1);
  } else {
    co_await drop(ada);
  }
  co_await ada.isBack(1);
  co_await eventually("ada has the picture", [&] { return hasConsumer(ada, MediaKind::video); });
  co_await eventually("ada has the sound", [&] { return hasConsumer(ada, MediaKind::audio); });
  co_await keepsTheConsumerPaused(ada, bob);
  const auto video = ada.consumer(MediaKind::video);
  co_await ada.client.resumeConsumer(first);  // its successor is meant
  co_await ada.receives(2);
  co_await ada.receives(2, 100ms);
  CHECK(ada.frames(video) > 0);
  CHECK(ada.failures == std::vector<std::string>());
  co_await leaveAll(ada, bob);
}

}  // namespace

TEST_CASE("nothing of a muted microphone and a closed camera is sent after a reconnection",
          "[dialect]") {
  runTest(sendsNothingOfWhatIsOff(), 120s);
}

TEST_CASE("a paused consumer gives nothing after a reconnection, until it is resumed",
          "[dialect]") {
  runTest(receivesNothingOfWhatIsPaused(false), 120s);
}

TEST_CASE("a paused consumer gives nothing when the server has died and come back", "[dialect]") {
  runTest(receivesNothingOfWhatIsPaused(true), 120s);
}
