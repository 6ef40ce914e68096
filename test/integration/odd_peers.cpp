// Peers that say of themselves what they like, which the server passes on.
#include <array>

#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

class Mallory {
 public:
  explicit Mallory(std::string id) : id_(std::move(id)) {}

  Task<> join(std::string room, Json displayName, Json device) {
    co_await signaler_.connect(sharedServer().address(room), id_);
    Json data = Json::object({{"displayName", displayName}, {"device", device}});
    co_await signaler_.getRouterRtpCapabilities();
    co_await signaler_.request("join", std::move(data));
  }
  Task<> rename(std::string name) { return signaler_.changeDisplayName(std::move(name)); }
  Task<> leave() { return signaler_.close(); }

 private:
  const std::string id_;
  ProtooSignaler signaler_;
};

Json nested(int levels) {
  Json json = Json::object();
  for (int i = 1; i < levels; ++i) json = Json::object({{"x", json}});
  return json;
}

Task<bool> knows(Member& member, std::size_t peers) {
  co_return member.client.room()->peers().size() == peers;
}

Task<> checkOddPeer(Json displayName, Json device) {
  INFO(displayName.text() << " " << device.text().substr(0, 40));
  const std::string room = freshRoom();
  Member alice(sharedServer(), room, "alice");
  co_await alice.join(ProduceConfig::none(), ConsumeConfig::discard());
  Mallory mallory("mallory");
  co_await mallory.join(room, std::move(displayName), std::move(device));
  Member victim(sharedServer(), room, "victim");
  co_await victim.join(ProduceConfig::none(), ConsumeConfig::discard());
  CHECK(victim.client.room()->peers().size() == 2);
  // She hears of both as they come.
  co_await eventually("alice knows them", [&] { return knows(alice, 2); });
  CHECK(alice.failures.empty());
  co_await mallory.leave();
  co_await leaveAll(alice, victim);
}

Task<> toleratesOddPeers() {
  Json device = Json::object({{"flag", "x"}, {"name", "x"}, {"version", 120}});
  co_await checkOddPeer("Mallory", device);
  co_await checkOddPeer(5, Json::object());
  co_await checkOddPeer("Mallory", "x");
  device = Json::object({{"name", nested(70)}});
  co_await checkOddPeer("Mallory", device);
  device = Json::object({{"name", std::string(400'000, 'x')}});
  co_await checkOddPeer("Mallory", device);
  Json numbers = Json::array();
  for (int i = 0; i < 100'000; ++i) numbers.push(1);
  device = Json::object({{"name", numbers}});
  co_await checkOddPeer("Mallory", device);
}

Task<bool> hasLongName(Member& member, std::string peerId) {
  const auto peer = member.client.room()->peer(peerId);
  co_return peer && peer->displayName() == std::string(256, 'b');
}

Task<> toleratesLongNames() {
  const std::string room = freshRoom();
  Member alice(sharedServer(), room, "alice");
  co_await alice.join(ProduceConfig::none(), ConsumeConfig::discard());
  Mallory mallory("mallory");
  Mallory other("other");
  const std::array<Mallory*, 2> odd{&mallory, &other};
  for (Mallory* peer : odd) {
    co_await peer->join(room, "Mallory", Json::object());
    co_await peer->rename(std::string(490'000, 'a'));
    co_await peer->rename(std::string(490'000, 'b'));
  }
  const std::array<std::string, 2> ids{"mallory", "other"};
  for (const std::string& id : ids) {
    co_await eventually("alice hears of the names", [&] { return hasLongName(alice, id); });
  }
  Member victim(sharedServer(), room, "victim");
  co_await victim.join(ProduceConfig::none(), ConsumeConfig::discard());
  CHECK(victim.client.room()->peers().size() == 3);
  const bool knowsBoth =
      co_await hasLongName(victim, "mallory") && co_await hasLongName(victim, "other");
  CHECK(knowsBoth);
  co_await mallory.leave();
  co_await other.leave();
  co_await leaveAll(alice, victim);
}

}  // namespace

TEST_CASE("a peer that describes itself oddly keeps nobody out of the room", "[dialect]") {
  runTest(toleratesOddPeers(), 120s);
}

TEST_CASE("peers with very long names throw nobody out of the room", "[dialect]") {
  runTest(toleratesLongNames(), 60s);
}
