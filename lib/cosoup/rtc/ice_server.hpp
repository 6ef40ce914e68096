// STUN and TURN servers.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/core/export.hpp"

namespace cosoup {

/// A STUN or TURN server, as W3C's RTCIceServer.
struct IceServer {
  IceServer() = default;
  explicit IceServer(std::vector<std::string> urls_, std::string username_ = "",
                     std::string credential_ = "")
      : urls(std::move(urls_)),
        username(std::move(username_)),
        credential(std::move(credential_)) {}

  /// "stun:host:port", "turn:host:port?transport=udp" or tcp, "turns:host:port" (RFC 7064, RFC
  /// 7065). Only the first STUN server is asked.
  std::vector<std::string> urls;
  std::string username;    ///< TURN only
  std::string credential;  ///< TURN only: the password
};

/// As W3C's RTCIceTransportPolicy.
enum class IceTransportPolicy {
  all,
  relay,  ///< only through a TURN server
};

/// A server that gave us no address, as W3C's RTCPeerConnectionIceErrorEvent.
struct IceCandidateError {
  std::string url;   ///< of the server, as in IceServer::urls
  std::string text;  ///< what is known of it
};

/// One URL of an IceServer, taken apart.
struct IceServerUrl {
  enum class Kind { stun, turn };
  enum class Protocol { udp, tcp, tls };

  Kind kind = Kind::stun;
  std::string host;  ///< a name or an address; IPv6 without brackets
  std::uint16_t port = 3478;
  Protocol protocol = Protocol::udp;
  std::string username;
  std::string credential;
  friend bool operator==(const IceServerUrl&, const IceServerUrl&) = default;
};

/// "host:port", IPv6 in brackets.
COSOUP_API std::string hostAndPort(const IceServerUrl& server);

/// "turn:host:port?transport=udp" and the like, without user and password.
COSOUP_API std::string toString(const IceServerUrl& server);

/// All URLs in their order. Throws Error naming the server and the field: InvalidArgument for a URL
/// that is malformed, or for TURN without username or credential; Unsupported for STUN over TLS and
/// TURN over DTLS.
COSOUP_API std::vector<IceServerUrl> readIceServers(const std::vector<IceServer>& servers);

}  // namespace cosoup
