// IncomingData: the data consumers of a session. Internal.
#pragma once

#include <memory>
#include <string>

#include "cosoup/room/incoming_streams.hpp"
#include "cosoup/room/session_core.hpp"

namespace cosoup {

/// Main-context-bound.
class IncomingData {
 public:
  explicit IncomingData(SessionCore& core) : core_(core) {}

  /// Whether it was wanted. Throws Error, what a listener throws, and Cancelled.
  Task<bool> consume(NewDataConsumer offer);

  void on(const notification::DataConsumerClosed& gone);

  /// As if their data producers had gone.
  void closeAll();
  /// Those of a peer that is gone.
  void dropAllOf(const std::string& peerId);

  /// For the session that follows.
  void keepWishes();
  /// Nothing of them is told any more.
  void clear() { streams_.clear(); }

 private:
  Task<std::shared_ptr<DataConsumer>> make(NewDataConsumer offer);
  void add(const NewDataConsumer& offer, const std::shared_ptr<DataConsumer>& consumer);
  void follow(const std::shared_ptr<DataConsumer>& consumer, const std::shared_ptr<Peer>& peer);
  void close(const std::string& dataConsumerId);
  void drop(const std::string& dataConsumerId);

  SessionCore& core_;
  IncomingStreams<DataConsumer> streams_;
};

}  // namespace cosoup
