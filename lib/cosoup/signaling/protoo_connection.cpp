#include "cosoup/signaling/protoo_connection.hpp"

#include <glib.h>

#include <utility>
#include <variant>

#include "cosoup/async/loop.hpp"
#include "cosoup/signaling/dialect.hpp"
#include "cosoup/signaling/lenient.hpp"

namespace cosoup {
namespace {

constexpr int kNormalClosure = 1000;  // RFC 6455, 7.4.1

// At info level, which is silent by default: a hostile server must not be able to flood the log.
void logIgnored(const std::string& what, const std::string& why) {
  constexpr std::size_t kShown = 200;
  g_info("protoo: ignored %s: %s", printable(what, kShown).c_str(),
         printable(why, limits::reasonBytes).c_str());
}

std::string shortened(const std::string& method) {
  constexpr std::size_t kShown = 100;
  return printable(method, kShown);
}

std::string describe(const WebSocketEnding& ending) {
  if (ending.code == 0) return ending.reason;
  const std::string code = std::to_string(ending.code);
  return ending.reason.empty() ? code : code + ", " + ending.reason;
}

}  // namespace

/// Keeps a request among those pending for as long as its coroutine waits.
class ProtooConnection::Registration {
 public:
  Registration(ProtooConnection& connection, std::int64_t id, std::string method,
               Deferred<Json> answer)
      : connection_(connection), id_(id), answer_(answer) {
    connection_.pending_.emplace(id, Pending{std::move(method), std::move(answer)});
  }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
  ~Registration() {
    const auto found = connection_.pending_.find(id_);
    if (found == connection_.pending_.end()) return;
    // The server makes the producer all the same.
    found->second.abandoned = !answer_.isSettled() && found->second.method == "produce";
    if (!found->second.abandoned) connection_.pending_.erase(found);
  }

