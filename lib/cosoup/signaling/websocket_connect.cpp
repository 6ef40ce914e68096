// The opening handshake: connecting, and saying in one line why it failed.
#include <exception>
#include <functional>
#include <utility>

#include "cosoup/async/loop.hpp"
#include "cosoup/core/taken.hpp"
#include "cosoup/core/utf8.hpp"
#include "cosoup/glib/await.hpp"
#include "cosoup/glib/error.hpp"
#include "cosoup/glib/web_proxy.hpp"
#include "cosoup/signaling/handshake_headers.hpp"
#include "cosoup/signaling/websocket.hpp"

namespace cosoup {

COSOUP_REF(GUri, g_uri_ref, g_uri_unref);

namespace {

/// The request of the upgrade, and what is learnt on the way.
class Handshake {
 public:
  Handshake(GUri* uri, bool insecure, const HeaderFields& headers)
      : message_(Ref<SoupMessage>::adopt(soup_message_new_from_uri(SOUP_METHOD_GET, uri))),
        insecure_(insecure) {
    SoupMessageHeaders* fields = soup_message_get_request_headers(message_.get());
    for (const auto& [name, value] : headers) {
      soup_message_headers_append(fields, name.c_str(), value.c_str());
    }
    soup_message_add_flags(message_.get(), SOUP_MESSAGE_NO_REDIRECT);
    // Compression: a small frame could unfold to any size, past all limits.
    soup_message_disable_feature(message_.get(), SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
    g_signal_connect(message_.get(), "accept-certificate", G_CALLBACK(&Handshake::onCertificate),
                     this);
    g_signal_connect(message_.get(), "network-event", G_CALLBACK(&Handshake::onNetworkEvent), this);
  }
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;
  ~Handshake() { g_signal_handlers_disconnect_by_data(message_.get(), this); }

  SoupMessage* message() const { return message_.get(); }
  const Ref<GSocket>& socket() const { return socket_; }
  GTlsCertificateFlags distrust() const { return distrust_; }

 private:
  static gboolean onCertificate(SoupMessage*, GTlsCertificate*, GTlsCertificateFlags flags,
                                gpointer data) {
    auto* self = static_cast<Handshake*>(data);
    self->distrust_ = flags;
    return self->insecure_;
  }
  static void onNetworkEvent(SoupMessage*, GSocketClientEvent event, GIOStream* stream,
                             gpointer data) {
    if (event != G_SOCKET_CLIENT_CONNECTED || !G_IS_SOCKET_CONNECTION(stream)) return;
    static_cast<Handshake*>(data)->socket_ =
        Ref<GSocket>::share(g_socket_connection_get_socket(G_SOCKET_CONNECTION(stream)));
  }

  Ref<SoupMessage> message_;
  Ref<GSocket> socket_;
  GTlsCertificateFlags distrust_ = G_TLS_CERTIFICATE_NO_FLAGS;
  bool insecure_;
};

std::string hostAndPort(GUri* uri) {
  const std::string host = g_uri_get_host(uri);
  const int port = g_uri_get_port(uri);
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port < 0 ? shown : shown + ":" + std::to_string(port);
}

bool usesTls(GUri* uri) { return g_str_equal(g_uri_get_scheme(uri), "wss"); }

Ref<GUri> parseUrl(const std::string& url) {
  GUri* uri = g_uri_parse(url.c_str(), static_cast<GUriFlags>(SOUP_HTTP_URI_FLAGS), nullptr);
  Ref<GUri> result = Ref<GUri>::adopt(uri);
  const char* scheme = uri ? g_uri_get_scheme(uri) : "";
  const char* host = uri ? g_uri_get_host(uri) : nullptr;
  if ((!g_str_equal(scheme, "ws") && !g_str_equal(scheme, "wss")) || !host || !*host) {
    throw Error(Error::Code::InvalidArgument,
                "connect: '" + url + "' is no URL of the form wss://host:port");
  }
  return result;
}

std::string whyDistrusted(GTlsCertificateFlags flags, const std::string& host) {
  const std::pair<GTlsCertificateFlags, std::string> texts[] = {
      {G_TLS_CERTIFICATE_UNKNOWN_CA, "it is signed by an unknown authority (or by itself)"},
      {G_TLS_CERTIFICATE_BAD_IDENTITY, "it is not for '" + host + "'"},
      {G_TLS_CERTIFICATE_NOT_ACTIVATED, "it is not valid yet"},
      {G_TLS_CERTIFICATE_EXPIRED, "it has expired"},
      {G_TLS_CERTIFICATE_REVOKED, "it has been revoked"},
      {G_TLS_CERTIFICATE_INSECURE, "its algorithm is insecure"},
      {G_TLS_CERTIFICATE_GENERIC_ERROR, "it could not be verified"},
  };
  std::string result;
  for (const auto& [flag, text] : texts) {
    if (flags & flag) result += (result.empty() ? "" : ", ") + text;
  }
  return result;
}

[[noreturn]] void throwTlsError(const std::string& operation, GUri* uri, GError* owned,
                                GTlsCertificateFlags distrust) {
  if (distrust == G_TLS_CERTIFICATE_NO_FLAGS) {
    const bool notTls = g_error_matches(owned, G_TLS_ERROR, G_TLS_ERROR_NOT_TLS) ||
                        g_error_matches(owned, G_TLS_ERROR, G_TLS_ERROR_EOF);
    throwGError(owned, operation + (notTls ? ": TLS (does the server speak TLS here?)" : ": TLS"));
  }
  g_error_free(owned);
  throw Error(Error::Code::Disconnected,
              operation + ": the server's certificate is not trusted: " +
                  whyDistrusted(distrust, g_uri_get_host(uri)) +
                  " (caFile names an authority to trust, insecure trusts any certificate)");
}

/// The server answered by plain HTTP. Its reason is in the header that the WebSocket servers of
/// Node.js (and so protoo-server) send, since libsoup gives no access to the body here.
[[noreturn]] void throwRefusal(const std::string& operation, SoupMessage* message) {
  SoupMessageHeaders* sent = soup_message_get_request_headers(message);
  const int status = static_cast<int>(soup_message_get_status(message));
  std::string text = "HTTP " + std::to_string(status);
  if (const char* phrase = soup_message_get_reason_phrase(message); phrase && *phrase) {
    text += " " + printable(phrase, limits::reasonBytes);
  }
  const char* reason = soup_message_headers_get_one(soup_message_get_response_headers(message),
                                                    "X-WebSocket-Reject-Reason");
  if (reason) text += ", " + printable(reason, limits::reasonBytes);
  // What a server that lets only its own pages in says to the others.
  if (status == SOUP_STATUS_FORBIDDEN) {
    text += std::string(" (we came with the origin ") +
            soup_message_headers_get_one(sent, "Origin") + ")";
  }
  if (status >= 400) {
    throw Error(Error::Code::Rejected, operation + ": the server refused: " + text, status);
  }
  throw Error(Error::Code::Disconnected, operation + ": not a WebSocket (" + text + ")");
}

[[noreturn]] void throwHandshakeError(GUri* uri, const Handshake& handshake, GError* owned) {
  const std::string operation = "connect to " + hostAndPort(uri);
  if (owned->domain == G_TLS_ERROR) throwTlsError(operation, uri, owned, handshake.distrust());
  const unsigned status = soup_message_get_status(handshake.message());
  if (owned->domain == SOUP_WEBSOCKET_ERROR && status >= 200) {
    g_error_free(owned);
    throwRefusal(operation, handshake.message());
  }
  const bool hungUp = g_error_matches(owned, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) ||
                      g_error_matches(owned, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  const bool tlsServer = hungUp && !usesTls(uri);
  throwGError(owned, operation + (tlsServer ? " (is it a wss:// server?)" : ""));
}

/// A session of its own for every connection: it lives only for the handshake, and it resolves on
/// the thread-default context of its making.
Ref<SoupSession> makeSession(const WebSocketOptions& options) {
  auto session = Ref<SoupSession>::adopt(soup_session_new());
  soup_session_set_proxy_resolver(session.get(), webProxyResolver().get());
  if (!options.caFile) return session;
  const std::string path = taken(g_canonicalize_filename(options.caFile->c_str(), nullptr));
  GError* error = nullptr;
  GTlsDatabase* database = g_tls_file_database_new(path.c_str(), &error);
  if (error) {
    const std::string reason = error->message;
    g_error_free(error);
    throw Error(Error::Code::InvalidArgument,
                "connect: caFile '" + *options.caFile + "': " + reason);
  }
  soup_session_set_tls_database(session.get(), database);
  g_object_unref(database);
  return session;
}

/// One attempt. Shared with libsoup's callback, which may come when nobody waits any more.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(Ref<GUri> uri, std::string subprotocol, WebSocketOptions options)
      : uri_(std::move(uri)),
        subprotocol_(std::move(subprotocol)),
        options_(std::move(options)),
        session_(makeSession(options_)),
        handshake_(uri_.get(), options_.insecure, options_.headers) {}

  template <class Callback>
  void start(GCancellable* cancellable, Callback callback, gpointer data) {
    passOn_ = [=](GObject* source, GAsyncResult* result) { callback(source, result, data); };
    char* protocols[] = {subprotocol_.data(), nullptr};
    soup_session_websocket_connect_async(session_.get(), handshake_.message(),
                                         options_.origin->c_str(), protocols, G_PRIORITY_DEFAULT,
                                         cancellable, &Attempt::onFinished,
                                         new std::shared_ptr<Attempt>(shared_from_this()));
  }

  std::unique_ptr<WebSocket> takeSocket() {
    if (error_) std::rethrow_exception(error_);
    return std::move(socket_);
  }

 private:
  static void onFinished(GObject* session, GAsyncResult* result, gpointer data) {
    const std::unique_ptr<std::shared_ptr<Attempt>> self(
        static_cast<std::shared_ptr<Attempt>*>(data));
    (*self)->finish(result);
    (*self)->passOn_(session, result);
  }

  // At once, not when the coroutine goes on: what the server sent along with its answer is read in
  // the next turn of the loop, and would be lost if nobody listened yet.
  void finish(GAsyncResult* result) {
    GError* failure = nullptr;
    SoupWebsocketConnection* connection =
        soup_session_websocket_connect_finish(session_.get(), result, &failure);
    if (connection) {
      socket_ = std::make_unique<WebSocket>(Ref<SoupWebsocketConnection>::adopt(connection),
                                            handshake_.socket(), options_);
      return;
    }
    try {
      throwHandshakeError(uri_.get(), handshake_, failure);
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  Ref<GUri> uri_;
  std::string subprotocol_;
  WebSocketOptions options_;
  Ref<SoupSession> session_;
  Handshake handshake_;
  std::unique_ptr<WebSocket> socket_;
  std::exception_ptr error_;
  std::function<void(GObject*, GAsyncResult*)> passOn_;
};

Task<std::unique_ptr<WebSocket>> upgrade(std::shared_ptr<Attempt> attempt) {
  co_await awaitAsync([&](auto... gio) { attempt->start(gio...); });
  co_return attempt->takeSocket();
}

}  // namespace

Task<std::unique_ptr<WebSocket>> WebSocket::connect(std::string url, std::string subprotocol,
                                                    WebSocketOptions options) {
  const Ref<GUri> uri = parseUrl(url);
  const std::string operation = "connect to " + hostAndPort(uri.get());
  const auto limit = options.connectLimit;
  checkHeaders(options.headers);
  if (!options.origin) options.origin = originOf(url);
  checkOrigin(*options.origin);
  auto attempt = std::make_shared<Attempt>(uri, subprotocol, std::move(options));
  std::unique_ptr<WebSocket> socket =
      co_await withTimeout(limit, upgrade(std::move(attempt)), operation);
  const char* agreed = soup_websocket_connection_get_protocol(socket->connection_.get());
  if (agreed && subprotocol == agreed) co_return socket;
  throw Error(Error::Code::Disconnected,
              operation + ": the server does not speak the sub-protocol '" + subprotocol + "'");
}

}  // namespace cosoup
