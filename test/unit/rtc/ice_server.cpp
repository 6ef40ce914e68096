#include "cosoup/rtc/ice_server.hpp"

#include "cosoup/core/error.hpp"
#include "support/catch.hpp"

using namespace cosoup;

namespace {

IceServerUrl read(const std::string& url) {
  const auto urls = readIceServers({IceServer({url}, "ada", "secret")});
  REQUIRE(urls.size() == 1);
  return urls.front();
}

Error errorOf(const std::vector<IceServer>& servers) {
  try {
    readIceServers(servers);
  } catch (const Error& error) {
    return error;
  }
  FAIL("it was accepted");
  throw std::logic_error("unreachable");
}

Error errorOf(const std::string& url) { return errorOf({IceServer({url}, "ada", "secret")}); }

}  // namespace

TEST_CASE("a STUN server has a host and a port, 3478 by itself") {
  const IceServerUrl url = read("stun:stun.example.org");
  CHECK(url.kind == IceServerUrl::Kind::stun);
  CHECK(url.host == "stun.example.org");
  CHECK(url.port == 3478);
  CHECK(url.username.empty());
  CHECK(read("stun:192.0.2.1:19302").port == 19302);
}

TEST_CASE("a TURN server is spoken to over UDP unless its URL says TCP") {
  const IceServerUrl url = read("turn:turn.example.org");
  CHECK(url.kind == IceServerUrl::Kind::turn);
  CHECK(url.protocol == IceServerUrl::Protocol::udp);
  CHECK(url.port == 3478);
  CHECK(url.username == "ada");
  CHECK(url.credential == "secret");
  CHECK(read("turn:turn.example.org:80?transport=udp") ==
        IceServerUrl{IceServerUrl::Kind::turn, "turn.example.org", 80, IceServerUrl::Protocol::udp,
                     "ada", "secret"});
  CHECK(read("turn:turn.example.org?transport=tcp").protocol == IceServerUrl::Protocol::tcp);
}

TEST_CASE("a secure TURN server is spoken to over TLS, on port 5349 by itself") {
  for (const char* url : {"turns:turn.example.org", "turns:turn.example.org?transport=tcp"}) {
    CHECK(read(url).protocol == IceServerUrl::Protocol::tls);
    CHECK(read(url).port == 5349);
  }
  CHECK(read("turns:turn.example.org:443").port == 443);
}

TEST_CASE("an IPv6 address stands in brackets") {
  CHECK(read("turn:[2001:db8::1]:3479?transport=tcp").host == "2001:db8::1");
  CHECK(read("turn:[2001:db8::1]:3479?transport=tcp").port == 3479);
  CHECK(read("stun:[::1]").host == "::1");
}

TEST_CASE("all URLs of all ICE servers count, in their order") {
  const auto urls = readIceServers(
      {IceServer({"stun:a", "turn:b"}, "ada", "secret"), IceServer({"turn:c"}, "bob", "hidden")});
  REQUIRE(urls.size() == 3);
  CHECK(urls[1].host == "b");
  CHECK(urls[2].username == "bob");
  CHECK(readIceServers({}).empty());
}

TEST_CASE("an ICE server is written as its URL, without user and password") {
  for (const std::string url : {"stun:host:3478", "turn:host:1?transport=udp",
                                "turn:[2001:db8::1]:3478?transport=tcp", "turns:host:5349"}) {
    CAPTURE(url);
    const std::vector<IceServer> servers{IceServer({url}, "user", "secret")};
    CHECK(toString(readIceServers(servers).at(0)) == url);
  }
}

TEST_CASE("a URL that is malformed is refused by name") {
  for (const char* url : {"",
                          "stun",
                          "stun:",
                          "http://turn.example.org",
                          "turn://turn.example.org",
                          "turn:a b",
                          "turn:a\r\nb",
                          "turn:a:",
                          "turn:a:0",
                          "turn:a:65536",
                          "turn:a:12x",
                          "turn:a:1:2",
                          "turn:user@a",
                          "turn:[::1",
                          "turn:[zz]",
                          "turn:[]",
                          "turn:[::1]x",
                          "turn:a?transport=sctp",
                          "turn:a?x=udp",
                          "stun:a?transport=udp",
                          "TURN:a"}) {
    const Error error = errorOf(url);
    CAPTURE(url);
    CHECK(error.code() == Error::Code::InvalidArgument);
    CHECK(std::string(error.what()).starts_with("iceServers[0]: '" + std::string(url) + "' "));
  }
}

TEST_CASE("what libnice cannot do is refused as unsupported") {
  CHECK(errorOf("stuns:a").code() == Error::Code::Unsupported);
  CHECK(errorOf("turns:a?transport=udp").code() == Error::Code::Unsupported);
}

TEST_CASE("a TURN server without credentials is refused, a STUN server needs none") {
  CHECK(std::string(errorOf({IceServer({"stun:a"}), IceServer({"turn:a"})}).what()) ==
        "iceServers[1]: 'username' is empty");
  CHECK(std::string(errorOf({IceServer({"turn:a"}, "ada")}).what()) ==
        "iceServers[0]: 'credential' is empty");
  CHECK(std::string(errorOf({IceServer()}).what()) == "iceServers[0]: 'urls' is empty");
}