 private:
  ProtooConnection& connection_;
  std::int64_t id_;
  Deferred<Json> answer_;
};

ProtooConnection::ProtooConnection(std::unique_ptr<TextSocket> socket, ProtooOptions options,
                                   std::shared_ptr<Conversation> conversation)
    : socket_(std::move(socket)),
      options_(std::move(options)),
      conversation_(std::move(conversation)) {}

void ProtooConnection::start() { scope_.spawn(read()); }

Task<Json> ProtooConnection::request(Ptr self, std::string method, Json data) {
  co_await checkCancelled();
  const std::int64_t id = self->nextId_++;
  const Deferred<Json> answer;
  const Registration registration(*self, id, method, answer);
  self->send(method, protoo::writeRequest(id, method, data));
  co_return co_await withTimeout(self->options_.requestLimit, answer.wait(), method);
}

void ProtooConnection::notify(const std::string& method, const Json& data) {
  send(method, protoo::writeNotification(method, data));
}

void ProtooConnection::send(const std::string& method, const std::string& text) {
  if (!isOpen()) throw Error(Error::Code::Disconnected, method + ": the connection is closed");
  try {
    socket_->send(text);
  } catch (const Error& error) {
    throw error.within(method);
  }
}

// Never waits for anything but the next message: what the server asks may need further requests of
// ours, whose answers come through here.
Task<> ProtooConnection::read() {
  Channel<std::string> messages = socket_->messages();
  while (const std::optional<std::string> text = co_await messages.next()) handle(*text);
  if (!closing_) {
    const WebSocketEnding ending = socket_->ending();
    failPending("connection lost (" + describe(ending) + ")");
    events_.push(SignalerClosed{ending.code, ending.reason});
    events_.close();
  }
  co_await socket_->close(kNormalClosure, "");
}

void ProtooConnection::handle(const std::string& text) {
  messageSize_ = text.size();
  try {
    const protoo::Message message = protoo::parse(text);
    std::visit([this](const auto& content) { on(content); }, message);
  } catch (const std::exception& error) {
    logIgnored("a malformed message", std::string(error.what()) + ": " + text.substr(0, 200));
  }
}

void ProtooConnection::on(const protoo::Request& request) {
  std::optional<ServerRequest::Content> content;
  try {
    content = conversation_->toServerRequest(request.method, request.data);
  } catch (const Error& error) {
    logIgnored("request '" + request.method + "'", error.what());
    return respond(
        protoo::writeFailure(request.id, 400, shortened(request.method) + ": " + error.what()));
  }
  if (!content) {
    logIgnored("request '" + request.method + "'", "unknown method");
    return respond(protoo::writeFailure(
        request.id, 404, "unknown request.method \"" + shortened(request.method) + "\""));
  }
  if (!hasRoom()) return respond(protoo::writeFailure(request.id, 503, "too many events"));
  const auto answerOnce = [weak = weak_from_this(), id = request.id](int errorCode,
                                                                     const std::string& reason) {
    if (const Ptr self = weak.lock()) self->answer(id, errorCode, reason);
  };
  ++unanswered_;
  tell(ServerRequest(std::move(*content), answerOnce));
}

void ProtooConnection::on(const protoo::Success& success) {
  const auto found = pending_.find(success.id);
  if (found == pending_.end()) return logIgnored("an answer", "nobody waits for it");
  const Pending request = std::move(found->second);
  pending_.erase(found);
  if (request.abandoned) return undo(request, success.data);
  if (request.method == protoo::getRouterRtpCapabilities) learn(success.data);
  Deferred<Json>(request.answer).resolve(success.data);
}

// Also for whoever asked by ProtooSignaler::request(): what comes from now on is read accordingly.
void ProtooConnection::learn(const Json& routerAnswer) {
  try {
    conversation_->learn(routerAnswer);
  } catch (const Error& error) {
    logIgnored("an answer", error.what());
  }
}

void ProtooConnection::on(const protoo::Failure& failure) {
  const auto found = pending_.find(failure.id);
  if (found == pending_.end()) return logIgnored("an error", failure.errorReason);
  const Pending request = std::move(found->second);
  pending_.erase(found);
  const std::string text = request.method + ": rejected by the server: " + failure.errorReason +
                           " (" + std::to_string(failure.errorCode) + ")";
  Deferred<Json>(request.answer)
      .reject(std::make_exception_ptr(Error(Error::Code::Rejected, text, failure.errorCode)));
}

void ProtooConnection::on(const protoo::Notice& notice) {
  std::optional<Notification> notification =
      conversation_->toNotification(notice.method, notice.data);
  if (!notification) return logIgnored("notification '" + notice.method + "'", "unknown method");
  if (hasRoom()) tell(std::move(*notification));
}

// An app that does not read its events, or reads them too slowly, must not eat all memory.
bool ProtooConnection::hasRoom() {
  for (; eventSizes_.size() > events_.size(); eventSizes_.pop_front()) {
    eventBytes_ -= eventSizes_.front();
  }
  const bool isFull = events_.size() >= options_.maxQueuedEvents ||
                      unanswered_ >= options_.maxQueuedEvents ||
                      eventBytes_ >= limits::queuedSignalerBytes;
  if (!isFull) return true;
  if (!std::exchange(overflowReported_, true)) {
    g_warning("protoo: %zu events are waiting to be read, the server's further ones are dropped",
              events_.size());
  }
  return false;
}

void ProtooConnection::tell(SignalerEvent event) {
  events_.push(std::move(event));
  eventSizes_.push_back(messageSize_);
  eventBytes_ += messageSize_;
}

void ProtooConnection::respond(const std::string& text) {
  try {
    socket_->send(text);
  } catch (const Error& error) {
    logIgnored("our answer to a request", error.what());
  }
}

void ProtooConnection::answer(std::int64_t id, int errorCode, const std::string& reason) {
  --unanswered_;
  if (errorCode == 0) return respond(protoo::writeSuccess(id, Json::object()));
  respond(protoo::writeFailure(id, errorCode, reason));
}

void ProtooConnection::failPending(const std::string& reason) {
  for (auto& [id, request] : std::exchange(pending_, {})) {
    request.answer.reject(
        std::make_exception_ptr(Error(Error::Code::Disconnected, request.method + ": " + reason)));
  }
}

void ProtooConnection::undo(const Pending& request, const Json& data) {
  logIgnored("the answer to '" + request.method + "'", "it came too late and is undone");
  const protoo::Dialect* dialect = conversation_->dialect();
  if (!dialect) return;
  const std::string producerId = lenient::id(data, dialect->producerId);
  if (dialect->notifiesChanges) {
    notify("closeProducer", Json::object({{"producerId", producerId}}));
  } else {
    scope_.spawn(closeProducer(shared_from_this(), producerId));
  }
}

Task<> ProtooConnection::closeProducer(Ptr self, std::string producerId) {
  Json data = Json::object();
  data.set("producerId", producerId);
  try {
    co_await request(std::move(self), "closeProducer", std::move(data));
  } catch (const Error& error) {
    logIgnored("an error", error.what());
  }
}

Task<> ProtooConnection::close(Ptr self) {
  if (std::exchange(self->closing_, true)) {
    co_await self->closed_.wait();
    co_return;
  }
  self->failPending("the connection was closed");
  self->events_.close();
  std::exception_ptr cancelled;
  try {
    co_await self->socket_->close(kNormalClosure, "");
  } catch (const Cancelled&) {
    cancelled = std::current_exception();
  }
  co_await self->scope_.close();
  self->closed_.resolve();
  if (cancelled) std::rethrow_exception(cancelled);
}

}  // namespace cosoup
