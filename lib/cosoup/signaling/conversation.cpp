#include "cosoup/signaling/conversation.hpp"

#include <exception>

#include "cosoup/core/limits.hpp"
#include "cosoup/signaling/dialect.hpp"
#include "cosoup/signaling/protoo_content.hpp"
#include "cosoup/signaling/told.hpp"

namespace cosoup {
namespace {

const protoo::Dialect* find(std::optional<ProtooDialect> dialect) {
  if (!dialect) return nullptr;
  return *dialect == ProtooDialect::demo2024 ? &protoo::demo2024 : &protoo::demo2025;
}

/// While the dialect is not known yet, the first one counts in which the message makes sense.
template <class T>
std::optional<T> readInAny(const std::string& method, const Json& data,
                           std::optional<T> (*read)(const protoo::Dialect&, const std::string&,
                                                    const Json&)) {
  std::exception_ptr refusal;
  for (const protoo::Dialect* dialect : protoo::dialects()) {
    try {
      if (std::optional<T> result = read(*dialect, method, data)) return result;
    } catch (const Error&) {
      refusal = std::current_exception();
    }
  }
  if (refusal) std::rethrow_exception(refusal);
  return std::nullopt;
}

}  // namespace

Conversation::Conversation(std::optional<ProtooDialect> dialect)
    : forced_(find(dialect)), dialect_(forced_), told_(std::make_unique<Told>()) {}

Conversation::~Conversation() = default;

void Conversation::restart() {
  dialect_ = forced_;
  told_ = std::make_unique<Told>();
  arrived_.clear();
}

std::optional<Notification> Conversation::toNotification(const std::string& method,
                                                         const Json& data) {
  std::optional<Notification> notification = dialect_
                                                 ? protoo::toNotification(*dialect_, method, data)
                                                 : readInAny(method, data, protoo::toNotification);
  if (notification) follow(*notification);
  return notification;
}

std::optional<ServerRequest::Content> Conversation::toServerRequest(const std::string& method,
                                                                    const Json& data) {
  std::optional<ServerRequest::Content> content =
      dialect_ ? protoo::toServerRequest(*dialect_, method, data)
               : readInAny(method, data, protoo::toServerRequest);
  if (content) {
    if (const auto* offer = std::get_if<NewConsumer>(&*content)) {
      told_->consumerOffered(offer->id, offer->peerId);
    }
  }
  return content;
}

void Conversation::learn(const Json& routerAnswer) {
  if (!forced_) dialect_ = &protoo::dialectOf(routerAnswer);
}

bool Conversation::admits(const std::string& method, const Json& data) {
  return told_->admits(method, data);
}

void Conversation::follow(const Notification& notification) {
  if (const auto* gone = std::get_if<notification::ConsumerClosed>(&notification)) {
    told_->consumerClosed(gone->consumerId);
  } else if (const auto* left = std::get_if<notification::PeerClosed>(&notification)) {
    told_->peerClosed(left->peerId);
    arrived_.erase(left->peerId);
  } else if (const auto* came = std::get_if<notification::NewPeer>(&notification)) {
    if (arrived_.size() >= limits::peers && !arrived_.contains(came->peer.id)) {
      throw Error(Error::Code::InvalidArgument, "there are too many peers");
    }
    arrived_.insert(came->peer.id);
  }
}

}  // namespace cosoup
