#include "reporter.hpp"

#include <cstdio>

using namespace cosoup;

void Reporter::follow(MediasoupClient& client) {
  start_ = std::chrono::steady_clock::now();
  RoomEvents& events = client.events();
  connections_.push_back(events.joined.connect([this](const Room& room) {
    joinedMs_ = elapsedMs();
    joined(room);
  }));
  connections_.push_back(events.peerJoined.connect([this](const Peer& peer) { peerJoined(peer); }));
  connections_.push_back(events.peerLeft.connect([this](const Peer& peer) { peerLeft(peer); }));
  connections_.push_back(events.produced.connect([this](const std::shared_ptr<Producer>& producer) {
    produced_.push_back(producer);
    produced(*producer);
  }));
  connections_.push_back(
      events.consuming.connect([this](const Peer& peer, const std::shared_ptr<Consumer>& consumer) {
        addConsumer(peer, consumer);
      }));
  connections_.push_back(events.consumerClosed.connect(
      [this](const std::shared_ptr<Consumer>& consumer) { consumerClosed(*consumer); }));
  connections_.push_back(events.recorded.connect([this](const Recording& recording) {
    recordings_.push_back(recording);
    recorded(recording);
  }));
  connections_.push_back(events.sourceEnded.connect([this] { sourceEnded(); }));
  connections_.push_back(events.failed.connect([this](const Error& error) { warn(error.what()); }));
}

void Reporter::addConsumer(const Peer& peer, const std::shared_ptr<Consumer>& consumer) {
  auto received = std::make_unique<Received>();
  received->peerId = peer.id();
  received->peerName = peer.displayName();
  received->consumer = consumer;
  received->firstPacket =
      consumer->firstPacket.connect([this, raw = received.get()] { firstRtp(*raw); });
  consuming(*received);
  received_.push_back(std::move(received));
}

void Reporter::warn(const std::string& text) {
  std::fprintf(stderr, "warning: %s\n", text.c_str());
}

std::int64_t Reporter::elapsedMs() const {
  const auto elapsed = std::chrono::steady_clock::now() - start_;
  return std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
}
