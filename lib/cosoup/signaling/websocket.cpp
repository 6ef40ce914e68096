#include "cosoup/signaling/websocket.hpp"

#include <utility>

#include "cosoup/async/loop.hpp"
#include "cosoup/core/error.hpp"
#include "cosoup/core/utf8.hpp"
#include "cosoup/signaling/websocket_gate.hpp"

namespace cosoup {
namespace {

// After the socket was shut down, only the loop has to turn a few times.
constexpr std::chrono::milliseconds kCutLimit{1'000};

WebSocket* socketOf(gpointer self) { return static_cast<WebSocket*>(self); }

}  // namespace

WebSocket::WebSocket(Ref<SoupWebsocketConnection> connection, Ref<GSocket> socket,
                     WebSocketOptions options)
    : gate_(std::make_shared<WebSocketGate>(options.maxMessageSize)),
      connection_(gate_->put(std::move(connection))),
      socket_(std::move(socket)),
      options_(std::move(options)) {
  limitMessages();
  connectSignals();
  watchServer();
}

// For what the gate lets through, and all there is where libsoup cannot be given a gate.
void WebSocket::limitMessages() {
  soup_websocket_connection_set_max_incoming_payload_size(connection_.get(),
                                                          options_.maxMessageSize);
  // That is a limit of a frame; newer versions have one of the reassembled message as well.
  if (g_object_class_find_property(G_OBJECT_GET_CLASS(connection_.get()),
                                   "max-total-message-size")) {
    g_object_set(connection_.get(), "max-total-message-size",
                 static_cast<guint64>(options_.maxMessageSize), nullptr);
  }
}

WebSocket::~WebSocket() {
  if (watch_) g_source_destroy(watch_.get());
  g_signal_handlers_disconnect_by_data(connection_.get(), this);
  if (!released_.isSettled()) cut();
}

void WebSocket::connectSignals() {
  const auto connect = [this](const char* name, GCallback handler) {
    g_signal_connect(connection_.get(), name, handler, this);
  };
  connect("message", G_CALLBACK(&WebSocket::onMessage));
  connect("error", G_CALLBACK(&WebSocket::onError));
  connect("closing", G_CALLBACK(&WebSocket::onClosing));
  connect("closed", G_CALLBACK(&WebSocket::onClosed));
  connect("pong", G_CALLBACK(&WebSocket::onPong));
}

// libsoup 3.2 sends the pings but does not miss their answers, and TCP notices a vanished server
// only after many minutes.
void WebSocket::watchServer() {
  const auto interval = options_.pingInterval;
  if (interval.count() <= 0) return;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(interval);
  soup_websocket_connection_set_keepalive_interval(connection_.get(),
                                                   static_cast<guint>(seconds.count()));
  watch_ = Ref<GSource>::adopt(g_timeout_source_new(static_cast<guint>(interval.count())));
  g_source_set_callback(watch_.get(), &WebSocket::onWatch, this, nullptr);
  g_source_attach(watch_.get(), MainContext::current().get());
}

// Counts intervals and not the time: when the whole program was stopped for a while, what the
// server sent meanwhile is still to be read.
gboolean WebSocket::onWatch(gpointer data) {
  constexpr int kGiveUp = 3;  // the first ping goes out at the end of the first interval
  WebSocket* self = socketOf(data);
  if (++self->silentIntervals_ < kGiveUp) return G_SOURCE_CONTINUE;
  const std::chrono::milliseconds silence = kGiveUp * self->options_.pingInterval;
  self->end({0, "no sign of life from the server for " + std::to_string(silence.count()) + " ms"});
  self->cut();
  return G_SOURCE_REMOVE;
}

void WebSocket::onMessage(SoupWebsocketConnection*, int type, GBytes* message, gpointer data) {
  WebSocket* self = socketOf(data);
  self->silentIntervals_ = 0;
  if (self->ending_ || type != SOUP_WEBSOCKET_DATA_TEXT) return;
  gsize size = 0;
  const auto* bytes = static_cast<const char*>(g_bytes_get_data(message, &size));
  self->messages_.push(std::string(bytes, size));
}

void WebSocket::onError(SoupWebsocketConnection*, GError* error, gpointer self) {
  // Errors of libsoup's WebSocket domain are the close code that it sends for them.
  const int code = error->domain == SOUP_WEBSOCKET_ERROR && error->code >= 1000 ? error->code : 0;
  socketOf(self)->end({code, error->message});
}

// From here on nothing can be sent or received. "closed" comes up to 5 s later.
void WebSocket::onClosing(SoupWebsocketConnection* connection, gpointer self) {
  const int code = soup_websocket_connection_get_close_code(connection);
  const char* reason = soup_websocket_connection_get_close_data(connection);
  socketOf(self)->end({code, printable(reason ? reason : "", limits::reasonBytes)});
}

void WebSocket::onClosed(SoupWebsocketConnection*, gpointer self) {
  socketOf(self)->end({0, "the server ended the connection"});
  socketOf(self)->released_.resolve();
}

void WebSocket::onPong(SoupWebsocketConnection*, GBytes*, gpointer self) {
  socketOf(self)->silentIntervals_ = 0;
}

void WebSocket::end(WebSocketEnding ending) {
  if (ending_) return;  // the first cause counts
  ending_ = std::move(ending);
  messages_.close();
  if (watch_) g_source_destroy(watch_.get());
}

// Shutting the socket down makes libsoup see the end of the stream and release everything on its
// usual way; and its TLS close, which might block on a server that does not read, fails instead.
void WebSocket::cut() {
  if (socket_ && !g_socket_is_closed(socket_.get())) {
    g_socket_shutdown(socket_.get(), TRUE, TRUE, nullptr);
  }
}

void WebSocket::send(const std::string& text) {
  if (!g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr)) {
    throw Error(Error::Code::InvalidArgument, "the message is not valid UTF-8");
  }
  if (const std::uint64_t unsent = gate_->unsent(); unsent > options_.maxUnsentSize && !ending_) {
    end({0, "the server does not read: " + std::to_string(unsent) + " bytes wait to be sent"});
    cut();
  }
  if (ending_ ||
      soup_websocket_connection_get_state(connection_.get()) != SOUP_WEBSOCKET_STATE_OPEN) {
    throw Error(Error::Code::Disconnected, "the connection is closed");
  }
  gate_->willSend(text.size());
  soup_websocket_connection_send_text(connection_.get(), text.c_str());
}

Task<> WebSocket::close(int code, std::string reason) {
  if (released_.isSettled()) co_return;
  SoupWebsocketConnection* connection = connection_.get();
  if (soup_websocket_connection_get_state(connection) == SOUP_WEBSOCKET_STATE_OPEN) {
    end({code, reason});
    soup_websocket_connection_close(connection, static_cast<gushort>(code), reason.c_str());
  }
  std::exception_ptr cancelled;
  try {
    co_await withTimeout(options_.closeLimit, released_.wait(), "close");
  } catch (const Error&) {  // too slow
  } catch (const Cancelled&) {
    cancelled = std::current_exception();
  }
  if (!released_.isSettled()) {
    cut();
    try {
      co_await shielded(withTimeout(kCutLimit, released_.wait(), "close"));
    } catch (const Error&) {
      g_warning("WebSocket: could not be released in time");
    }
  }
  if (cancelled) std::rethrow_exception(cancelled);
}

}  // namespace cosoup
