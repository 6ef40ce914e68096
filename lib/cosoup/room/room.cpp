#include "cosoup/room/room.hpp"

#include <algorithm>
#include <utility>

#include "cosoup/async/emit_signal.hpp"

namespace cosoup {
namespace {

template <class AnyConsumer>
auto findConsumer(const std::vector<std::shared_ptr<AnyConsumer>>& consumers,
                  const std::string& consumerId) {
  return std::find_if(consumers.begin(), consumers.end(),
                      [&](const auto& consumer) { return consumer->id() == consumerId; });
}

}  // namespace

std::shared_ptr<Peer> Room::peer(const std::string& peerId) const {
  const auto found = std::find_if(peers_.begin(), peers_.end(),
                                  [&](const auto& peer) { return peer->id() == peerId; });
  return found == peers_.end() ? nullptr : *found;
}

std::shared_ptr<Peer> Room::peerOfConsumer(const std::string& consumerId) const {
  const auto found = std::find_if(peers_.begin(), peers_.end(), [&](const auto& peer) {
    return findConsumer(peer->consumers(), consumerId) != peer->consumers().end();
  });
  return found == peers_.end() ? nullptr : *found;
}

std::shared_ptr<Peer> Room::peerOfProducer(const std::string& producerId) const {
  const auto found = std::find_if(peers_.begin(), peers_.end(), [&](const auto& peer) {
    const auto& consumers = peer->consumers();
    return std::any_of(consumers.begin(), consumers.end(),
                       [&](const auto& consumer) { return consumer->producerId() == producerId; });
  });
  return found == peers_.end() ? nullptr : *found;
}

std::shared_ptr<Consumer> Room::consumer(const std::string& consumerId) const {
  const std::shared_ptr<Peer> owner = peerOfConsumer(consumerId);
  return owner ? *findConsumer(owner->consumers(), consumerId) : nullptr;
}

std::shared_ptr<Peer> Room::add(PeerDescription description) {
  if (const std::shared_ptr<Peer> known = peer(description.id)) {
    known->description_ = std::move(description);
    known->announced_ = true;
    return known;
  }
  const auto added = std::make_shared<Peer>(std::move(description));
  peers_.push_back(added);
  emitSignal(peerJoined, added);
  return added;
}

std::shared_ptr<Peer> Room::remove(const std::string& peerId) {
  const std::shared_ptr<Peer> leaving = peer(peerId);
  if (std::erase(peers_, leaving) == 0) return nullptr;
  emitSignal(leaving->left);
  emitSignal(peerLeft, leaving);
  return leaving;
}

bool Room::isAnnounced(const std::string& peerId) const {
  const std::shared_ptr<Peer> known = peer(peerId);
  return known && known->announced_;
}

void Room::rename(const std::string& peerId, const std::string& displayName) {
  const std::shared_ptr<Peer> known = peer(peerId);
  if (!known) return;
  const std::string before = std::exchange(known->description_.displayName, displayName);
  emitSignal(known->renamed, before);
}

std::shared_ptr<Peer> Room::peerOrUnknown(const std::string& peerId) {
  if (const std::shared_ptr<Peer> known = peer(peerId)) return known;
  PeerDescription unknown;
  unknown.id = peerId;
  const std::shared_ptr<Peer> added = add(std::move(unknown));
  added->announced_ = false;
  return added;
}

void Room::addConsumer(const std::string& peerId, std::shared_ptr<Consumer> consumer) {
  const std::shared_ptr<Peer> owner = peerOrUnknown(peerId);
  owner->consumers_.push_back(consumer);
  emitSignal(owner->consumerAdded, consumer);
}

std::shared_ptr<Peer> Room::peerOfDataConsumer(const std::string& dataConsumerId) const {
  const auto found = std::find_if(peers_.begin(), peers_.end(), [&](const auto& peer) {
    return findConsumer(peer->dataConsumers(), dataConsumerId) != peer->dataConsumers().end();
  });
  return found == peers_.end() ? nullptr : *found;
}

std::shared_ptr<DataConsumer> Room::dataConsumer(const std::string& dataConsumerId) const {
  const std::shared_ptr<Peer> owner = peerOfDataConsumer(dataConsumerId);
  const auto& consumers = owner ? owner->dataConsumers() : bot_;
  const auto found = findConsumer(consumers, dataConsumerId);
  return found == consumers.end() ? nullptr : *found;
}

void Room::addDataConsumer(const std::optional<std::string>& peerId,
                           std::shared_ptr<DataConsumer> consumer) {
  auto& consumers = peerId ? peerOrUnknown(*peerId)->dataConsumers_ : bot_;
  consumers.push_back(std::move(consumer));
}

void Room::removeDataConsumer(const std::string& dataConsumerId) {
  const std::shared_ptr<Peer> owner = peerOfDataConsumer(dataConsumerId);
  auto& consumers = owner ? owner->dataConsumers_ : bot_;
  const auto found = findConsumer(consumers, dataConsumerId);
  if (found != consumers.end()) consumers.erase(found);
}

void Room::removeConsumer(const std::string& consumerId) {
  const std::shared_ptr<Peer> owner = peerOfConsumer(consumerId);
  if (!owner) return;
  const auto found = findConsumer(owner->consumers_, consumerId);
  const std::shared_ptr<Consumer> consumer = *found;
  owner->consumers_.erase(found);
  emitSignal(owner->consumerRemoved, consumer);
}

}  // namespace cosoup
