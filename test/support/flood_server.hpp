// A server that floods its client.
#pragma once

#include <gio/gio.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include "cosoup/glib/ref.hpp"
#include "support/loopback.hpp"
#include "support/websocket_accept.hpp"

namespace cosoup::test {

/// On a thread of its own: lets one client in over WebSocket, sends it `first`, and then `pattern`
/// again and again, as fast as it can, until it has sent `most` bytes or the client has gone. It
/// reads nothing, and does not close the connection before its own end.
class FloodServer {
 public:
  FloodServer(std::string first, std::string pattern, std::size_t most)
      : first_(std::move(first)),
        pattern_(std::move(pattern)),
        most_(most),
        listener_(Ref<GSocketListener>::adopt(g_socket_listener_new())),
        port_(listenOnLoopback(listener_.get())),
        thread_([this] { serve(); }) {}
  FloodServer(const FloodServer&) = delete;
  FloodServer& operator=(const FloodServer&) = delete;
  ~FloodServer() {
    g_cancellable_cancel(stop_.get());
    thread_.join();
    g_socket_listener_close(listener_.get());
  }

  std::string url() const { return "ws://127.0.0.1:" + std::to_string(port_); }
  /// Bytes that the client has taken.
  std::size_t sent() const { return sent_; }

 private:
  void serve() {
    const auto client = Ref<GSocketConnection>::adopt(
        g_socket_listener_accept(listener_.get(), nullptr, stop_.get(), nullptr));
    if (!client) return;
    GSocket* socket = g_socket_connection_get_socket(client.get());
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {
      char buffer[4096];
      const gssize count = g_socket_receive(socket, buffer, sizeof(buffer), stop_.get(), nullptr);
      if (count <= 0) return;
      head.append(buffer, static_cast<std::size_t>(count));
    }
    bool goesOn = send(client.get(), answerTo(head, kUpgraded) + first_);
    while (goesOn && sent_ < most_) goesOn = send(client.get(), pattern_);
    GPollFD stopped{};
    if (g_cancellable_make_pollfd(stop_.get(), &stopped)) {
      g_poll(&stopped, 1, -1);
      g_cancellable_release_fd(stop_.get());
    }
  }

  bool send(GSocketConnection* client, const std::string& bytes) {
    gsize written = 0;
    const gboolean done =
        g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(client)), bytes.data(),
                                  bytes.size(), &written, stop_.get(), nullptr);
    sent_ += written;
    return done;
  }

  const std::string first_;
  const std::string pattern_;
  const std::size_t most_;
  const Ref<GSocketListener> listener_;
  const int port_;
  const Ref<GCancellable> stop_ = Ref<GCancellable>::adopt(g_cancellable_new());
  std::atomic<std::size_t> sent_ = 0;
  std::thread thread_;
};

}  // namespace cosoup::test
