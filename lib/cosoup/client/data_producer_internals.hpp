// What a DataProducer is made of; for its transport. Internal.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/async/condition.hpp"
#include "cosoup/client/data_producer.hpp"
#include "cosoup/webrtc/peer_connection.hpp"

namespace cosoup {

struct DataProducer::Internals {
  explicit Internals(DataProduceOptions wanted) : options(std::move(wanted)) {}

  std::string id;
  DataProduceOptions options;
  SctpStreamParameters parameters;
  std::size_t maxMessageSize = 0;
  std::shared_ptr<PeerConnection> peer;
  std::shared_ptr<DataSender> sender;
  std::vector<Connection> connections;
  std::size_t lowThreshold = 0;
  bool isAbove = false;  ///< more than that waits
  DataProducerCounters stats;
  Condition changed;
  std::optional<Error> failure;
  bool closed = false;
};

/// How the channel is to treat what is lost; without a stream id. Throws Error(InvalidArgument) for
/// options that contradict each other.
SctpStreamParameters sctpStreamParameters(const DataProduceOptions& options);

}  // namespace cosoup
