#include "json_rpc_signaler.hpp"

#include <gio/gio.h>

#include <map>
#include <utility>

#include "cosoup/glib/await.hpp"
#include "cosoup/glib/error.hpp"
#include "cosoup/glib/ref.hpp"

using namespace cosoup;

namespace {

constexpr std::chrono::seconds kLimit{15};  // for connecting, and for each answer

std::exception_ptr disconnected(const std::string& method, const std::string& reason) {
  return std::make_exception_ptr(Error(Error::Code::Disconnected, method + ": " + reason));
}

}  // namespace

/// Shared with its own coroutines and with the answers that are still to be given, which may
/// outlast the signaler's interest in it.
class JsonRpcSignaler::Line : public std::enable_shared_from_this<Line> {
 public:
  explicit Line(std::shared_ptr<Conversation> conversation)
      : conversation_(std::move(conversation)) {}

  /// Connects; whoever waits may be cancelled, and close() ends it, too.
  Deferred<> open(std::string host) { return begin(scope_, connect(std::move(host))); }

  Task<Json> request(std::string method, Json data) {
    const auto self = shared_from_this();
    if (!open_) throw Error(Error::Code::Disconnected, method + ": not connected");
    const int id = nextId_++;
    const Deferred<Json> answer;
    pending_.emplace(id, Pending{method, answer});
    outgoing_.push(Json::object({{"id", id}, {"method", method}, {"params", data}}));
    struct Forget {
      explicit Forget(Line& line, int which) : from(line), id(which) {}
      ~Forget() { from.pending_.erase(id); }
      Line& from;
      int id;
    };
    const Forget forget(*this, id);
    co_return co_await withTimeout(kLimit, answer.wait(), method);
  }

  void notify(const std::string& method, const Json& data) {
    if (!open_) throw Error(Error::Code::Disconnected, method + ": not connected");
    outgoing_.push(Json::object({{"method", method}, {"params", data}}));
  }

  Task<> close() {
    const auto self = shared_from_this();
    open_ = false;
    events.close();
    failPending("the connection was closed");
    co_await scope_.close();
    if (connection_) g_io_stream_close(G_IO_STREAM(connection_.get()), nullptr, nullptr);
  }

  Channel<SignalerEvent> events;

 private:
  struct Pending {
    std::string method;
    Deferred<Json> answer;
  };

  Task<> connect(std::string host) {
    const auto client = Ref<GSocketClient>::adopt(g_socket_client_new());
    const Ref<GAsyncResult> result = co_await awaitAsync([&](auto... gio) {
      g_socket_client_connect_to_host_async(client.get(), host.c_str(), 0, gio...);
    });
    GError* error = nullptr;
    connection_ = Ref<GSocketConnection>::adopt(
        g_socket_client_connect_to_host_finish(client.get(), result.get(), &error));
    if (error) throwGError(error, "connect to " + host);
    open_ = true;
    scope_.spawn(read());
    scope_.spawn(write());
  }

