// IncomingMedia: the consumers of a session. Internal.
#pragma once

#include <memory>
#include <string>

#include "cosoup/room/incoming_streams.hpp"
#include "cosoup/room/session_core.hpp"

namespace cosoup {

/// Main-context-bound.
class IncomingMedia {
 public:
  explicit IncomingMedia(SessionCore& core) : core_(core) {}

  /// Whether it was wanted. Throws Error, what a listener or a sink throws, and Cancelled.
  Task<bool> consume(NewConsumer offer);
  /// Asks the server for what was asked of the consumer that this one follows.
  Task<> tellWishes(std::string consumerId);

  void on(const notification::ConsumerScore& changed);
  void on(const notification::ConsumerLayersChanged& changed);
  void on(const notification::ConsumerPaused& paused);
  void on(const notification::ConsumerResumed& resumed);
  void on(const notification::ConsumerClosed& gone);

  /// As if their producers had gone.
  void closeAll();
  /// Those of a peer that is gone.
  void dropAllOf(const std::string& peerId);

  /// For the session that follows. What closes after this is nobody's wish.
  void keepWishes();
  void clear() { streams_.clear(); }

 private:
  Task<std::shared_ptr<Consumer>> make(NewConsumer offer);
  void add(const NewConsumer& offer, const std::shared_ptr<Consumer>& consumer);
  void remove(const std::string& consumerId, const std::shared_ptr<Consumer>& consumer);
  void setPausedThere(const std::string& consumerId, bool paused);
  void close(const std::string& consumerId);
  void drop(const std::string& consumerId);

  SessionCore& core_;
  IncomingStreams<Consumer> streams_;
};

}  // namespace cosoup
