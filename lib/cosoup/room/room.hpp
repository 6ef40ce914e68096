// Room: the roster.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/room/peer.hpp"

namespace cosoup {

/// Who is in the room, and which consumer is whose. Lookups give nullptr for what is not known.
/// Main-context-bound.
class Room {
 public:
  Room(std::string id, PeerInfo me) : id_(std::move(id)), me_(std::move(me)) {}

  const std::string& id() const { return id_; }
  const PeerInfo& me() const { return me_; }

  /// In the order of their arrival.
  const std::vector<std::shared_ptr<Peer>>& peers() const { return peers_; }
  std::shared_ptr<Peer> peer(const std::string& peerId) const;
  std::shared_ptr<Peer> peerOfConsumer(const std::string& consumerId) const;
  std::shared_ptr<Consumer> consumer(const std::string& consumerId) const;

  // For whoever keeps the roster. Adding a known peer renews its description.
  std::shared_ptr<Peer> add(PeerDescription description);
  std::shared_ptr<Peer> remove(const std::string& peerId);
  void rename(const std::string& peerId, const std::string& displayName);
  void addConsumer(const std::string& peerId, std::shared_ptr<Consumer> consumer);
  void removeConsumer(const std::string& consumerId);

 private:
  std::string id_;
  PeerInfo me_;
  std::vector<std::shared_ptr<Peer>> peers_;
};

}  // namespace cosoup
