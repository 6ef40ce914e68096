#include "cosoup/rtc/ice_server.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>

#include "cosoup/core/error.hpp"

namespace cosoup {
namespace {

constexpr std::uint16_t kTlsPort = 5349;

[[noreturn]] void fail(const std::string& reason) {
  throw Error(Error::Code::InvalidArgument, reason);
}

/// What stands before the first of the separators; the rest begins with it.
std::string_view takeUntil(std::string_view& rest, std::string_view separators) {
  const std::string_view head = rest.substr(0, rest.find_first_of(separators));
  rest.remove_prefix(head.size());
  return head;
}

bool isHost(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == '_';
  });
}

bool isAddress6(std::string_view host) {
  return host.find(':') != std::string_view::npos &&
         std::all_of(host.begin(), host.end(),
                     [](unsigned char c) { return std::isxdigit(c) || c == ':' || c == '.'; });
}

std::string readHost(std::string_view& rest) {
  if (!rest.starts_with('[')) {
    const std::string_view host = takeUntil(rest, ":?");
    if (!isHost(host)) fail("has no valid host");
    return std::string(host);
  }
  rest.remove_prefix(1);
  const std::string_view host = takeUntil(rest, "]");
  if (rest.empty() || !isAddress6(host)) fail("has no valid host");
  rest.remove_prefix(1);
  return std::string(host);
}

void readPort(std::string_view& rest, std::uint16_t& port) {
  if (!rest.starts_with(':')) return;
  rest.remove_prefix(1);
  const std::string_view text = takeUntil(rest, "?");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    fail("has no valid port");
  }
}

void readTransport(std::string_view rest, bool isSecure, IceServerUrl& url) {
  if (rest.empty()) return;
  const std::string_view prefix = "?transport=";
  if (url.kind == IceServerUrl::Kind::stun || !rest.starts_with(prefix)) {
    fail("has something behind the port that is no transport");
  }
  rest.remove_prefix(prefix.size());
  if (rest == "udp") {
    if (isSecure)
      throw Error(Error::Code::Unsupported, "is TURN over DTLS, which is not supported");
  } else if (rest == "tcp") {
    if (!isSecure) url.protocol = IceServerUrl::Protocol::tcp;
  } else {
    fail("names a transport that is neither udp nor tcp");
  }
}

IceServerUrl readUrl(std::string_view rest) {
  const std::string_view scheme = takeUntil(rest, ":");
  IceServerUrl url;
  if (scheme == "stuns") {
    throw Error(Error::Code::Unsupported, "is STUN over TLS, which is not supported");
  }
  const bool isSecure = scheme == "turns";
  if (scheme == "turn" || isSecure) {
    url.kind = IceServerUrl::Kind::turn;
  } else if (scheme != "stun") {
    fail("begins with neither stun:, turn: nor turns:");
  }
  if (rest.empty()) fail("has no valid host");
  rest.remove_prefix(1);
  if (isSecure) {
    url.protocol = IceServerUrl::Protocol::tls;
    url.port = kTlsPort;
  }
  url.host = readHost(rest);
  readPort(rest, url.port);
  readTransport(rest, isSecure, url);
  return url;
}

void readServer(const IceServer& server, std::vector<IceServerUrl>& urls) {
  if (server.urls.empty()) fail("'urls' is empty");
  for (const std::string& text : server.urls) {
    IceServerUrl url;
    try {
      url = readUrl(text);
    } catch (const Error& error) {
      throw Error(error.code(), "'" + text + "' " + error.what());
    }
    if (url.kind == IceServerUrl::Kind::turn) {
      if (server.username.empty()) fail("'username' is empty");
      if (server.credential.empty()) fail("'credential' is empty");
      url.username = server.username;
      url.credential = server.credential;
    }
    urls.push_back(std::move(url));
  }
}

}  // namespace

std::string hostAndPort(const IceServerUrl& server) {
  const bool isAddress6 = server.host.find(':') != std::string::npos;
  const std::string host = isAddress6 ? "[" + server.host + "]" : server.host;
  return host + ":" + std::to_string(server.port);
}

std::string toString(const IceServerUrl& server) {
  const std::string place = hostAndPort(server);
  if (server.kind == IceServerUrl::Kind::stun) return "stun:" + place;
  if (server.protocol == IceServerUrl::Protocol::tls) return "turns:" + place;
  const bool isUdp = server.protocol == IceServerUrl::Protocol::udp;
  return "turn:" + place + (isUdp ? "?transport=udp" : "?transport=tcp");
}

std::vector<IceServerUrl> readIceServers(const std::vector<IceServer>& servers) {
  std::vector<IceServerUrl> urls;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    try {
      readServer(servers[i], urls);
    } catch (const Error& error) {
      throw error.within("iceServers[" + std::to_string(i) + "]");
    }
  }
  return urls;
}

}  // namespace cosoup
