// Room: the roster.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/core/export.hpp"
#include "cosoup/room/peer.hpp"

namespace cosoup {

/// Who is in the room, and which consumer is whose. Lookups give nullptr for what is not known.
/// Main-context-bound.
class COSOUP_API Room {
 public:
  Room(std::string id, PeerInfo me) : id_(std::move(id)), me_(std::move(me)) {}
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  const std::string& id() const { return id_; }
  const PeerInfo& me() const { return me_; }

  /// In the order of their arrival.
  const std::vector<std::shared_ptr<Peer>>& peers() const { return peers_; }
  std::shared_ptr<Peer> peer(const std::string& peerId) const;
  std::shared_ptr<Peer> peerOfConsumer(const std::string& consumerId) const;
  /// Of a producer of which we have a consumer.
  std::shared_ptr<Peer> peerOfProducer(const std::string& producerId) const;
  std::shared_ptr<Consumer> consumer(const std::string& consumerId) const;
  /// nullptr also for the bot's.
  std::shared_ptr<Peer> peerOfDataConsumer(const std::string& dataConsumerId) const;
  std::shared_ptr<DataConsumer> dataConsumer(const std::string& dataConsumerId) const;
  /// Those that are no peer's.
  const std::vector<std::shared_ptr<DataConsumer>>& botDataConsumers() const { return bot_; }

  // Emitted when the roster has changed already; see also the signals of each Peer. Mutable: to
  // listen changes nothing of the room.
  mutable Signal<std::shared_ptr<Peer>> peerJoined;
  mutable Signal<std::shared_ptr<Peer>> peerLeft;

  // For whoever keeps the roster. Adding a known peer renews its description.
  /// Whether the server has told of it, and not only of something that it sends.
  bool isAnnounced(const std::string& peerId) const;
  std::shared_ptr<Peer> add(PeerDescription description);
  /// One of whom nothing is known but its id, which may be announced later, is added.
  std::shared_ptr<Peer> peerOrUnknown(const std::string& peerId);
  std::shared_ptr<Peer> remove(const std::string& peerId);
  void rename(const std::string& peerId, const std::string& displayName);
  void renameMe(std::string displayName) { me_.displayName = std::move(displayName); }
  void addConsumer(const std::string& peerId, std::shared_ptr<Consumer> consumer);
  void removeConsumer(const std::string& consumerId);
  void addDataConsumer(const std::optional<std::string>& peerId,
                       std::shared_ptr<DataConsumer> consumer);
  void removeDataConsumer(const std::string& dataConsumerId);

 private:
  std::string id_;
  PeerInfo me_;
  std::vector<std::shared_ptr<Peer>> peers_;
  std::vector<std::shared_ptr<DataConsumer>> bot_;
};

}  // namespace cosoup
