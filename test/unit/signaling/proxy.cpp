// The way to the server through an HTTP proxy, as the system's settings say.
#include "support/authority.hpp"
#include "support/connect_proxy.hpp"
#include "support/fake_server.hpp"
#include "support/run_test.hpp"

#include "cosoup/signaling/websocket.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// A variable of the environment, which GIO's resolver takes for the system's settings, for a
/// while.
class Setting {
 public:
  Setting(const char* name, const std::string& value) : name_(name) {
    g_setenv(name, value.c_str(), TRUE);
  }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;
  ~Setting() { g_unsetenv(name_); }

 private:
  const char* name_;
};

WebSocketOptions trustingAny() {
  WebSocketOptions options;
  options.insecure = true;
  return options;
}

Task<> goesThrough(FakeServer& server, ConnectProxy& proxy) {
  const std::unique_ptr<WebSocket> socket =
      co_await WebSocket::connect(server.url(), "protoo", trustingAny());
  const auto peer = co_await server.peer();
  socket->send("through a proxy");
  const std::string text = co_await peer->text();
  CHECK(text == "through a proxy");
  const std::string host = "127.0.0.1:" + std::to_string(server.port());
  CHECK(proxy.requests() == std::vector<std::string>{"CONNECT " + host + " HTTP/1.1"});
  co_await socket->close(1000, "");
  co_await proxy.close();
}

Task<> usesTheProxyOfHttps() {
  const Authority authority;
  FakeServer server(authority.certificate("IP:127.0.0.1"));
  ConnectProxy proxy;
  const Setting setting("https_proxy", proxy.url());
  co_await goesThrough(server, proxy);
}

Task<> obeysTheExceptions() {
  const Authority authority;
  FakeServer server(authority.certificate("IP:127.0.0.1"));
  ConnectProxy proxy;
  const Setting setting("https_proxy", proxy.url());
  const Setting exception("no_proxy", "127.0.0.1");
  const std::unique_ptr<WebSocket> socket =
      co_await WebSocket::connect(server.url(), "protoo", trustingAny());
  CHECK(proxy.requests().empty());
  co_await socket->close(1000, "");
  co_await proxy.close();
}

Task<> saysThatTheProxyRefuses() {
  ConnectProxy proxy("403 Not Today");
  const Setting setting("https_proxy", proxy.url());
  const Error error =
      co_await thrownBy(WebSocket::connect("wss://media.example:4443", "protoo", trustingAny()));
  CHECK_THAT(error.what(), Catch::Matchers::StartsWith("connect to media.example:4443: "));
  CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("403"));
  REQUIRE(proxy.requests().size() == 1);
  CHECK(proxy.requests()[0] == "CONNECT media.example:4443 HTTP/1.1");
  co_await proxy.close();
}

}  // namespace

TEST_CASE("a wss:// server is reached through the system's proxy for https") {
  runTest(usesTheProxyOfHttps());
}

TEST_CASE("a host that the system excepts is reached without the proxy") {
  runTest(obeysTheExceptions());
}

TEST_CASE("a proxy that refuses is told with its status") { runTest(saysThatTheProxyRefuses()); }
