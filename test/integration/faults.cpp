// Servers that refuse, lie or go away, and callers that change their mind.
#include <array>
#include <limits>

#include "integration/frame_watch.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

Task<std::string> failureOf(Task<> task) {
  try {
    co_await std::move(task);
  } catch (const Error& error) {
    co_return error.what();
  }
  co_return "";
}

Task<> reportsARefusal() {
  RoomServer server({"--insecure-ws", "--reject-join", "the room is full"});
  Member ada(server, freshRoom(), "ada");
  const std::string reason =
      co_await failureOf(ada.join(ProduceConfig::test(), ConsumeConfig::discard()));
  CHECK(reason.starts_with("join: "));
  CHECK(reason.find("the room is full") != std::string::npos);
  co_await ada.client.untilLeft();  // nothing to wait for
  co_await ada.leave();
}

Task<> reportsAMissingFile() {
  Member ada(sharedServer(), freshRoom(), "ada");
  const std::string reason = co_await failureOf(
      ada.join(ProduceConfig::file("/nowhere/talk.webm"), ConsumeConfig::discard()));
  CHECK(reason.find("/nowhere/talk.webm") != std::string::npos);
  // And the client is as good as new.
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await ada.isHeardAndSeen();
  co_await ada.leave();
}

Task<bool> hasCounted(std::shared_ptr<FrameWatch> watch, int frames) {
  co_return watch->frames() >= frames;
}

/// Counts the events that the loop has waited for while it lives: sockets that became ready, and
/// what other threads posted. One at a time.
class EventCount {
 public:
  EventCount() {
    count_ = 0;
    g_main_context_set_poll_func(context_.get(), &EventCount::poll);
  }
  EventCount(const EventCount&) = delete;
  EventCount& operator=(const EventCount&) = delete;
  ~EventCount() { g_main_context_set_poll_func(context_.get(), nullptr); }

  int count() const { return count_; }

 private:
  static gint poll(GPollFD* descriptors, guint number, gint timeout) {
    const gint ready = g_poll(descriptors, number, timeout);
    if (ready > 0) ++count_;
    return ready;
  }

  static inline int count_ = 0;
  MainContext context_ = MainContext::current();
};

/// Joins, and is cancelled after so many events, wherever it is then. Returns how many there were.
Task<int> joinAndCancel(Member& ada, int events) {
  const EventCount seen;
  Scope joining;
  joining.spawn(ada.join(ProduceConfig::test(), ConsumeConfig::discard()));
  // Looks after each turn of the loop.
  while (seen.count() < events && joining.running() > 0) co_await sleepFor(0ms);
  const int count = seen.count();
  co_await joining.close();
  co_return count;
}

Task<int> joinAndLeave(std::string room, int events) {
  Member ada(sharedServer(), room, "ada");
  const int count = co_await joinAndCancel(ada, events);
  co_await backgroundEnds();
  co_await ada.client.close();
  co_await ada.isGone();
  co_return count;
}

Task<> cancelsAnywhere() {
  constexpr int most = 60;
  const std::string room = freshRoom();
  const int all = co_await joinAndLeave(room, std::numeric_limits<int>::max());
  CHECK(all > 5);
  const int step = (all + most - 1) / most;
  for (int events = 0; events < all; events += step) co_await joinAndLeave(room, events);
}

Task<> leavesUnconnected() {
  // The candidates name a port where nobody answers.
  RoomServer server({"--insecure-ws", "--announced-rtc-port", "9"});
  Member ada(server, freshRoom(), "ada");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  const auto watch = std::make_shared<FrameWatch>();
  ada.producers.at(0)->track()->addReceiver(watch);
  ada.producers.at(0)->track()->requestKeyFrame();
  co_await eventually("frames wait for the connection", [&] { return hasCounted(watch, 10); });
  co_await withTimeout(10s, ada.leave(), "leave");
}

Task<> abandonsAClient(const std::string& room) {
  Member ada(sharedServer(), room, "ada");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
}

Task<> leavesWhenDestroyed() {
  const std::string room = freshRoom();
  co_await abandonsAClient(room);
  Member ada(sharedServer(), room, "ada");
  co_await ada.isGone();
}

