// ConnectProxy: a small HTTP proxy that knows CONNECT (RFC 9110, 9.3.6) and nothing else.
#pragma once

#include <gio/gio.h>

#include <string>
#include <vector>

#include "cosoup/async/scope.hpp"
#include "cosoup/glib/await.hpp"
#include "cosoup/glib/ref.hpp"
#include "support/loopback.hpp"

namespace cosoup::test {

/// On a free port of 127.0.0.1, on the main context of the test. Must be close()d.
class ConnectProxy {
 public:
  /// Answers with this status line's rest instead of connecting, unless it is empty.
  explicit ConnectProxy(std::string refusal = "")
      : service_(Ref<GSocketService>::adopt(g_socket_service_new())), refusal_(std::move(refusal)) {
    port_ = listenOnLoopback(service_.get());
    g_signal_connect(service_.get(), "incoming", G_CALLBACK(&ConnectProxy::onIncoming), this);
    g_socket_service_start(service_.get());
  }
  ConnectProxy(const ConnectProxy&) = delete;
  ConnectProxy& operator=(const ConnectProxy&) = delete;
  ~ConnectProxy() {
    g_signal_handlers_disconnect_by_data(service_.get(), this);
    g_socket_listener_close(G_SOCKET_LISTENER(service_.get()));
  }

  Task<> close() {
    g_socket_service_stop(service_.get());
    return serving_.close();
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// The first lines of the requests, in the order of their arrival.
  const std::vector<std::string>& requests() const { return requests_; }

 private:
  static gboolean onIncoming(GSocketService*, GSocketConnection* connection, GObject*,
                             gpointer data) {
    auto* self = static_cast<ConnectProxy*>(data);
    self->serving_.spawn(self->serve(Ref<GIOStream>::share(G_IO_STREAM(connection))));
    return TRUE;
  }

  Task<> serve(Ref<GIOStream> client) {
    const std::string request = co_await readHead(client);
    requests_.push_back(request);
    if (!refusal_.empty() || !request.starts_with("CONNECT ")) {
      answer(client, refusal_.empty() ? "405 Method Not Allowed" : refusal_);
      g_io_stream_close(client.get(), nullptr, nullptr);
      co_return;
    }
    const std::string host = request.substr(8, request.find(' ', 8) - 8);
    const Ref<GIOStream> server = co_await reach(host);
    if (!server) co_return;
    answer(client, "200 Connection established");
    co_await awaitAsync([&](auto... gio) {
      const auto flags = static_cast<GIOStreamSpliceFlags>(G_IO_STREAM_SPLICE_CLOSE_STREAM1 |
                                                           G_IO_STREAM_SPLICE_CLOSE_STREAM2);
      g_io_stream_splice_async(client.get(), server.get(), flags, G_PRIORITY_DEFAULT, gio...);
    });
  }

  /// All of the request; gives its first line.
  static Task<std::string> readHead(Ref<GIOStream> client) {
    const auto lines = Ref<GDataInputStream>::adopt(
        g_data_input_stream_new(g_io_stream_get_input_stream(client.get())));
    g_data_input_stream_set_newline_type(lines.get(), G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
    g_filter_input_stream_set_close_base_stream(G_FILTER_INPUT_STREAM(lines.get()), FALSE);
    std::string first;
    while (true) {
      const Ref<GAsyncResult> result = co_await awaitAsync([&](auto... gio) {
        g_data_input_stream_read_line_async(lines.get(), G_PRIORITY_DEFAULT, gio...);
      });
      char* line =
          g_data_input_stream_read_line_finish(lines.get(), result.get(), nullptr, nullptr);
      const std::string text = line ? line : "";
      g_free(line);
      if (text.empty()) co_return first;
      if (first.empty()) first = text;
    }
  }

  static Task<Ref<GIOStream>> reach(std::string host) {
    const auto connector = Ref<GSocketClient>::adopt(g_socket_client_new());
    g_socket_client_set_enable_proxy(connector.get(), FALSE);
    const Ref<GAsyncResult> result = co_await awaitAsync([&](auto... gio) {
      g_socket_client_connect_to_host_async(connector.get(), host.c_str(), 0, gio...);
    });
    GSocketConnection* connection =
        g_socket_client_connect_to_host_finish(connector.get(), result.get(), nullptr);
    co_return Ref<GIOStream>::adopt(connection ? G_IO_STREAM(connection) : nullptr);
  }

  static void answer(const Ref<GIOStream>& client, const std::string& status) {
    const std::string text = "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n";
    g_output_stream_write_all(g_io_stream_get_output_stream(client.get()), text.data(), text.size(),
                              nullptr, nullptr, nullptr);
  }

  Ref<GSocketService> service_;
  const std::string refusal_;
  int port_ = 0;
  std::vector<std::string> requests_;
  Scope serving_;
};

}  // namespace cosoup::test
