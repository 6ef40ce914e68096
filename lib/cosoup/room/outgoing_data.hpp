// OutgoingData: the data producers of a session. Internal.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/mutex.hpp"
#include "cosoup/async/signal.hpp"
#include "cosoup/room/session_core.hpp"

namespace cosoup {

/// Main-context-bound.
class OutgoingData {
 public:
  /// Gives the send transport, having made one where there is none.
  using MakeTransport = std::function<Task<std::shared_ptr<SendTransport>>()>;

  OutgoingData(SessionCore& core, MakeTransport makeTransport)
      : core_(core), makeTransport_(std::move(makeTransport)) {}

  /// Opens a channel of the app's. Throws Error and Cancelled.
  Task<std::shared_ptr<DataProducer>> produce(DataProduceOptions options);
  /// Opens those of the session before again.
  Task<> restore();
  /// Sends to all peers, or to the server's bot, on a channel that is made the first time.
  Task<> sendChat(std::string text);
  Task<> sendToBot(std::string text);

  /// For the session that follows. What closes after this is nobody's wish.
  void keepWishes();

 private:
  /// A data producer of the app's.
  struct Sent {
    std::shared_ptr<DataProducer> producer;
    std::shared_ptr<DataProducerWish> wish;
    bool isLost = false;
    std::vector<Connection> connections;
  };
  /// A data producer that is made when it is needed.
  struct Line {
    Mutex making;
    std::shared_ptr<DataProducer> producer;
  };

  Task<std::shared_ptr<DataProducer>> open(DataProduceOptions options);
  Task<> restoreOne(std::shared_ptr<DataProducerWish> wish);
  void follow(const std::shared_ptr<DataProducer>& producer,
              const std::shared_ptr<DataProducerWish>& wish);
  Task<> say(Line& line, DataProduceOptions options, std::string text);

  SessionCore& core_;
  const MakeTransport makeTransport_;
  std::map<const DataProducer*, Sent> producers_;
  Line chat_;
  Line bot_;
};

}  // namespace cosoup
