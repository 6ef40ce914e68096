// Servers that send without end: memory stays bounded, and everything else is served meanwhile.
#include <algorithm>

#include "cosoup/signaling/websocket.hpp"
#include "protoo_fixture.hpp"
#include "support/flood_server.hpp"
#include "support/memory.hpp"
#include "support/run_test.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

constexpr std::size_t kMegabyte = 1 << 20;

/// A frame of the server with that first byte.
std::string frame(char first, const std::string& payload) {
  std::string result(1, first);
  const std::size_t size = payload.size();
  if (size < 126) {
    result += static_cast<char>(size);
  } else if (size < 65536) {
    result += '\x7e';
    for (int shift = 8; shift >= 0; shift -= 8) result += static_cast<char>(size >> shift);
  } else {
    result += '\x7f';
    for (int shift = 56; shift >= 0; shift -= 8) result += static_cast<char>(size >> shift);
  }
  return result + payload;
}

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

/// Watches the heap while it lives, at each turn of the loop.
class HeapWatch {
 public:
  HeapWatch() { scope_.spawn(watch()); }

  Task<> close() { return scope_.close(); }
  std::size_t growth() const { return most_ - before_; }

 private:
  Task<> watch() {
    while (true) {
      most_ = std::max(most_, allocatedBytes());
      co_await sleepFor(1ms);
    }
  }

  const std::size_t before_ = allocatedBytes();
  std::size_t most_ = before_;
  Scope scope_;
};

struct Flooded {
  Flooded(std::string pattern, std::size_t most)
      : server("", std::move(pattern), most), signaler(of2024Unless(impatient())) {}

  /// What becomes of a request while the server floods.
  Task<std::string> ask() {
    RoomAddress address(server.url(), "room");
    co_await signaler.connect(std::move(address), "ada");
    co_return co_await errorOf(signaler.pauseProducer("p"));
  }
  Task<> close() {
    co_await signaler.close();
    co_await heap.close();
  }

  FloodServer server;
  ProtooSignaler signaler;
  HeapWatch heap;
};

const std::string kNotification =
    frame('\x81', R"({"notification":true,"method":"peerClosed","data":{"peerId":"bob"}})");
const std::string kTimeOut = "pauseProducer: no answer within 300 ms";

}  // namespace

