// TurnServer: a real STUN and TURN server (Debian's coturn) for one test.
#pragma once

#include <gio/gio.h>

#include <cstdint>
#include <string>

#include "cosoup/glib/ref.hpp"
#include "cosoup/rtc/ice_server.hpp"

namespace cosoup::test {

/// Runs on free ports of 127.0.0.1 while it lives, with a configuration of its own.
class TurnServer {
 public:
  /// Starts it and waits until it answers; throws std::runtime_error otherwise.
  TurnServer();
  TurnServer(const TurnServer&) = delete;
  TurnServer& operator=(const TurnServer&) = delete;
  ~TurnServer();

  std::uint16_t port() const { return port_; }
  /// With credentials that it accepts, which have characters that a URL must escape.
  IceServer turn(const std::string& transport = "udp") const;
  IceServer turnWithWrongPassword() const;
  /// Whether it relays from that port.
  bool isRelayPort(std::uint16_t port) const { return port >= firstRelay_ && port <= lastRelay_; }

 private:
  void stop();

  std::string folder_;
  std::uint16_t port_;
  std::uint16_t firstRelay_;
  std::uint16_t lastRelay_;
  Ref<GSubprocess> process_;
};

}  // namespace cosoup::test
