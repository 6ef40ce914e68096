// TLS: whom the client trusts, and how it says why not.
#include <glib/gstdio.h>

#include <string>
#include <vector>

#include "cosoup/async/loop.hpp"
#include "cosoup/signaling/websocket.hpp"
#include "support/authority.hpp"
#include "support/fake_server.hpp"
#include "support/open_files.hpp"
#include "support/run_test.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

// TLS runs in threads of GLib's pool and in modules that were loaded late, whose thread-local
// memory GCC 12's LeakSanitizer believes to be somewhere else: it crashes when it looks there.
extern "C" [[gnu::weak, gnu::used]] const char* __asan_default_options();
const char* __asan_default_options() { return "intercept_tls_get_addr=0"; }

namespace {

WebSocketOptions trusting(const Authority& authority) {
  WebSocketOptions options;
  options.caFile = authority.caFile();
  return options;
}

Task<> exchange(std::string url, FakeServer& server, WebSocketOptions options) {
  const std::unique_ptr<WebSocket> socket =
      co_await WebSocket::connect(std::move(url), "protoo", std::move(options));
  const auto peer = co_await server.peer();
  socket->send("over TLS");
  const std::string text = co_await peer->text();
  CHECK(text == "over TLS");
  co_await socket->close(1000, "");
  const PeerEnding ending = co_await peer->ended();
  CHECK(ending.code == 1000);
}

Task<std::string> refusal(std::string url, WebSocketOptions options) {
  const Error error =
      co_await thrownBy(WebSocket::connect(std::move(url), "protoo", std::move(options)));
  CHECK(error.code() == Error::Code::Disconnected);
  co_return std::string(error.what());
}

}  // namespace

TEST_CASE("a server whose authority is in caFile is trusted") {
  runTest([]() -> Task<> {
    const Authority authority;
    FakeServer server(authority.certificate("IP:127.0.0.1"));
    co_await exchange(server.url(), server, trusting(authority));
  }());
}

TEST_CASE("caFile may be a relative path") {
  struct Body {
    static Task<> run() {
      const Authority authority;
      FakeServer server(authority.certificate("IP:127.0.0.1"));
      char* here = g_get_current_dir();
      REQUIRE(g_chdir("/tmp") == 0);
      WebSocketOptions options;
      options.caFile = authority.caFile().substr(std::string("/tmp/").size());
      const std::string error = co_await errorOf(exchange(server.url(), server, options));
      CHECK(error == "");
      REQUIRE(g_chdir(here) == 0);
      g_free(here);
    }
  };
  if (std::string(g_get_tmp_dir()) == "/tmp") runTest(Body::run());
}

TEST_CASE("an unknown authority is named as the reason, with the way out") {
  runTest([]() -> Task<> {
    const Authority authority;
    FakeServer server(authority.certificate("IP:127.0.0.1"));
    const std::string text = co_await refusal(server.url(), WebSocketOptions());
    CHECK(text == "connect to 127.0.0.1:" + std::to_string(server.port()) +
                      ": the server's certificate is not trusted: it is signed by an unknown "
                      "authority (or by itself) (caFile names an authority to trust, insecure "
                      "trusts any certificate)");
    const Authority other;
    const std::string wrong = co_await refusal(server.url(), trusting(other));
    CHECK_THAT(wrong, Catch::Matchers::ContainsSubstring("unknown authority"));
  }());
}

TEST_CASE("insecure trusts any certificate") {
  runTest([]() -> Task<> {
    const Authority authority;
    FakeServer server(authority.certificate("DNS:elsewhere.example", -1));
    WebSocketOptions options;
    options.insecure = true;
    co_await exchange(server.url(), server, options);
  }());
}

TEST_CASE("a certificate for another host is refused") {
  runTest([]() -> Task<> {
    const Authority authority;
    FakeServer server(authority.certificate("DNS:elsewhere.example"));
    const std::string text = co_await refusal(server.url(), trusting(authority));
    CHECK_THAT(text,
               Catch::Matchers::ContainsSubstring("not trusted: it is not for '127.0.0.1' ("));
  }());
}

