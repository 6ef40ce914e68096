// WebSocket: messages, and how connections end.
#include "cosoup/signaling/websocket.hpp"

#include "cosoup/async/loop.hpp"
#include "support/fake_server.hpp"
#include "support/open_files.hpp"
#include "support/run_test.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

using Socket = std::unique_ptr<WebSocket>;

WebSocketOptions quick() {
  WebSocketOptions options;
  options.closeLimit = 200ms;
  return options;
}

Task<Socket> connect(std::string url, WebSocketOptions options = WebSocketOptions()) {
  return WebSocket::connect(std::move(url), "protoo", std::move(options));
}

}  // namespace

TEST_CASE("a text goes out and another one comes in") {
  runTest([]() -> Task<> {
    FakeServer server;
    const Socket socket = co_await connect(server.url() + "/room?a=b%20c");
    const auto peer = co_await server.peer();
    CHECK(peer->query == "a=b%20c");
    CHECK(peer->header("Sec-WebSocket-Extensions") == "");
    socket->send("hällo");
    const std::string received = co_await peer->text();
    CHECK(received == "hällo");
    peer->send("world");
    const std::optional<std::string> answer = co_await socket->messages().next();
    CHECK(answer == "world");
    co_await socket->close(1000, "bye");
    CHECK_FALSE(socket->isOpen());
    const PeerEnding ending = co_await peer->ended();
    CHECK(ending.code == 1000);
    CHECK(ending.reason == "bye");
  }());
}

TEST_CASE("the server's close code and reason are reported, after what it said before") {
  runTest([]() -> Task<> {
    FakeServer server;
    const Socket socket = co_await connect(server.url());
    const auto peer = co_await server.peer();
    peer->send("last words");
    peer->close(4000, "closed by protoo-server");
    const std::optional<std::string> last = co_await socket->messages().next();
    CHECK(last == "last words");
    const std::optional<std::string> none = co_await socket->messages().next();
    CHECK_FALSE(none);
    CHECK(socket->ending().code == 4000);
    CHECK(socket->ending().reason == "closed by protoo-server");
    CHECK_THROWS_AS(socket->send("too late"), Error);
    co_await socket->close(1000, "");
  }());
}

TEST_CASE("a server that ends TCP without a close frame has ended the connection") {
  runTest([]() -> Task<> {
    FakeServer server;
    const Socket socket = co_await connect(server.url());
    const auto peer = co_await server.peer();
    peer->vanish();
    const std::optional<std::string> none = co_await socket->messages().next();
    CHECK_FALSE(none);
    CHECK(socket->ending().code == 0);
    CHECK(socket->ending().reason == "the server ended the connection");
    co_await socket->close(1000, "");
  }());
}

TEST_CASE("binary messages are ignored") {
  runTest([]() -> Task<> {
    FakeServer server;
    const Socket socket = co_await connect(server.url());
    const auto peer = co_await server.peer();
    peer->sendBinary("\x01\x02\xff");
    peer->send("text");
    const std::optional<std::string> next = co_await socket->messages().next();
    CHECK(next == "text");
    co_await socket->close(1000, "");
  }());
}

TEST_CASE("text that is not UTF-8 is refused before it is sent") {
  runTest([]() -> Task<> {
    FakeServer server;
    const Socket socket = co_await connect(server.url());
    CHECK_THROWS_WITH(socket->send("\xff"), "the message is not valid UTF-8");
    CHECK_THROWS_WITH(socket->send(std::string("a\0b", 3)), "the message is not valid UTF-8");
    CHECK(socket->isOpen());
    co_await socket->close(1000, "");
  }());
}

TEST_CASE("closing does not wait for a server that never answers the close frame") {
  runTest([]() -> Task<> {
    ByteServer server(kUpgraded, ByteServer::Then::stay);
    const Socket socket = co_await connect(server.url(), quick());
    const gint64 before = g_get_monotonic_time();
    co_await socket->close(1000, "");
    CHECK(g_get_monotonic_time() - before < 1'500'000);
    CHECK_FALSE(socket->isOpen());
  }());
}

TEST_CASE("a close that is cancelled cuts the connection at once") {
  runTest([]() -> Task<> {
    ByteServer server(kUpgraded, ByteServer::Then::stay);
    const Socket socket = co_await connect(server.url());
    const gint64 before = g_get_monotonic_time();
    Running<void> closing(socket->close(1000, ""));
    co_await closing.cancel();
    CHECK(g_get_monotonic_time() - before < 1'000'000);
    CHECK_FALSE(socket->isOpen());
  }());
}

TEST_CASE("a server that shows no sign of life is given up") {
  runTest([]() -> Task<> {
    ByteServer server(kUpgraded, ByteServer::Then::stay);
    WebSocketOptions options = quick();
    options.pingInterval = 50ms;
    const Socket socket = co_await connect(server.url(), options);
    const std::optional<std::string> none = co_await socket->messages().next();
    CHECK_FALSE(none);
    CHECK_THAT(socket->ending().reason, Catch::Matchers::StartsWith("no sign of life"));
    co_await socket->close(1000, "");
  }());
}

