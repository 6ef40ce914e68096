// What a DataConsumer is made of; for its transport. Internal.
#pragma once

#include <memory>
#include <vector>

#include "cosoup/async/bounded_channels.hpp"
#include "cosoup/client/data_consumer.hpp"
#include "cosoup/core/limits.hpp"
#include "cosoup/webrtc/peer_connection.hpp"

namespace cosoup {

struct DataConsumer::Internals {
  Internals(DataConsumeOptions made, std::shared_ptr<PeerConnection> connection)
      : options(std::move(made)), peer(std::move(connection)) {}

  DataConsumeOptions options;
  std::shared_ptr<PeerConnection> peer;
  std::vector<Connection> connections;
  BoundedChannels<DataMessage> channels{limits::queuedMessages, limits::queuedMessageBytes,
                                        [](const DataMessage& waiting) { return waiting.size(); }};
  DataConsumerCounters stats;
  bool paused = false;
  bool closed = false;
};

}  // namespace cosoup