TEST_CASE("an expired certificate is refused") {
  runTest([]() -> Task<> {
    const Authority authority;
    FakeServer server(authority.certificate("IP:127.0.0.1", -1));
    const std::string text = co_await refusal(server.url(), trusting(authority));
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("it has expired"));
  }());
}

TEST_CASE("a caFile that is missing or no certificate is an invalid argument") {
  runTest([]() -> Task<> {
    for (const char* file : {"/nonexistent/ca.pem", "/dev/null", "/etc/passwd", "/"}) {
      WebSocketOptions options;
      options.caFile = file;
      const Error error =
          co_await thrownBy(WebSocket::connect("wss://127.0.0.1:1", "protoo", options));
      CHECK(error.code() == Error::Code::InvalidArgument);
      CHECK_THAT(error.what(),
                 Catch::Matchers::StartsWith("connect: caFile '" + std::string(file) + "': "));
    }
  }());
}

TEST_CASE("TLS to a server without, and the reverse, is recognised") {
  struct Body {
    static Task<> run() {
      ByteServer plain("HTTP/1.1 400 Bad Request\r\n\r\n");
      const std::string url = "wss://127.0.0.1:" + std::to_string(plain.port());
      Running<std::string> running(errorOf(WebSocket::connect(url, "protoo", quickly())));
      const std::string text = co_await running.result();
      CHECK_THAT(text, Catch::Matchers::StartsWith("connect to 127.0.0.1:"));

      const Authority authority;
      FakeServer tls(authority.certificate("IP:127.0.0.1"));
      const std::string reverse =
          co_await refusal("ws://127.0.0.1:" + std::to_string(tls.port()), WebSocketOptions());
      CHECK_THAT(reverse, Catch::Matchers::ContainsSubstring("(is it a wss:// server?)"));
    }
    static WebSocketOptions quickly() {
      WebSocketOptions options;
      options.connectLimit = 500ms;
      return options;
    }
  };
  runTest(Body::run());
}

TEST_CASE("a TLS server that is gone without a word ends the connection") {
  runTest([]() -> Task<> {
    const Authority authority;
    FakeServer server(authority.certificate("IP:127.0.0.1"));
    const std::unique_ptr<WebSocket> socket =
        co_await WebSocket::connect(server.url(), "protoo", trusting(authority));
    const auto peer = co_await server.peer();
    peer->vanish();
    const std::optional<std::string> none = co_await socket->messages().next();
    CHECK_FALSE(none);
    CHECK_FALSE(socket->ending().reason.empty());
    co_await socket->close(1000, "");
  }());
}

TEST_CASE("TLS connections, closed or dropped or refused, leave no file open") {
  struct Body {
    static Task<> useAll(const Authority& authority, FakeServer& server) {
      co_await exchange(server.url(), server, trusting(authority));
      std::unique_ptr<WebSocket> socket =
          co_await WebSocket::connect(server.url(), "protoo", trusting(authority));
      const auto peer = co_await server.peer();
      socket.reset();
      co_await peer->ended();
      co_await refusal(server.url(), WebSocketOptions());
    }
    static Task<> run() {
      const Authority authority;
      FakeServer server(authority.certificate("IP:127.0.0.1"));
      co_await useAll(authority, server);  // GIO opens some of its own, once
      const int before = openFiles();
      co_await useAll(authority, server);
      while (openFiles() > before) co_await sleepFor(1ms);  // until the test's time limit
    }
  };
  runTest(Body::run());
}

TEST_CASE("cancelling a connect ends it in the TLS handshake") {
  struct Body {
    static Task<> dropped(std::string url) {
      co_await WebSocket::connect(std::move(url), "protoo", WebSocketOptions());
    }
    static Task<> run() {
      ByteServer silent("", ByteServer::Then::stay);
      Running<void> connecting(dropped("wss://127.0.0.1:" + std::to_string(silent.port())));
      co_await silent.reached();
      co_await connecting.cancel();
      bool cancelled = false;
      try {
        co_await connecting.result();
      } catch (const Cancelled&) {
        cancelled = true;
      }
      CHECK(cancelled);
    }
  };
  runTest(Body::run());
}