Task<> survivesNonsense() {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await ada.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::none());
  static constexpr std::array kTexts{
      "",
      "{",
      "[]",
      "null",
      "{\"notification\":true}",
      "{\"notification\":true,\"method\":\"consumerClosed\",\"data\":{\"consumerId\":7}}",
      "{\"notification\":true,\"method\":\"peerClosed\",\"data\":{\"peerId\":\"nobody\"}}",
      "{\"request\":true,\"id\":1,\"method\":\"newConsumer\",\"data\":{\"id\":\"x\"}}",
      "{\"response\":true,\"id\":999999,\"ok\":true,\"data\":{}}"};
  for (const char* text : kTexts) {
    Json body = Json::object({{"roomId", ada.room}, {"peerId", "ada"}, {"text", text}});
    co_await sharedServer().post("/test/text", std::move(body));
  }
  co_await ada.receives(2);
  co_await leaveAll(ada, bob);
}

Task<bool> calls(Member& member, std::string peerId, std::string name) {
  co_return member.client.room()->peer(peerId)->displayName() == name;
}

Task<> speaksOfClosedConsumers() {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await ada.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await ada.receives(2);
  const std::string closed = ada.consumers.front()->id();
  ada.consumers.front()->close();
  for (const char* method : {"consumerPaused", "consumerResumed", "consumerScore",
                             "consumerLayersChanged", "consumerClosed"}) {
    const Json data = Json::object({{"consumerId", closed}});
    const Json text = Json::object({{"notification", true}, {"method", method}, {"data", data}});
    Json body = Json::object({{"roomId", ada.room}, {"peerId", "ada"}, {"text", text.text()}});
    co_await sharedServer().post("/test/text", std::move(body));
  }
  co_await bob.client.changeDisplayName("Robert");
  co_await eventually("ada hears of the name", [&] { return calls(ada, "bob", "Robert"); });
  co_await ada.receives(1);
  co_await leaveAll(ada, bob);
}

Task<> refusesABadConsumer() {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await ada.join(ProduceConfig::none(), ConsumeConfig::discard());
  Json parameters = Json::parse(
      R"({"mid":"9","codecs":[{"mimeType":"video/nonsense","payloadType":77,"clockRate":90000}],
          "headerExtensions":[],"encodings":[{"ssrc":4711}],"rtcp":{"cname":"x"}})");
  Json request = Json::object({{"roomId", ada.room},
                               {"peerId", "ada"},
                               {"method", "newConsumer"},
                               {"data", Json::object({{"peerId", "bob"},
                                                      {"producerId", "p"},
                                                      {"id", "c"},
                                                      {"kind", "video"},
                                                      {"rtpParameters", parameters},
                                                      {"type", "simple"},
                                                      {"appData", Json::object()},
                                                      {"producerPaused", false}})}});
  const Json answer = co_await sharedServer().post("/test/request", std::move(request));
  CHECK_FALSE(answer.get<bool>("ok"));
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await ada.receives(2);
  co_await leaveAll(ada, bob);
}

Task<> isThrownOut() {
  Member ada(sharedServer(), freshRoom(), "ada");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await sharedServer().post("/test/rooms/" + ada.room + "/peers/ada/close", Json::object());
  const std::string reason = co_await failureOf(ada.client.untilLeft());
  CHECK(reason.find("4000") != std::string::npos);
  co_await ada.leave();
}

}  // namespace

TEST_CASE("a room that refuses is reported with the server's reason", "[dialect]") {
  runTest(reportsARefusal(), 60s);
}

TEST_CASE("a source that cannot be opened fails the join, and the client can join again") {
  runTest(reportsAMissingFile(), 60s);
}

TEST_CASE("a join that is cancelled anywhere leaves nothing behind") {
  runTest(cancelsAnywhere(), 240s);
}

TEST_CASE("a client leaves in time although its transports never connected") {
  runTest(leavesUnconnected(), 60s);
}

TEST_CASE("a client that is destroyed unclosed leaves its room") {
  runTest(leavesWhenDestroyed(), 60s);
}

TEST_CASE("nonsense from the server does not end a call", "[dialect]") {
  runTest(survivesNonsense(), 60s);
}

TEST_CASE("what the server says of a consumer that the app has closed is ignored") {
  runTest(speaksOfClosedConsumers(), 60s);
}

TEST_CASE("a consumer that cannot be received is refused, and others still come") {
  runTest(refusesABadConsumer(), 60s);
}

TEST_CASE("a server that throws us out ends the call with its close code", "[dialect]") {
  runTest(isThrownOut(), 60s);
}
