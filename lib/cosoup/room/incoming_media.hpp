// IncomingMedia: the consumers of a session. Internal.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
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

  void on(const ConsumerScore& changed);
  void on(const ConsumerLayersChanged& changed);
  void on(const ConsumerPaused& paused);
  void on(const ConsumerResumed& resumed);
  void on(const ConsumerClosed& gone);

  /// As if their producers had gone.
  void closeAll();
  /// Those of a peer that is gone.
  void dropAllOf(const std::string& peerId);

  /// For the session that follows. What closes after this is nobody's wish.
  void keepWishes();
  void clear() { incoming_.clear(); }

 private:
  /// A consumer from the server's request on, while it may not be there yet.
  struct Incoming {
    std::string peerId;
    bool pausedThere = false;  // by whoever sends
    Json appData;              // as the server told it
    std::shared_ptr<Consumer> consumer;
    std::shared_ptr<ConsumerWish<Consumer>> wish;  // once its sender is known
    bool closedEarly = false;
    std::vector<Connection> connections;
  };

  Task<std::shared_ptr<Consumer>> make(NewConsumer offer);
  void add(const NewConsumer& offer, const std::shared_ptr<Consumer>& consumer);
  void remove(const std::string& consumerId, const std::shared_ptr<Consumer>& consumer);
  void setPausedThere(const std::string& consumerId, bool paused);
  void close(const std::string& consumerId);
  void drop(const std::string& consumerId);

  SessionCore& core_;
  std::map<std::string, Incoming> incoming_;  // by consumer id
};

}  // namespace cosoup