TEST_CASE("a server that answers pings is not given up") {
  runTest([]() -> Task<> {
    FakeServer server;
    WebSocketOptions options = quick();
    options.pingInterval = 1s;  // what libsoup can do at the fastest
    const Socket socket = co_await connect(server.url(), options);
    const auto peer = co_await server.peer();
    std::string text = "closed";
    try {
      co_await withTimeout(3500ms, socket->messages().next(), "message");
    } catch (const Error& error) {
      text = error.what();
    }
    CHECK(text == "message: no answer within 3500 ms");
    CHECK(socket->isOpen());
    co_await socket->close(1000, "");
  }());
}

TEST_CASE("frames that break the protocol end the connection with a code") {
  struct Body {
    static Task<WebSocketEnding> endingAfter(std::string frames) {
      ByteServer server(kUpgraded + frames, ByteServer::Then::stay);
      const Socket socket = co_await connect(server.url(), quick());
      while (co_await socket->messages().next()) continue;
      co_await socket->close(1000, "");
      co_return socket->ending();
    }
    static Task<> run() {
      struct Row {
        std::string frames;
        int code;
      };
      using namespace std::string_literals;
      const std::vector<Row> rows = {
          {"\x81\x81\x01\x02\x03\x04y"s, 1002},                 // masked
          {"\x83\x01x"s, 1002},                                 // unknown opcode
          {"\xc1\x01x"s, 1002},                                 // compressed, not agreed
          {"\x80\x01x"s, 1002},                                 // continues nothing
          {"\x81\x02\xff\xfe"s, 1007},                          // not UTF-8
          {"\x81\x7f\x00\x00\x00\x00\x10\x00\x00\x01"s, 1009},  // 256 MiB and a byte
          {"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"s, 1009},  // 2^64 - 1 bytes
          {"\x88\x01x"s, 1002},                                 // half a close code
          {"\x88\x00"s, 1005},                                  // no close code
          {"\x88\x02\x0f\xa0"s, 4000},                          // no reason
          {"\x88\x04\x03\xe9\xff\xff"s, 1002},                  // reason not UTF-8
      };
      for (const Row& row : rows) {
        INFO(row.frames.substr(0, 12));
        const WebSocketEnding ending = co_await endingAfter(row.frames);
        CHECK(ending.code == row.code);
      }
    }
  };
  runTest(Body::run());
}

TEST_CASE("what the server sends along with its answer to the handshake is not lost") {
  runTest([]() -> Task<> {
    ByteServer server(kUpgraded + "\x81\x05hello", ByteServer::Then::stay);
    const Socket socket = co_await connect(server.url(), quick());
    const std::optional<std::string> first = co_await socket->messages().next();
    CHECK(first == "hello");
    co_await socket->close(1000, "");
  }());
}

TEST_CASE("a message in fragments is put together, one that is too long in all ends it") {
  runTest([]() -> Task<> {
    using namespace std::string_literals;
    const std::string part = "\x7f\x00\x00\x00\x00\x00\x07\xa1\x20"s + std::string(500'000, 'x');
    ByteServer server(
        kUpgraded + "\x01\x02he\x00\x01l\x80\x02lo"s + "\x01"s + part + "\x80"s + part,
        ByteServer::Then::stay);
    WebSocketOptions options = quick();
    options.maxMessageSize = 999'999;
    const Socket socket = co_await connect(server.url(), options);
    const std::optional<std::string> whole = co_await socket->messages().next();
    CHECK(whole == "hello");
    const std::optional<std::string> none = co_await socket->messages().next();
    CHECK_FALSE(none);
    CHECK(socket->ending().code == 1009);
    co_await socket->close(1000, "");
  }());
}

TEST_CASE("connections, failed or closed or dropped, leave no file open") {
  struct Body {
    static Task<> useAll(FakeServer& server) {
      const Socket socket = co_await connect(server.url());
      auto peer = co_await server.peer();
      co_await socket->close(1000, "");
      co_await peer->ended();
      {
        const Socket dropped = co_await connect(server.url());
        peer = co_await server.peer();
      }
      co_await peer->ended();
      ByteServer refusing("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
      co_await errorOf(connect(refusing.url()));
      ByteServer silent("", ByteServer::Then::stay);
      WebSocketOptions hurried;
      hurried.connectLimit = 100ms;
      co_await errorOf(connect(silent.url(), hurried));
    }
    static Task<> run() {
      FakeServer server;
      co_await useAll(server);  // GIO opens some of its own, once
      const int before = openFiles();
      for (int i = 0; i < 3; ++i) co_await useAll(server);
      while (openFiles() > before) co_await sleepFor(1ms);  // until the test's time limit
    }
  };
  runTest(Body::run());
}
