// WebSocket: how connecting succeeds and fails.
#include "cosoup/signaling/websocket.hpp"

#include "support/fake_server.hpp"
#include "support/run_test.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

using Socket = std::unique_ptr<WebSocket>;

WebSocketOptions hurried() {
  WebSocketOptions options;
  options.connectLimit = 200ms;
  return options;
}

Task<Socket> connect(std::string url, WebSocketOptions options = WebSocketOptions()) {
  return WebSocket::connect(std::move(url), "protoo", std::move(options));
}

/// The reason with which connecting to a server that gives this answer fails.
Task<Error> failureOf(std::string answer) {
  ByteServer server(std::move(answer));
  co_return co_await thrownBy(connect(server.url()));
}

std::string http(const std::string& statusLine, const std::string& headers = "") {
  return "HTTP/1.1 " + statusLine + "\r\nContent-Length: 0\r\n" + headers + "\r\n";
}

}  // namespace

TEST_CASE("connecting fails with the server's status and reason when it refuses") {
  runTest([]() -> Task<> {
    const Error refused = co_await failureOf(http(
        "403 Forbidden", "X-WebSocket-Reject-Reason: Invalid/missing Sec-WebSocket-Protocol\r\n"));
    CHECK(refused.code() == Error::Code::Rejected);
    CHECK(refused.errorCode() == 403);
    CHECK_THAT(refused.what(),
               Catch::Matchers::ContainsSubstring(": the server refused: HTTP 403 Forbidden, "
                                                  "Invalid/missing Sec-WebSocket-Protocol"));
    const Error bad = co_await failureOf(http("400 Bad Request"));
    CHECK(bad.errorCode() == 400);
    CHECK_THAT(bad.what(), Catch::Matchers::EndsWith(": the server refused: HTTP 400 Bad Request"));
    const Error steering =
        co_await failureOf(http("404 Gone\x1b[2J", "X-WebSocket-Reject-Reason: a\x1b]b\r\n"));
    CHECK_THAT(steering.what(), Catch::Matchers::EndsWith(": HTTP 404 Gone[2J, a]b"));
    const Error missing = co_await failureOf(http("404 Not Found"));
    CHECK(missing.errorCode() == 404);
    const Error broken = co_await failureOf(http("500 Oops"));
    CHECK(broken.errorCode() == 500);
    const Error unauthorized =
        co_await failureOf(http("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n"));
    CHECK(unauthorized.errorCode() == 401);
  }());
}

TEST_CASE("connecting to a web server that is no WebSocket says so") {
  runTest([]() -> Task<> {
    const Error ok = co_await failureOf(http("200 OK"));
    CHECK(ok.code() == Error::Code::Disconnected);
    CHECK_THAT(ok.what(), Catch::Matchers::EndsWith(": not a WebSocket (HTTP 200 OK)"));
    const Error moved = co_await failureOf(http("302 Found", "Location: http://127.0.0.1:1/\r\n"));
    CHECK_THAT(moved.what(), Catch::Matchers::EndsWith(": not a WebSocket (HTTP 302 Found)"));
  }());
}

