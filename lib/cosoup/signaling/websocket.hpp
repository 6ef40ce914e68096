// WebSocket: one client connection that carries text messages, over libsoup.
#pragma once

#include <libsoup/soup.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/async/channel.hpp"
#include "cosoup/async/deferred.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/glib/ref.hpp"

namespace cosoup {

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
  std::size_t maxMessageSize = 960'000;  ///< bytes; a longer one ends the connection
};

/// Why a connection ended.
struct WebSocketEnding {
  int code = 0;        ///< the close code (RFC 6455, 7.4), where there is one
  std::string reason;  ///< may be empty when there is a code
};

/// An open connection. Never destroyed from within a callback of libsoup: those only fill the
/// channel, and the loop resumes who waits there. Main-context-bound.
class WebSocket {
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
  ~WebSocket();

  /// Text messages in the order of their arrival; closed when the connection ends.
  Channel<std::string> messages() const { return messages_; }
  bool isOpen() const { return !ending_; }
  /// Valid once messages() is closed.
  WebSocketEnding ending() const { return ending_.value_or(WebSocketEnding()); }

  /// Queues a message. Throws Error: Disconnected, or InvalidArgument for text that is not UTF-8.
  void send(const std::string& text);

  /// The orderly end: close frame, the server's answer, end of TCP. Also to be called when the
  /// server has ended the connection: it returns when all is released. When the server does not
  /// play along within `closeLimit`, the connection is cut. Cut at once, too, when cancelled.
  Task<> close(int code, std::string reason);

 private:
  static void onMessage(SoupWebsocketConnection*, int type, GBytes* message, gpointer self);
  static void onError(SoupWebsocketConnection*, GError* error, gpointer self);
  static void onClosing(SoupWebsocketConnection*, gpointer self);
  static void onClosed(SoupWebsocketConnection*, gpointer self);
  static void onPong(SoupWebsocketConnection*, GBytes*, gpointer self);
  static gboolean onWatch(gpointer self);

  void connectSignals();
  void watchServer();
  void end(WebSocketEnding ending);
  void cut();

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
