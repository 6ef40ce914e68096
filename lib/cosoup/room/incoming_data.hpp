// IncomingData: the data consumers of a session. Internal.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/room/session_core.hpp"

namespace cosoup {

/// Main-context-bound.
class IncomingData {
 public:
  explicit IncomingData(SessionCore& core) : core_(core) {}

  /// Whether it was wanted. Throws Error, what a listener throws, and Cancelled.
  Task<bool> consume(NewDataConsumer offer);

  void on(const DataConsumerClosed& gone);

  /// As if their data producers had gone.
  void closeAll();
  /// Those of a peer that is gone.
  void dropAllOf(const std::string& peerId);

  /// For the session that follows.
  void keepWishes();
  /// Nothing of them is told any more.
  void clear() { incoming_.clear(); }

 private:
  /// A data consumer from the server's request on, while it may not be there yet.
  struct Incoming {
    std::optional<std::string> peerId;  // absent: the server's bot
    Json appData;                       // as the server told it
    std::shared_ptr<DataConsumer> consumer;
    std::shared_ptr<ConsumerWish<DataConsumer>> wish;  // once its sender is known
    bool closedEarly = false;
    bool isLost = false;  // its association has ended
    std::vector<Connection> connections;
  };

  Task<std::shared_ptr<DataConsumer>> make(NewDataConsumer offer);
  void follow(const std::shared_ptr<DataConsumer>& consumer, const std::shared_ptr<Peer>& peer);
  void close(const std::string& dataConsumerId);
  void drop(const std::string& dataConsumerId);

  SessionCore& core_;
  std::map<std::string, Incoming> incoming_;  // by data consumer id
};

}  // namespace cosoup
