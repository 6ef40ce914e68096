// The header fields of the request that opens a WebSocket.
#include "cosoup/signaling/handshake_headers.hpp"

#include "cosoup/core/error.hpp"
#include "support/catch.hpp"

using namespace cosoup;

TEST_CASE("the origin of a URL is its scheme and host, without the port") {
  CHECK(originOf("wss://example.com:4443/?a=b") == "https://example.com");
  CHECK(originOf("ws://127.0.0.1:8080") == "http://127.0.0.1");
  CHECK(originOf("WSS://Example.COM/path") == "https://example.com");
  CHECK(originOf("wss://[::1]:4443/") == "https://[::1]");
  CHECK(originOf("wss://user:word@host") == "https://host");
}

TEST_CASE("header fields of an app are taken as they are") {
  CHECK_NOTHROW(checkHeaders({{"Authorization", "Bearer a.b-c"},
                              {"Cookie", "a=b; c=\"d\""},
                              {"X-Empty", ""},
                              {"X-Tab", "a\tb"},
                              {"X-Umlaut", "\xc3\xa4"}}));
}

TEST_CASE("what would become two header fields, or none, is refused by name") {
  for (const char* value : {"a\r\nB: c", "a\nb", "a\rb", "a\x7f", "\x01"}) {
    CHECK_THROWS_WITH(checkHeaders({{"X", value}}),
                      "connect: the header X has a line break or the like in it");
    CHECK_THROWS_AS(checkOrigin(std::string("https://a") + value), Error);
  }
  CHECK_THROWS_AS(checkHeaders({{"X", std::string("a\0b", 3)}}), Error);
  for (const char* name : {"", "a b", "a:", "a\n", "\xc3\xa4"}) {
    CHECK_THROWS_AS(checkHeaders({{name, "x"}}), Error);
  }
  CHECK_THROWS_WITH(checkOrigin(""), "connect: the origin is empty");
}

TEST_CASE("the header fields of the handshake itself are refused") {
  for (const char* name : {"Sec-WebSocket-Key", "sec-websocket-protocol", "Upgrade", "connection",
                           "Host", "Content-Length"}) {
    CHECK_THROWS_WITH(checkHeaders({{name, "x"}}),
                      std::string("connect: the header ") + name + " belongs to the handshake");
  }
  CHECK_THROWS_WITH(checkHeaders({{"origin", "x"}}),
                    "connect: the header Origin has an option of its own");
}
