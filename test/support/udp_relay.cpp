#include "support/udp_relay.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <stdexcept>
#include <utility>

#include "cosoup/async/loop.hpp"

namespace cosoup::test {
namespace {

constexpr std::size_t kMaxPacket = 65536;
constexpr std::uint8_t kHandshake = 22;      // RFC 6347: the content type of a record
constexpr std::uint16_t kUsername = 0x0006;  // RFC 8489
constexpr std::size_t kStunHeader = 20;
constexpr std::size_t kRtpHeader = 12;

std::uint16_t numberAt(std::string_view packet, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(packet[at]) << 8 |
                                    static_cast<std::uint8_t>(packet[at + 1]));
}

/// The part before the colon of a STUN request's USERNAME; empty when it has none.
std::string remoteUfrag(std::string_view packet) {
  std::size_t at = kStunHeader;
  while (at + 4 <= packet.size()) {
    const std::size_t length = numberAt(packet, at + 2);
    if (at + 4 + length > packet.size()) break;
    if (numberAt(packet, at) == kUsername) {
      const std::string_view name = packet.substr(at + 4, length);
      return std::string(name.substr(0, name.find(':')));
    }
    at += 4 + (length + 3) / 4 * 4;
  }
  return {};
}

bool isStunRequest(std::string_view packet) {
  return packet.size() >= kStunHeader && (packet[0] & 0xc0) == 0 &&
         (numberAt(packet, 0) & 0x110) == 0;
}

/// RFC 7983, and RFC 5761 for what tells RTCP apart.
bool isRtp(std::string_view packet) {
  if (packet.size() < 2) return false;
  const unsigned first = static_cast<std::uint8_t>(packet[0]);
  const unsigned payloadType = static_cast<std::uint8_t>(packet[1]) & 0x7f;
  return first >= 128 && first < 192 && (payloadType < 64 || payloadType > 95);
}

std::string keyOf(GSocketAddress* address) {
  return std::to_string(g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address)));
}

/// A socket on a free port of 127.0.0.1 that calls back for every packet.
class Socket {
 public:
  using Callback = std::function<void(std::string_view packet, GSocketAddress* from)>;

  explicit Socket(Callback callback) : callback_(std::move(callback)) {
    GError* error = nullptr;
    socket_ = Ref<GSocket>::adopt(
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, &error));
    const auto any =
        Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string("127.0.0.1", 0));
    if (!socket_ || !g_socket_bind(socket_.get(), any.get(), FALSE, &error)) {
      throw std::runtime_error("UDP relay: no socket");
    }
    g_socket_set_blocking(socket_.get(), FALSE);
    source_ = g_socket_create_source(socket_.get(), G_IO_IN, nullptr);
    g_source_set_callback(source_, G_SOURCE_FUNC(&Socket::onReadable), this, nullptr);
    g_source_attach(source_, MainContext::current().get());
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    g_source_destroy(source_);
    g_source_unref(source_);
    g_socket_close(socket_.get(), nullptr);
  }

  GSocket* get() const { return socket_.get(); }
  std::uint16_t port() const {
    const auto address =
        Ref<GSocketAddress>::adopt(g_socket_get_local_address(socket_.get(), nullptr));
    return g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address.get()));
  }

 private:
  static gboolean onReadable(GSocket* socket, GIOCondition, gpointer self) {
    std::array<gchar, kMaxPacket> buffer;
    while (true) {
      GSocketAddress* from = nullptr;
      const gssize size =
          g_socket_receive_from(socket, &from, buffer.data(), buffer.size(), nullptr, nullptr);
      const auto sender = Ref<GSocketAddress>::adopt(from);
      if (size < 0) return G_SOURCE_CONTINUE;
      static_cast<Socket*>(self)->callback_(
          std::string_view(buffer.data(), static_cast<std::size_t>(size)), sender.get());
    }
  }

  Callback callback_;
  Ref<GSocket> socket_;
  GSource* source_ = nullptr;
};

}  // namespace

struct UdpRelay::Listener {
  explicit Listener(Socket::Callback callback) : socket(std::move(callback)) {}
  Socket socket;
};

struct UdpRelay::Client {
  Client(Ref<GSocketAddress> from, Socket::Callback callback)
      : address(std::move(from)), socket(std::move(callback)) {}
  Ref<GSocketAddress> address;
  Socket socket;
};

UdpRelay::UdpRelay() {
  listener_ = std::make_unique<Listener>([this](std::string_view packet, GSocketAddress* from) {
    note(packet, true);
    auto& client = clients_[keyOf(from)];
    if (!client) {
      client = std::make_unique<Client>(Ref<GSocketAddress>::share(from),
                                        [this, key = keyOf(from)](std::string_view answer, auto) {
                                          note(answer, false);
                                          if (!survives(answer, down_)) return;
                                          GSocketAddress* to = clients_.at(key)->address.get();
                                          if (!changeDown_)
                                            return send(listener_->socket.get(), to, answer);
                                          for (const std::string& changed : changeDown_(answer)) {
                                            send(listener_->socket.get(), to, changed);
                                          }
                                        });
    }
    if (!survives(packet, up_) || !passes(packet.size())) return;
    const auto server =
        Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string("127.0.0.1", serverPort_));
    send(client->socket.get(), server.get(), packet);
  });
  port_ = listener_->socket.port();
}

UdpRelay::~UdpRelay() = default;

void UdpRelay::limit(double bitrate) {
  limit_ = bitrate;
  bytesLeft_ = 0;
  lastPacket_ = g_get_monotonic_time();
}

bool UdpRelay::survives(std::string_view packet, Loss& loss) {
  if (loss.nth == 0 || !isRtp(packet) || ++loss.packets % loss.nth != 0) return true;
  ++loss.lost;
  // SRTP leaves the header as it is.
  if (packet.size() >= kRtpHeader) {
    const std::uint32_t ssrc = std::uint32_t{numberAt(packet, 8)} << 16 | numberAt(packet, 10);
    loss.numbers[ssrc].insert(numberAt(packet, 2));
  }
  return false;
}

bool UdpRelay::passes(std::size_t size) {
  if (limit_ == 0) return true;
  constexpr double kBurst = 0.05;  // s at the full rate
  const std::int64_t now = g_get_monotonic_time();
  const double earned = limit_ / 8 * static_cast<double>(now - lastPacket_) / 1e6;
  bytesLeft_ = std::min(bytesLeft_ + earned, std::max(limit_ / 8 * kBurst, 4000.0));
  lastPacket_ = now;
  if (bytesLeft_ < static_cast<double>(size)) return false;
  bytesLeft_ -= static_cast<double>(size);
  return true;
}

void UdpRelay::note(std::string_view packet, bool isOurs) {
  if (isCut_ || packet.empty()) return;
  if (static_cast<std::uint8_t>(packet[0]) == kHandshake) ++handshakePackets_;
  if (!isOurs || !isStunRequest(packet)) return;
  ++stunRequests_;
  ufrags_.insert(remoteUfrag(packet));
}

void UdpRelay::send(GSocket* socket, GSocketAddress* to, std::string_view packet) const {
  if (isCut_) return;
  g_socket_send_to(socket, to, packet.data(), packet.size(), nullptr, nullptr);
}

}  // namespace cosoup::test
