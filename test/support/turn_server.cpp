#include "support/turn_server.hpp"

#include <glib/gstdio.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "cosoup/glib/error.hpp"
#include "support/loop_watch.hpp"

namespace cosoup::test {
namespace {

constexpr char kUser[] = "ada@example";
constexpr char kPassword[] = "a:b/c?d%e&f";

// Of the ports that the kernel gives to nobody by itself (it begins at 32768).
constexpr int kFirstPort = 20000;
constexpr int kLastPort = 32000;
constexpr int kRelays = 100;

Ref<GSocket> newSocket() {
  GError* error = nullptr;
  auto socket = Ref<GSocket>::adopt(
      g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, &error));
  if (!socket) throwGError(error, "TURN server");
  return socket;
}

Ref<GSocketAddress> loopback(std::uint16_t port) {
  return Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string("127.0.0.1", port));
}

bool isFree(std::uint16_t port) {
  const auto address = loopback(port);
  return g_socket_bind(newSocket().get(), address.get(), FALSE, nullptr);
}

/// A STUN binding request (RFC 8489), until it is answered.
bool answers(std::uint16_t port) {
  std::array<gchar, 20> request{0, 1, 0, 0, 0x21, 0x12, static_cast<gchar>(0xa4), 0x42};
  const Ref<GSocket> socket = newSocket();
  g_socket_set_timeout(socket.get(), 1);
  const auto address = loopback(port);
  if (!g_socket_connect(socket.get(), address.get(), nullptr, nullptr)) return false;
  g_socket_send(socket.get(), request.data(), request.size(), nullptr, nullptr);
  std::array<gchar, 1024> answer{};
  return g_socket_receive(socket.get(), answer.data(), answer.size(), nullptr, nullptr) > 0;
}

std::string configuration(const std::string& folder, int port, int firstRelay, int lastRelay) {
  return "listening-ip=127.0.0.1\nlistening-port=" + std::to_string(port) +
         "\nrelay-ip=127.0.0.1\nmin-port=" + std::to_string(firstRelay) +
         "\nmax-port=" + std::to_string(lastRelay) + "\nallow-loopback-peers\nno-cli\nno-tls\n" +
         "no-dtls\nlt-cred-mech\nrealm=cosoup.test\nuser=" + kUser + ":" + kPassword +
         "\nno-stdout-log\nlog-file=" + folder + "/log\nsimple-log\npidfile=" + folder +
         "/pid\nuserdb=" + folder + "/db\n";
}

}  // namespace

TurnServer::TurnServer() {
  char* folder = g_dir_make_tmp("cosoup-turn-XXXXXX", nullptr);
  folder_ = folder;
  g_free(folder);
  do {
    port_ = static_cast<std::uint16_t>(g_random_int_range(kFirstPort, kLastPort));
  } while (!isFree(port_));
  firstRelay_ = static_cast<std::uint16_t>(port_ + 10);
  lastRelay_ = static_cast<std::uint16_t>(firstRelay_ + kRelays);
  const std::string file = folder_ + "/turnserver.conf";
  std::ofstream(file) << configuration(folder_, port_, firstRelay_, lastRelay_);
  GError* error = nullptr;
  process_ = Ref<GSubprocess>::adopt(
      g_subprocess_new(static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
                                                     G_SUBPROCESS_FLAGS_STDERR_SILENCE),
                       &error, "turnserver", "-c", file.c_str(), nullptr));
  if (!process_) throwGError(error, "TURN server");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!answers(port_)) {
    if (std::chrono::steady_clock::now() > end) {
      stop();
      throw std::runtime_error("TURN server: no answer");
    }
    g_usleep(50 * 1000);
  }
}

TurnServer::~TurnServer() { stop(); }

void TurnServer::stop() {
  g_subprocess_send_signal(process_.get(), SIGTERM);
  const LoopMayWait ending;
  g_subprocess_wait(process_.get(), nullptr, nullptr);
  std::filesystem::remove_all(folder_);
}

IceServer TurnServer::turn(const std::string& transport) const {
  return IceServer({"turn:127.0.0.1:" + std::to_string(port_) + "?transport=" + transport}, kUser,
                   kPassword);
}

IceServer TurnServer::turnWithWrongPassword() const {
  IceServer server = turn();
  server.credential = "wrong";
  return server;
}

}  // namespace cosoup::test
