// UdpRelay: a way between the clients and a server on which a test can look at the packets, and
// which it can cut.
#pragma once

#include <gio/gio.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cosoup/glib/ref.hpp"

namespace cosoup::test {

/// On 127.0.0.1. Each client has a socket of its own towards the server, as behind a NAT.
/// Main-context-bound.
class UdpRelay {
 public:
  UdpRelay();
  UdpRelay(const UdpRelay&) = delete;
  UdpRelay& operator=(const UdpRelay&) = delete;
  ~UdpRelay();

  /// The port that stands for the server's.
  std::uint16_t port() const { return port_; }
  void forwardTo(std::uint16_t serverPort) { serverPort_ = serverPort; }
  /// While cut, every packet is lost.
  void cut(bool isCut) { isCut_ = isCut; }
  /// What the clients send beyond it, together, is lost, as at a policer; bit/s, 0: no limit.
  void limit(double bitrate);
  /// Every so manieth RTP packet is lost that the clients send, or that they are sent; 0: none.
  /// What is not RTP passes.
  void loseUp(unsigned nth) { up_ = Loss{nth, 0, 0, {}}; }
  void loseDown(unsigned nth) { down_ = Loss{nth, 0, 0, {}}; }
  /// None is lost any more; what was is still told.
  void keepDown() { down_.nth = 0; }
  /// What the clients are sent is what this makes of it, whatever kind of packet it is; null: as it
  /// was.
  void changeDown(std::function<std::vector<std::string>(std::string_view)> change) {
    changeDown_ = std::move(change);
  }
  /// RTP packets that were lost since loseUp() or loseDown().
  std::uint64_t lostUp() const { return up_.lost; }
  std::uint64_t lostDown() const { return down_.lost; }
  /// The sequence numbers of an SSRC of which a packet was lost on the way down.
  std::set<std::uint16_t> lostDown(std::uint32_t ssrc) const {
    const auto found = down_.numbers.find(ssrc);
    return found == down_.numbers.end() ? std::set<std::uint16_t>() : found->second;
  }

  /// Packets of a DTLS handshake, both ways.
  std::uint64_t handshakePackets() const { return handshakePackets_; }
  /// STUN requests of the clients.
  std::uint64_t stunRequests() const { return stunRequests_; }
  /// Whether a client has made a STUN request in the name of that server ufrag.
  bool hasSeenUfrag(const std::string& ufrag) const { return ufrags_.contains(ufrag); }
  /// hasSeenUfrag() from now on.
  void forgetUfrags() { ufrags_.clear(); }

 private:
  struct Client;
  struct Loss {
    unsigned nth = 0;
    std::uint64_t packets = 0;
    std::uint64_t lost = 0;
    std::map<std::uint32_t, std::set<std::uint16_t>> numbers;
  };
  static bool survives(std::string_view packet, Loss& loss);
  bool passes(std::size_t size);
  void note(std::string_view packet, bool isOurs);
  void send(GSocket* socket, GSocketAddress* to, std::string_view packet) const;

  std::uint16_t port_ = 0;
  std::uint16_t serverPort_ = 0;
  bool isCut_ = false;
  Loss up_;
  Loss down_;
  std::function<std::vector<std::string>(std::string_view)> changeDown_;
  double limit_ = 0;
  double bytesLeft_ = 0;
  std::int64_t lastPacket_ = 0;  // µs
  std::uint64_t handshakePackets_ = 0;
  std::uint64_t stunRequests_ = 0;
  std::set<std::string> ufrags_;
  std::map<std::string, std::unique_ptr<Client>> clients_;  // by address
  struct Listener;
  std::unique_ptr<Listener> listener_;
};

}  // namespace cosoup::test
