// WebSocket: one client connection that carries text messages, over libsoup. Internal.
#pragma once

#include <libsoup/soup.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "cosoup/core/limits.hpp"
#include "cosoup/glib/ref.hpp"
#include "cosoup/signaling/text_socket.hpp"

namespace cosoup {

class WebSocketGate;

struct WebSocketOptions {
  WebSocketOptions() = default;

  std::optional<std::string> caFile;  ///< PEM of the authorities to trust instead of the system's
  bool insecure = false;              ///< accept any server certificate
  /// Absent: scheme and host of the URL, as a page of that host would say.
  std::optional<std::string> origin;
  std::vector<std::pair<std::string, std::string>> headers;  ///< of the request, beside our own
  std::chrono::milliseconds connectLimit{10'000};  ///< from the look-up of the name to the upgrade
  std::chrono::milliseconds closeLimit{2'000};     ///< for the server to answer our close frame
  /// A server that leaves two pings unanswered is dead; 0: no pings. libsoup rounds up to seconds.
  std::chrono::milliseconds pingInterval{10'000};
  /// Bytes. A longer message is skipped; one in fragments ends the connection.
  std::size_t maxMessageSize = limits::messageBytes;
  /// Bytes that may wait to be sent. A server that does not read them is left.
  std::size_t maxUnsentSize = limits::unsentBytes;
};

/// An open connection. Never destroyed from within a callback of libsoup: those only fill the
/// channel, and the loop resumes who waits there. Main-context-bound.
class WebSocket final : public TextSocket {
 public:
  /// Throws Error, each time with "connect to host:port: reason": Rejected with the HTTP status
  /// when the server refused (4xx, 5xx), Disconnected, Timeout, InvalidArgument for a bad URL,
  /// caFile, origin or header; and Cancelled.
  static Task<std::unique_ptr<WebSocket>> connect(std::string url, std::string subprotocol,
                                                  WebSocketOptions options);

  /// Takes over an established connection; for connect(). `socket` may be null.
  WebSocket(Ref<SoupWebsocketConnection> connection, Ref<GSocket> socket, WebSocketOptions options);
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;
  /// Drops a connection that is still open; the loop then frees what belongs to it.
  ~WebSocket() override;

  Channel<std::string> messages() const override { return messages_; }
  bool isOpen() const override { return !ending_; }
  WebSocketEnding ending() const override { return ending_.value_or(WebSocketEnding()); }
  void send(const std::string& text) override;
  /// Close frame, the server's answer, end of TCP. When the server does not play along within
  /// `closeLimit`, the connection is cut. Cut at once, too, when cancelled.
  Task<> close(int code, std::string reason) override;

 private:
  static void onMessage(SoupWebsocketConnection*, int type, GBytes* message, gpointer self);
  static void onError(SoupWebsocketConnection*, GError* error, gpointer self);
  static void onClosing(SoupWebsocketConnection*, gpointer self);
  static void onClosed(SoupWebsocketConnection*, gpointer self);
  static void onPong(SoupWebsocketConnection*, GBytes*, gpointer self);
  static gboolean onWatch(gpointer self);

  void limitMessages();
  void connectSignals();
  void watchServer();
  void end(WebSocketEnding ending);
  void cut();

  const std::shared_ptr<WebSocketGate> gate_;
  Ref<SoupWebsocketConnection> connection_;
  Ref<GSocket> socket_;
  WebSocketOptions options_;
  Channel<std::string> messages_;
  std::optional<WebSocketEnding> ending_;
  Deferred<> released_;
  Ref<GSource> watch_;
  int silentIntervals_ = 0;
};

}  // namespace cosoup
