#include "cosoup/room/room.hpp"

#include <algorithm>

namespace cosoup {
namespace {

auto findConsumer(const std::vector<std::shared_ptr<Consumer>>& consumers,
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

std::shared_ptr<Consumer> Room::consumer(const std::string& consumerId) const {
  const std::shared_ptr<Peer> owner = peerOfConsumer(consumerId);
  return owner ? *findConsumer(owner->consumers(), consumerId) : nullptr;
}

std::shared_ptr<Peer> Room::add(PeerDescription description) {
  if (const std::shared_ptr<Peer> known = peer(description.id)) {
    known->description_ = std::move(description);
    return known;
  }
  peers_.push_back(std::make_shared<Peer>(std::move(description)));
  return peers_.back();
}

std::shared_ptr<Peer> Room::remove(const std::string& peerId) {
  const std::shared_ptr<Peer> leaving = peer(peerId);
  std::erase(peers_, leaving);
  return leaving;
}

void Room::rename(const std::string& peerId, const std::string& displayName) {
  if (const std::shared_ptr<Peer> known = peer(peerId)) {
    known->description_.displayName = displayName;
  }
}

void Room::addConsumer(const std::string& peerId, std::shared_ptr<Consumer> consumer) {
  PeerDescription unknown;
  unknown.id = peerId;
  const std::shared_ptr<Peer> known = peer(peerId);
  const std::shared_ptr<Peer> owner = known ? known : add(std::move(unknown));
  owner->consumers_.push_back(std::move(consumer));
}

void Room::removeConsumer(const std::string& consumerId) {
  if (const std::shared_ptr<Peer> owner = peerOfConsumer(consumerId)) {
    owner->consumers_.erase(findConsumer(owner->consumers_, consumerId));
  }
}

}  // namespace cosoup
