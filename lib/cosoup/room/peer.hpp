// Peer: somebody else in the room.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/client/consumer.hpp"
#include "cosoup/client/data_consumer.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/signaling/signaler.hpp"

namespace cosoup {

/// Kept up to date while its owner is in the room. Main-context-bound.
class COSOUP_API Peer {
 public:
  explicit Peer(PeerDescription description) : description_(std::move(description)) {}
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  const std::string& id() const { return description_.id; }
  const std::string& displayName() const { return description_.displayName; }
  const DeviceInfo& device() const { return description_.device; }
  /// The IP address from which it is connected, where the server tells it.
  const std::optional<std::string>& remoteAddress() const { return description_.remoteAddress; }
  /// What we receive of it.
  const std::vector<std::shared_ptr<Consumer>>& consumers() const { return consumers_; }
  const std::vector<std::shared_ptr<DataConsumer>>& dataConsumers() const { return dataConsumers_; }

  // Emitted when the roster has changed already.
  Signal<> left;                       ///< it is no longer in the room
  Signal<const std::string&> renamed;  ///< with the name before
  Signal<std::shared_ptr<Consumer>> consumerAdded;
  Signal<std::shared_ptr<Consumer>> consumerRemoved;

 private:
  friend class Room;
  PeerDescription description_;
  bool announced_ = true;  // by the server; else we have only heard of a consumer of its
  std::vector<std::shared_ptr<Consumer>> consumers_;
  std::vector<std::shared_ptr<DataConsumer>> dataConsumers_;
};

}  // namespace cosoup
