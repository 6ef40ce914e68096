// IncomingStreams: what the consumers and the data consumers of a session have in common. Internal.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/core/error.hpp"
#include "cosoup/core/json.hpp"
#include "cosoup/room/wishes.hpp"

namespace cosoup {

/// A consumer from the server's request on, while it may not be there yet.
template <class Object>
struct IncomingStream {
  std::optional<std::string> peerId;  ///< absent: the server's bot
  Json appData;                       ///< as the server told it
  std::shared_ptr<Object> consumer;
  std::shared_ptr<ConsumerWish<Object>> wish;  ///< once its sender is known
  bool pausedThere = false;                    ///< by whoever sends
  bool closedEarly = false;                    ///< its end was told while it was being made
  bool isLost = false;                         ///< its association has ended
  std::vector<Connection> connections;
};

/// By the ids of their consumers. Main-context-bound.
template <class Object>
class IncomingStreams {
 public:
  using Stream = IncomingStream<Object>;

  /// Known from now on: its end may be announced while it is still being made. Throws
  /// Error(InvalidArgument) for an id that is there.
  Stream& announce(const char* operation, const std::string& id, std::optional<std::string> peerId,
                   const Json& appData) {
    if (streams_.contains(id)) {
      throw Error(Error::Code::InvalidArgument,
                  std::string(operation) + ": there is a consumer " + id);
    }
    Stream& stream = streams_[id];
    stream.peerId = std::move(peerId);
    stream.appData = appData;
    return stream;
  }
  /// Null: none, or none any more.
  Stream* find(const std::string& id) {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : &found->second;
  }
  /// Of one that was announced and is being made.
  Stream& at(const std::string& id) { return streams_.at(id); }

  /// It is not to be, or not any more; the wish waits for a successor. `consumer`: null if there is
  /// none yet.
  void giveUp(const std::string& id, const std::shared_ptr<Object>& consumer) {
    if (const auto wish = at(id).wish) wish->taken = false;
    streams_.erase(id);
    if (consumer) consumer->close();
  }

  /// The consumer has taken the place of the one before, with all that was asked of that; gives the
  /// one before, or null.
  std::shared_ptr<Object> succeed(const std::string& id, const std::shared_ptr<Object>& consumer) {
    ConsumerWish<Object>& wish = *at(id).wish;
    const std::shared_ptr<Object> previous = wish.lineage.last();
    wish.lineage.add(consumer);
    return previous;
  }
  /// Puts the consumer in its place, as the wish has it.
  void put(const std::string& id, const std::shared_ptr<Object>& consumer) {
    Stream& stream = at(id);
    stream.consumer = consumer;
    stream.wish->consumerId = consumer->id();
    if (stream.wish->paused) consumer->pause();
    if (stream.wish->appData) consumer->setAppData(*stream.wish->appData);
  }

  /// Takes the consumer out, which is going to be closed. Null: there is none (yet).
  std::shared_ptr<Object> take(const std::string& id) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return nullptr;
    const std::shared_ptr<Object> consumer = found->second.consumer;
    if (!consumer) {
      found->second.closedEarly = true;
      return nullptr;
    }
    learn(found->second);
    streams_.erase(found);
    return consumer;
  }

  std::vector<std::string> ids() const {
    return idsWhere([](const Stream&) { return true; });
  }
  std::vector<std::string> idsOf(const std::string& peerId) const {
    return idsWhere([&](const Stream& stream) { return stream.peerId == peerId; });
  }

  /// For the session that follows. What closes after this is nobody's wish.
  void keepWishes() {
    for (auto& [id, stream] : streams_) {
      stream.connections.clear();
      if (stream.consumer) learn(stream);
    }
  }
  void clear() { streams_.clear(); }

 private:
  static void learn(const Stream& stream) {
    if (stream.wish) stream.wish->learn(*stream.consumer, stream.appData);
  }
  template <class Condition>
  std::vector<std::string> idsWhere(Condition condition) const {
    std::vector<std::string> ids;
    for (const auto& [id, stream] : streams_) {
      if (condition(stream)) ids.push_back(id);
    }
    return ids;
  }

  std::map<std::string, Stream> streams_;
};

}  // namespace cosoup
