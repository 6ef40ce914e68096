// Servers for the tests of signaling, on the main context of the test: one that speaks WebSocket,
// played message by message by the test itself, and one that speaks nothing but bytes.
#pragma once

#include <libsoup/soup.h>
#include <sys/socket.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cosoup/async/channel.hpp"
#include "cosoup/async/deferred.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/core/json.hpp"
#include "cosoup/glib/ref.hpp"
#include "cosoup/signaling/signaler.hpp"
#include "support/loopback.hpp"
#include "support/websocket_accept.hpp"

namespace cosoup::test {

/// How a client's connection ended, as the server saw it.
struct PeerEnding {
  PeerEnding(int code_, std::string reason_) : code(code_), reason(std::move(reason_)) {}
  int code;
  std::string reason;
};

/// The server's end of a connection. Kept by shared_ptr, since libsoup calls back into it.
class FakePeer {
 public:
  FakePeer(SoupWebsocketConnection* connection, GSocket* socket, std::string query,
           std::multimap<std::string, std::string> headers)
      : query(std::move(query)),
        headers(std::move(headers)),
        connection_(Ref<SoupWebsocketConnection>::share(connection)),
        socket_(Ref<GSocket>::share(socket)) {
    soup_websocket_connection_set_max_incoming_payload_size(connection, 0);
    g_signal_connect(connection, "message", G_CALLBACK(&FakePeer::onMessage), this);
    g_signal_connect(connection, "closed", G_CALLBACK(&FakePeer::onClosed), this);
  }
  FakePeer(const FakePeer&) = delete;
  FakePeer& operator=(const FakePeer&) = delete;
  ~FakePeer() { g_signal_handlers_disconnect_by_data(connection_.get(), this); }

  /// The next text of the client; throws Error when there is none.
  Task<std::string> text() {
    std::optional<std::string> next = co_await texts_.next();
    if (!next) throw Error(Error::Code::Disconnected, "the client is gone");
    co_return std::move(*next);
  }
  Task<Json> message() { co_return Json::parse(co_await text()); }
  std::size_t waiting() const { return texts_.size(); }

  void send(const std::string& text) {
    soup_websocket_connection_send_text(connection_.get(), text.c_str());
  }
  void sendBinary(const std::string& bytes) {
    soup_websocket_connection_send_binary(connection_.get(), bytes.data(), bytes.size());
  }
  void accept(const Json& request, const Json& data = Json::object()) {
    send(Json::object(
             {{"response", true}, {"id", request.get<Json>("id")}, {"ok", true}, {"data", data}})
             .text());
  }
  void notify(const std::string& method, const Json& data) {
    send(Json::object({{"notification", true}, {"method", method}, {"data", data}}).text());
  }

  void close(int code, const std::string& reason) {
    soup_websocket_connection_close(connection_.get(), static_cast<gushort>(code), reason.c_str());
  }
  /// Ends TCP without a word of WebSocket.
  void vanish() { g_socket_shutdown(socket_.get(), TRUE, TRUE, nullptr); }
  /// A TCP reset, as from a server process that was killed.
  void reset() {
    const linger atOnce{1, 0};
    setsockopt(g_socket_get_fd(socket_.get()), SOL_SOCKET, SO_LINGER, &atOnce, sizeof(atOnce));
    g_socket_close(socket_.get(), nullptr);
  }
  Task<PeerEnding> ended() { return ending_.wait(); }

  const std::string query;                                ///< of the request's URL, as it came
  const std::multimap<std::string, std::string> headers;  ///< of the request
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }

 private:
  static void onMessage(SoupWebsocketConnection*, int, GBytes* message, gpointer self) {
    gsize size = 0;
    const auto* bytes = static_cast<const char*>(g_bytes_get_data(message, &size));
    static_cast<FakePeer*>(self)->texts_.push(std::string(bytes, size));
  }
  static void onClosed(SoupWebsocketConnection* connection, gpointer self) {
    const char* reason = soup_websocket_connection_get_close_data(connection);
    static_cast<FakePeer*>(self)->ending_.resolve(
        PeerEnding(soup_websocket_connection_get_close_code(connection), reason ? reason : ""));
    static_cast<FakePeer*>(self)->texts_.close();
  }