  Task<> read() {
    const auto input = Ref<GDataInputStream>::adopt(
        g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(connection_.get()))));
    GError* error = nullptr;
    while (true) {
      const Ref<GAsyncResult> result = co_await awaitAsync([&](auto... gio) {
        g_data_input_stream_read_line_async(input.get(), G_PRIORITY_DEFAULT, gio...);
      });
      char* read =
          g_data_input_stream_read_line_finish_utf8(input.get(), result.get(), nullptr, &error);
      if (!read) break;
      const std::string line = read;
      g_free(read);
      handle(line);
    }
    end(error ? error->message : "the server ended the connection");
    g_clear_error(&error);
  }

  // One writer, so that messages do not mix.
  Task<> write() {
    GOutputStream* output = g_io_stream_get_output_stream(G_IO_STREAM(connection_.get()));
    while (std::optional<Json> message = co_await outgoing_.next()) {
      const std::string line = message->set("jsonrpc", "2.0").text() + "\n";
      const Ref<GAsyncResult> result = co_await awaitAsync([&](auto... gio) {
        g_output_stream_write_all_async(output, line.data(), line.size(), G_PRIORITY_DEFAULT,
                                        gio...);
      });
      // A connection that is lost is noticed by read().
      if (!g_output_stream_write_all_finish(output, result.get(), nullptr, nullptr)) break;
    }
  }

  void handle(const std::string& line) {
    try {
      const Json message = Json::parse(line);
      if (!message.has("method")) return onAnswer(message);
      const auto method = message.get<std::string>("method");
      const auto data = message.getOr<Json>("params", Json::object());
      if (message.has("id")) return onRequest(message.get<Json>("id"), method, data);
      if (method == "closed") closeCode_ = data.getOr<int>("code", 0);
      auto notification = conversation_->toNotification(method, data);
      if (notification) events.push(std::move(*notification));
    } catch (const Error& error) {
      g_info("JSON-RPC: ignored a message: %s", error.what());
    }
  }

  void onAnswer(const Json& message) {
    const auto found = pending_.find(message.get<int>("id"));
    if (found == pending_.end()) return;
    const Json error = message.getOr<Json>("error", Json());
    if (error.isNull()) return found->second.answer.resolve(message.get<Json>("result"));
    const std::string reason = found->second.method + ": " + error.get<std::string>("message");
    found->second.answer.reject(std::make_exception_ptr(
        Error(Error::Code::Rejected, reason, error.getOr<int>("code", 500))));
  }

  void onRequest(Json id, const std::string& method, const Json& data) {
    const auto answer = [weak = weak_from_this(), id](int code, const std::string& reason) {
      const auto self = weak.lock();
      if (!self) return;
      Json message = Json::object({{"id", id}});
      if (code == 0) message.set("result", Json::object());
      if (code != 0) message.set("error", Json::object({{"code", code}, {"message", reason}}));
      self->outgoing_.push(message);
    };
    std::optional<ServerRequest::Content> content = conversation_->toServerRequest(method, data);
    if (!content) return answer(404, "unknown method " + method);
    events.push(ServerRequest(std::move(*content), answer));
  }

  void end(const std::string& reason) {
    if (!std::exchange(open_, false)) return;
    failPending("connection lost (" + reason + ")");
    events.push(SignalerClosed{closeCode_, reason});
    events.close();
  }

  void failPending(const std::string& reason) {
    for (auto& [id, request] : pending_) {
      request.answer.reject(disconnected(request.method, reason));
    }
  }

  const std::shared_ptr<Conversation> conversation_;
  Ref<GSocketConnection> connection_;
  Scope scope_;
  Channel<Json> outgoing_;
  std::map<int, Pending> pending_;
  int nextId_ = 1;
  int closeCode_ = 0;
  bool open_ = false;
};

JsonRpcSignaler::~JsonRpcSignaler() { finishInBackground(close()); }

Task<> JsonRpcSignaler::connect(RoomAddress address, std::string peerId) {
  co_await close();
  conversation()->restart();
  const auto line = std::make_shared<Line>(conversation());
  line_ = line;
  const std::string host = address.url.substr(address.url.find("://") + 3);
  const std::stop_token mine = co_await currentStopToken();
  try {
    co_await withTimeout(kLimit, line->open(host).wait(), "connect to " + host);
  } catch (const Cancelled&) {
    if (mine.stop_requested()) throw;
    std::rethrow_exception(disconnected("connect", "closed meanwhile"));
  }
  Json who = Json::object({{"roomId", address.roomId}, {"peerId", peerId}});
  co_await line->request("enter", std::move(who));
}

Channel<SignalerEvent> JsonRpcSignaler::events() {
  if (line_) return line_->events;
  Channel<SignalerEvent> none;
  none.close();
  return none;
}

Task<> JsonRpcSignaler::close() {
  const std::shared_ptr<Line> line = std::exchange(line_, nullptr);
  if (line) co_await shielded(line->close());
}

Task<Json> JsonRpcSignaler::request(std::string method, Json data) {
  const std::shared_ptr<Line> line = line_;
  if (!line) throw Error(Error::Code::Disconnected, method + ": not connected");
  co_return co_await line->request(std::move(method), std::move(data));
}

Task<> JsonRpcSignaler::notify(std::string method, Json data) {
  if (!line_) throw Error(Error::Code::Disconnected, method + ": not connected");
  line_->notify(method, data);
  co_return;
}