TEST_CASE("a handshake that is wrong ends in an error, not in a crash") {
  runTest([]() -> Task<> {
    const std::string upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    const std::vector<std::string> answers = {
        "",   // closed without a word
        "H",  // closed in the middle
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",  // nothing of it agreed
        http("101 Switching Protocols", upgrade + "Sec-WebSocket-Accept: bm90IHRoaXM=\r\n"),
        "\x16\x03\x01 garbage \xff\xfe\r\n\r\n\r\n",
        std::string(70'000, 'x'),
        "HTTP/9.9 abc\r\n\r\n",
        std::string(8, '\0'),
    };
    for (const std::string& answer : answers) {
      INFO(answer.substr(0, 80));
      const Error error = co_await failureOf(answer);
      CHECK_THAT(error.what(), Catch::Matchers::StartsWith("connect to 127.0.0.1:"));
      CHECK(error.code() == Error::Code::Disconnected);
    }
  }());
}

TEST_CASE("a server that does not speak our sub-protocol is refused") {
  runTest([]() -> Task<> {
    std::string silent = kUpgraded;
    silent.erase(silent.find("Sec-WebSocket-Protocol"), 32);
    const Error none = co_await failureOf(silent);
    CHECK(none.code() == Error::Code::Disconnected);
    CHECK_THAT(none.what(), Catch::Matchers::EndsWith("does not speak the sub-protocol 'protoo'"));
    std::string other = kUpgraded;
    other.replace(other.find("protoo"), 6, "graphql");
    const Error wrong = co_await failureOf(other);
    CHECK(wrong.code() == Error::Code::Disconnected);
    CHECK_THAT(wrong.what(), Catch::Matchers::ContainsSubstring("rotocol"));
  }());
}

TEST_CASE("a port where nobody listens is named") {
  runTest([]() -> Task<> {
    std::string url;
    {
      ByteServer server("");
      url = server.url();
    }
    const Error error = co_await thrownBy(connect(url));
    CHECK(error.code() == Error::Code::Disconnected);
    CHECK_THAT(error.what(), Catch::Matchers::StartsWith("connect to " + url.substr(5) + ": "));
    CHECK_THAT(error.what(), Catch::Matchers::EndsWith("refused"));
  }());
}

TEST_CASE("a host that does not exist is named") {
  runTest([]() -> Task<> {
    const Error error = co_await thrownBy(connect("ws://no-such-host.invalid:1"));
    CHECK_THAT(error.what(), Catch::Matchers::StartsWith("connect to no-such-host.invalid:1: "));
  }());
}

TEST_CASE("a server that accepts and is silent runs into the time limit") {
  runTest([]() -> Task<> {
    ByteServer server("", ByteServer::Then::stay);
    const Error error = co_await thrownBy(connect(server.url(), hurried()));
    CHECK(error.code() == Error::Code::Timeout);
    CHECK_THAT(error.what(), Catch::Matchers::EndsWith(": no answer within 200 ms"));
  }());
}

TEST_CASE("cancelling a connect ends it, at the name, at TCP and in the handshake") {
  struct Body {
    static Task<> dropped(Task<Socket> connecting) { co_await std::move(connecting); }
    static Task<bool> wasCancelled(Running<void>& running) {
      co_await running.cancel();
      try {
        co_await running.result();
      } catch (const Cancelled&) {
        co_return true;
      }
      co_return false;
    }
    static Task<> run() {
      Running<void> atName(dropped(connect("ws://no-such-host.invalid:1")));
      const bool first = co_await wasCancelled(atName);
      CHECK(first);
      ByteServer server("", ByteServer::Then::stay);
      Running<void> atTcp(dropped(connect(server.url())));
      const bool second = co_await wasCancelled(atTcp);
      CHECK(second);
      Running<void> inHandshake(dropped(connect(server.url())));
      co_await server.reached();
      const bool third = co_await wasCancelled(inHandshake);
      CHECK(third);
    }
  };
  runTest(Body::run());
}

namespace {

/// What the server gets to see of it.
Task<std::shared_ptr<FakePeer>> seen(FakeServer& server, WebSocketOptions options) {
  const std::unique_ptr<WebSocket> socket =
      co_await WebSocket::connect(server.url(), "protoo", std::move(options));
  std::shared_ptr<FakePeer> peer = co_await server.peer();
  co_await socket->close(1000, "");
  co_return peer;
}

Task<> saysWhereItComesFrom() {
  FakeServer server;
  const auto plain = co_await seen(server, WebSocketOptions());
  CHECK(plain->header("Origin") == "http://127.0.0.1");
  WebSocketOptions options;
  options.origin = "https://localhost";
  options.headers = {
      {"Authorization", "Bearer a.b"}, {"Cookie", "a=b"}, {"X-Two", "1"}, {"X-Two", "2"}};
  const auto own = co_await seen(server, options);
  CHECK(own->header("Origin") == "https://localhost");
  CHECK(own->headers.count("Origin") == 1);
  CHECK(own->header("Authorization") == "Bearer a.b");
  CHECK(own->header("Cookie") == "a=b");
  CHECK(own->headers.count("X-Two") == 2);
}

Task<> sendsNoBrokenHeader() {
  FakeServer server;
  WebSocketOptions options;
  options.headers = {{"X", "a\r\nY: b"}};
  const Error header = co_await thrownBy(seen(server, options));
  CHECK(header.code() == Error::Code::InvalidArgument);
  WebSocketOptions other;
  other.origin = "https://a\nb";
  const Error origin = co_await thrownBy(seen(server, other));
  CHECK(origin.code() == Error::Code::InvalidArgument);
}

}  // namespace

TEST_CASE("the origin is always sent, and so are the headers of the app") {
  runTest(saysWhereItComesFrom());
}

TEST_CASE("a header with a line break is not sent") { runTest(sendsNoBrokenHeader()); }