  Ref<SoupWebsocketConnection> connection_;
  Ref<GSocket> socket_;
  Channel<std::string> texts_;
  Deferred<PeerEnding> ending_;
};

/// A WebSocket server on a free port of 127.0.0.1.
class FakeServer {
 public:
  explicit FakeServer(Ref<GTlsCertificate> certificate = nullptr, std::string protocol = "protoo")
      : server_(Ref<SoupServer>::adopt(
            certificate ? soup_server_new("tls-certificate", certificate.get(), nullptr)
                        : soup_server_new(nullptr, nullptr))),
        tls_(certificate) {
    char* protocols[] = {protocol.data(), nullptr};
    soup_server_add_websocket_handler(server_.get(), nullptr, nullptr, protocols,
                                      &FakeServer::onConnected, this, nullptr);
    int options = SOUP_SERVER_LISTEN_IPV4_ONLY;
    if (tls_) options |= SOUP_SERVER_LISTEN_HTTPS;
    soup_server_listen_local(server_.get(), 0, static_cast<SoupServerListenOptions>(options),
                             nullptr);
    GSList* uris = soup_server_get_uris(server_.get());
    port_ = g_uri_get_port(static_cast<GUri*>(uris->data));
    g_slist_free_full(uris, [](gpointer uri) { g_uri_unref(static_cast<GUri*>(uri)); });
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;
  ~FakeServer() { soup_server_disconnect(server_.get()); }

  int port() const { return port_; }
  std::string url() const {
    return (tls_ ? "wss://127.0.0.1:" : "ws://127.0.0.1:") + std::to_string(port_);
  }
  RoomAddress address(std::string room = "room") const { return RoomAddress(url(), room); }

  /// The next client that has connected.
  Task<std::shared_ptr<FakePeer>> peer() {
    std::optional<std::shared_ptr<FakePeer>> next = co_await peers_.next();
    co_return std::move(*next);
  }

 private:
  static void onConnected(SoupServer*, SoupServerMessage* message, const char*,
                          SoupWebsocketConnection* connection, gpointer self) {
    GSocket* socket = soup_server_message_get_socket(message);
    const char* query = g_uri_get_query(soup_server_message_get_uri(message));
    std::multimap<std::string, std::string> headers;
    const auto add = [](const char* name, const char* value, gpointer all) {
      static_cast<decltype(headers)*>(all)->emplace(name, value);
    };
    soup_message_headers_foreach(soup_server_message_get_request_headers(message), add, &headers);
    static_cast<FakeServer*>(self)->peers_.push(
        std::make_shared<FakePeer>(connection, socket, query ? query : "", std::move(headers)));
  }

  Ref<SoupServer> server_;
  bool tls_;
  int port_ = 0;
  Channel<std::shared_ptr<FakePeer>> peers_;
};

/// Accepts TCP on a free port of 127.0.0.1, waits for the end of a request's head and answers it
/// with `answer`, in which {accept} becomes what RFC 6455 wants there; then it closes, unless told
/// to stay, and reads no more.
class ByteServer {
 public:
  enum class Then { close, stay };

  explicit ByteServer(std::string answer, Then then = Then::close)
      : service_(Ref<GSocketService>::adopt(g_socket_service_new())),
        answer_(std::move(answer)),
        then_(then) {
    port_ = listenOnLoopback(service_.get());
    g_signal_connect(service_.get(), "incoming", G_CALLBACK(&ByteServer::onIncoming), this);
    g_socket_service_start(service_.get());
  }
  ByteServer(const ByteServer&) = delete;
  ByteServer& operator=(const ByteServer&) = delete;
  ~ByteServer() {
    disconnect();
    g_signal_handlers_disconnect_by_data(service_.get(), this);
    g_socket_service_stop(service_.get());
    g_socket_listener_close(G_SOCKET_LISTENER(service_.get()));
  }