TEST_CASE("fragments without end are not collected without end") {
  runTest([]() -> Task<> {
    FloodServer server("\x01\x00"s, frame('\x00', std::string(500'000, 'x')), 400 * kMegabyte);
    HeapWatch heap;
    const auto socket = co_await WebSocket::connect(server.url(), "protoo", WebSocketOptions());
    while (co_await socket->messages().next()) continue;
    CHECK(socket->ending().code == 1009);
    co_await socket->close(1000, "");
    co_await heap.close();
    CHECK(heap.growth() < 64 * kMegabyte);
    CHECK(server.sent() < 100 * kMegabyte);
  }());
}

TEST_CASE("a flood of notifications keeps no request from its time limit") {
  struct Body {
    static Task<> run() {
      Flooded flooded(repeated(kNotification, 1'000), 400 * kMegabyte);
      const std::string error = co_await flooded.ask();
      CHECK(error == kTimeOut);
      CHECK(flooded.signaler.events().size() <= ProtooOptions().maxQueuedEvents);
      co_await flooded.close();
      CHECK(flooded.heap.growth() < 64 * kMegabyte);
    }
  };
  const LogCapture log;
  runTest(Body::run(), 60s);
}

TEST_CASE("a server that does not read what it is sent is left") {
  runTest(
      []() -> Task<> {
        FloodServer server(frame('\x81', "hello"), "", 0);
        HeapWatch heap;
        const auto socket = co_await WebSocket::connect(server.url(), "protoo", WebSocketOptions());
        const auto greeting = co_await socket->messages().next();
        CHECK(greeting == "hello");
        const std::string text(kMegabyte, 'x');
        std::string error;
        for (int i = 0; i < 100 && error.empty(); ++i) {
          try {
            socket->send(text);
          } catch (const Error& refused) {
            error = refused.what();
          }
          co_await sleepFor(1ms);
        }
        CHECK(error == "the connection is closed");
        CHECK_THAT(socket->ending().reason,
                   Catch::Matchers::StartsWith("the server does not read: "));
        co_await socket->close(1000, "");
        co_await heap.close();
        CHECK(heap.growth() < 64 * kMegabyte);
      }(),
      60s);
}

TEST_CASE("pings whose pongs are not read are not answered without end") {
  runTest(
      []() -> Task<> {
        Flooded flooded(repeated(frame('\x89', ""), 10'000), 100 * kMegabyte);
        const std::string error = co_await flooded.ask();
        CHECK(error == kTimeOut);
        const std::string again = co_await errorOf(flooded.signaler.pauseProducer("p"));
        CHECK(again == kTimeOut);
        co_await flooded.close();
        CHECK(flooded.heap.growth() < 64 * kMegabyte);
      }(),
      60s);
}

TEST_CASE("a message that is too long is skipped, and the next one is read") {
  runTest(
      []() -> Task<> {
        const LoopMayWait sending;  // the server is in here, too
        FakeServer server;
        const auto socket = co_await WebSocket::connect(server.url(), "protoo", WebSocketOptions());
        const auto peer = co_await server.peer();
        peer->send(std::string(16 * kMegabyte + 1, 'x'));
        peer->send("short");
        peer->send(std::string(16 * kMegabyte, 'y'));
        const auto first = co_await socket->messages().next();
        CHECK(first == "short");
        const auto second = co_await socket->messages().next();
        CHECK(second.value().size() == 16 * kMegabyte);
        CHECK(socket->isOpen());
        co_await socket->close(1000, "");
      }(),
      60s);
}

TEST_CASE("events that wait are bounded by their bytes, too") {
  struct Body {
    static Task<> run() {
      const LoopMayWait flooding;  // the server is in here, too
      ProtooOptions options;
      options.requestLimit = 50s;  // 50 MB are read before the answer
      Session session(options);
      co_await session.open();
      const Json data = Json::object(
          {{"peerId", "bob"}, {"displayName", std::string(900'000, 'x')}, {"oldDisplayName", ""}});
      for (int i = 0; i < 60; ++i) {
        session.peer->notify("peerDisplayNameChanged", data);
        co_await sleepFor(0ms);  // the server of this test is in the client's loop
      }
      co_await session.checkAlive();
      CHECK(session.signaler.events().size() == 38);
      while (session.signaler.events().size() > 0) co_await session.signaler.events().next();
      session.peer->notify("peerClosed", Json::object({{"peerId", "bob"}}));
      const auto next = co_await session.signaler.events().next();
      CHECK(noticeAs<notification::PeerClosed>(next));
      co_await session.signaler.close();
    }
  };
  const LogCapture log;
  runTest(Body::run(), 60s);
  CHECK(log.messages().size() == 1);
}

TEST_CASE("requests that are read and never answered are bounded") {
  struct Body {
    static Task<> run() {
      ProtooOptions options;
      options.maxQueuedEvents = 3;
      Session session(options);
      co_await session.open();
      std::vector<SignalerEvent> kept;
      for (int i = 0; i < 4; ++i) {
        session.peer->send(R"({"request":true,"id":)" + std::to_string(i) +
                           R"(,"method":"newDataConsumer","data":{"dataProducerId":"dp","id":"dc",
                           "sctpStreamParameters":{"streamId":1}}})");
        if (i == 3) break;
        auto event = co_await session.signaler.events().next();
        kept.push_back(std::move(*event));
      }
      const Json answer = co_await session.peer->message();
      CHECK(answer.get<int>("id") == 3);
      CHECK(answer.get<int>("errorCode") == 503);
      co_await session.signaler.close();
    }
  };
  const LogCapture log;
  runTest(Body::run());
}
