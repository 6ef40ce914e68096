// What a DataConsumer is made of; for its transport.
#pragma once

#include <memory>
#include <vector>

#include "cosoup/client/data_consumer.hpp"
#include "cosoup/webrtc/peer_connection.hpp"

namespace cosoup {

struct DataConsumer::Internals {
  Internals(DataConsumeOptions made, std::shared_ptr<PeerConnection> connection)
      : options(std::move(made)), peer(std::move(connection)) {}

  DataConsumeOptions options;
  std::shared_ptr<PeerConnection> peer;
  std::vector<Connection> connections;
  std::vector<Channel<DataMessage>> channels;
  DataConsumerStats stats;
  bool paused = false;
  bool closed = false;
};

}  // namespace cosoup
