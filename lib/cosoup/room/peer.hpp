// Peer: somebody else in the room.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cosoup/client/consumer.hpp"
#include "cosoup/signaling/signaler.hpp"

namespace cosoup {

/// Kept up to date while its owner is in the room. Main-context-bound.
class Peer {
 public:
  explicit Peer(PeerDescription description) : description_(std::move(description)) {}

  const std::string& id() const { return description_.id; }
  const std::string& displayName() const { return description_.displayName; }
  const DeviceInfo& device() const { return description_.device; }
  /// What we receive of it.
  const std::vector<std::shared_ptr<Consumer>>& consumers() const { return consumers_; }

 private:
  friend class Room;
  PeerDescription description_;
  std::vector<std::shared_ptr<Consumer>> consumers_;
};

}  // namespace cosoup