  std::string url() const { return "ws://127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }
  /// Resolves when a client has connected and, unless the answer is empty, was answered.
  Task<> reached() { return reached_.wait(); }

 private:
  static gboolean onIncoming(GSocketService*, GSocketConnection* connection, GObject*,
                             gpointer data) {
    auto* self = static_cast<ByteServer*>(data);
    self->connection_ = Ref<GSocketConnection>::share(connection);
    if (self->answer_.empty() && self->then_ == Then::stay) {
      self->reached_.resolve();
      return TRUE;
    }
    GSocket* socket = g_socket_connection_get_socket(connection);
    self->readable_ = Ref<GSource>::adopt(g_socket_create_source(socket, G_IO_IN, nullptr));
    g_source_set_callback(self->readable_.get(), G_SOURCE_FUNC(&ByteServer::onReadable), self,
                          nullptr);
    GMainContext* context = g_main_context_ref_thread_default();
    g_source_attach(self->readable_.get(), context);
    g_main_context_unref(context);
    return TRUE;
  }

  static gboolean onReadable(GSocket* socket, GIOCondition, gpointer data) {
    auto* self = static_cast<ByteServer*>(data);
    char buffer[4096];
    const gssize count = g_socket_receive(socket, buffer, sizeof(buffer), nullptr, nullptr);
    if (count > 0) self->received_.append(buffer, static_cast<std::size_t>(count));
    if (count > 0 && self->received_.find("\r\n\r\n") == std::string::npos) {
      return G_SOURCE_CONTINUE;
    }
    const std::string answer = answerTo(self->received_, self->answer_);
    g_socket_send(socket, answer.data(), answer.size(), nullptr, nullptr);
    if (self->then_ == Then::close) g_socket_close(socket, nullptr);
    self->reached_.resolve();
    return G_SOURCE_REMOVE;
  }

  void disconnect() {
    if (readable_) g_source_destroy(readable_.get());
    if (connection_) g_io_stream_close(G_IO_STREAM(connection_.get()), nullptr, nullptr);
  }

  Ref<GSocketService> service_;
  std::string answer_;
  Then then_;
  int port_ = 0;
  Ref<GSocketConnection> connection_;
  Ref<GSource> readable_;
  std::string received_;
  Deferred<> reached_;
};

/// A task that runs beside the test, and its result.
template <class T>
class Running {
 public:
  explicit Running(Task<T> task) { scope_.spawn(settle(std::move(task), result_)); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  bool isDone() const { return result_.isSettled(); }
  /// The task's value, or throws what it threw.
  Task<T> result() {
    co_await scope_.join();
    co_return co_await result_.wait();
  }
  /// Cancels it and waits for its end; then result() tells how it ended.
  Task<> cancel() { return scope_.close(); }

 private:
  static Task<> settle(Task<T> task, Deferred<T> result) {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(task);
        result.resolve();
      } else {
        result.resolve(co_await std::move(task));
      }
    } catch (...) {
      result.reject(std::current_exception());
    }
  }

  Deferred<T> result_;
  Scope scope_;
};

/// The text of the Error that the task throws; empty when it throws none.
template <class T>
Task<std::string> errorOf(Task<T> task) {
  try {
    co_await std::move(task);
  } catch (const Error& error) {
    co_return std::string(error.what());
  }
  co_return std::string();
}

/// The Error that the task throws; fails the test when it throws none.
template <class T>
Task<Error> thrownBy(Task<T> task) {
  try {
    co_await std::move(task);
  } catch (const Error& error) {
    co_return error;
  }
  throw std::logic_error("no Error was thrown");
}

}  // namespace cosoup::test
