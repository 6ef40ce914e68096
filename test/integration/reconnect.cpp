// Calls whose server dies and comes back.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "integration/forwarding_signaler.hpp"
#include "integration/member.hpp"
#include "integration/returner.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/memory.hpp"
#include "support/resources.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

int setting(const char* name, int otherwise) {
  const char* wanted = std::getenv(name);
  return wanted ? std::atoi(wanted) : otherwise;
}

/// How often the server dies, and for how long at least; for soak runs.
int deaths() { return setting("COSOUP_TEST_SERVER_DEATHS", 10); }
std::chrono::milliseconds outage() {
  return std::chrono::milliseconds(setting("COSOUP_TEST_SERVER_PAUSE", 0));
}

int filesIn(const TemporaryFolder& folder) {
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    if (entry.is_regular_file()) ++count;
  }
  return count;
}

struct Footprint {
  Resources resources = Resources::now();
  double bytes = static_cast<double>(allocatedBytes());
};

/// Ada sends to Bob, who records; their server dies again and again.
class Outages {
 public:
  explicit Outages(const TemporaryFolder& folder) : folder_(folder) {}

  Task<> run() {
    co_await ada_.join(ProduceConfig::test(), ConsumeConfig::none());
    co_await bob_.join(ProduceConfig::none(), ConsumeConfig::record(folder_.path()));
    co_await isRecording(1);
    for (int death = 1; death <= deaths(); ++death) {
      co_await die(death);
      footprints_.emplace_back();
    }
    co_await leaveAll(ada_, bob_);
    checkRecordings();
    checkFootprints();
  }

 private:
  Task<> isRecording(int parts) {
    return eventually("a part of the recording has begun",
                      [=, this] { return isAtLeast(filesIn(folder_), parts); });
  }

  Task<> die(int death) {
    ada_.attempts = bob_.attempts = 0;
    server_.kill();
    co_await ada_.hasTriedInVain(2);
    co_await bob_.hasTriedInVain(2);
    co_await sleepFor(outage());
    server_.restart();
    co_await ada_.isBack(death);
    co_await bob_.isBack(death);
    co_await ada_.isHeardAndSeen();
    co_await bob_.receives(2);
    co_await isRecording(death + 1);
    ada_.producers.clear();  // whoever keeps them, keeps what they are made of
  }

  // One part for each connection, all of them whole.
  void checkRecordings() const {
    CHECK(static_cast<int>(bob_.recordings.size()) == deaths() + 1);
    for (const Recording& recording : bob_.recordings) {
      CHECK(inspect(recording.path).codecs.size() == 2);
    }
  }

  // A connection has some more or less of all; what is left of one would be several of each.
  void checkFootprints() const {
    // The first times fill what libraries keep for the next.
    const std::size_t warm = footprints_.size() / 3;
    const std::size_t late = 2 * warm;
    const auto least = [&](std::size_t from, std::size_t to, auto value) {
      double result = value(footprints_.at(from));
      for (std::size_t i = from; i < to; ++i)
        result = std::min<double>(result, value(footprints_[i]));
      return result;
    };
    const auto growth = [&](auto value) {
      return least(late, footprints_.size(), value) - least(warm, late, value);
    };
    CHECK(growth([](const Footprint& at) { return at.resources.threads; }) <= 2);
    CHECK(growth([](const Footprint& at) { return at.resources.files.size(); }) <= 2);
    CHECK(growth([](const Footprint& at) { return at.bytes; }) <= 0.1 * footprints_.front().bytes);
  }

  const TemporaryFolder& folder_;
  RoomServer server_;
  Returner ada_{server_, freshRoom(), "ada"};
  Returner bob_{server_, ada_.room, "bob"};
  std::vector<Footprint> footprints_;
};

Task<> comesBack(TemporaryFolder& folder) {
  Outages outages(folder);
  co_await outages.run();
}

/// Only the signaling is lost: the server goes on and knows nothing of it before the new
/// connection.
Task<> comesBackToALivingServer() {
  Returner ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::discard());
  for (int cut = 1; cut <= 3; ++cut) {
    co_await sharedServer().post("/test/rooms/" + ada.room + "/peers/ada/drop", Json::object());
    co_await ada.isBack(cut);
    co_await ada.isHeardAndSeen();
    co_await ada.receives(2);
    co_await bob.receives(2);
  }
  CHECK(ada.client.room()->peer("bob")->consumers().size() == 2);
  CHECK(ada.consumers.size() == 2);
  CHECK(ada.failures.empty());
  co_await leaveAll(ada, bob);
}

Task<bool> hasProducers(Member& member, std::size_t count) {
  const Json seen = co_await member.asServerSees();
  co_return !seen.isNull() && seen.list("producers").size() == count;
}

/// What was stopped before the connection was lost is not sent after it.
Task<> staysStopped() {
  Returner ada(sharedServer(), freshRoom(), "ada");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await ada.client.stop();
  co_await sharedServer().post("/test/rooms/" + ada.room + "/peers/ada/drop", Json::object());
  co_await ada.isBack(1);
  const bool isStopped = co_await hasProducers(ada, 0);
  CHECK(isStopped);
  co_await ada.client.play();
  co_await ada.isHeardAndSeen();
  co_await ada.leave();
}

/// To the room server, which closes no producers.
class KeepsProducers final : public ForwardingSignaler {
 public:
  Task<> closeProducer(std::string) override {
    throw Error(Error::Code::Rejected, "closeProducer: never");
    co_return;
  }
};

/// A stop() that the server refuses ends neither the call nor its reconnection.
Task<> survivesARefusedStop() {
  Returner ada(sharedServer(), freshRoom(), "ada", std::make_unique<KeepsProducers>());
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  std::string refusal;
  try {
    co_await ada.client.stop();
  } catch (const Error& error) {
    refusal = error.what();
  }
  CHECK_THAT(refusal, Catch::Matchers::ContainsSubstring("closeProducer: never"));
  co_await sharedServer().post("/test/rooms/" + ada.room + "/peers/ada/drop", Json::object());
  co_await ada.isBack(1);
  co_await ada.client.play();
  co_await ada.isHeardAndSeen();
  co_await ada.leave();
}

Task<> givesUp() {
  RoomServer server;
  Member ada(server, freshRoom(), "ada");
  letReconnect(ada);
  ada.client.reconnect.maxAttempts = 3;
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  server.kill();
  std::string reason;
  try {
    co_await withTimeout(15s, ada.client.untilLeft(), "closed");
  } catch (const Error& error) {
    CHECK(error.code() == Error::Code::Disconnected);
    reason = error.what();
  }
  CHECK_FALSE(reason.empty());
  co_await ada.leave();
}

}  // namespace

TEST_CASE("a call goes on when its server has died and come back, and nothing piles up") {
  TemporaryFolder folder;
  const auto each = 20s + outage();
  runTest(comesBack(folder), 60s + deaths() * each);
}

TEST_CASE("a client whose WebSocket is cut comes back under its own id, sending and receiving",
          "[dialect]") {
  runTest(comesBackToALivingServer(), 120s);
}

TEST_CASE("what was stopped before the connection was lost stays stopped after it") {
  runTest(staysStopped(), 60s);
}

TEST_CASE("a stop that the server refuses ends neither the call nor its reconnection") {
  runTest(survivesARefusedStop(), 60s);
}

TEST_CASE("a call whose server stays dead ends") { runTest(givesUp(), 30s); }
