#include "reporter.hpp"

#include <cstdio>

using namespace cosoup;

void Reporter::follow(MediasoupClient& client) {
  start_ = std::chrono::steady_clock::now();
  followRoom(client.events());
  followMedia(client.events());
}

void Reporter::listen(Connection connection) { connections_.push_back(std::move(connection)); }

void Reporter::followRoom(RoomEvents& events) {
  listen(events.on<event::Joined>([this](const event::Joined& event) {
    joinedMs_ = elapsedMs();
    joined(*event.room);
  }));
  listen(
      events.on<event::NewPeer>([this](const event::NewPeer& event) { peerJoined(*event.peer); }));
  listen(events.on<event::PeerClosed>(
      [this](const event::PeerClosed& event) { peerLeft(*event.peer); }));
  listen(events.on<event::Message>([this](const event::Message& event) {
    message(event.peer.get(), event.dataConsumer->label(), event.message);
  }));
  listen(events.on<event::Reconnecting>(
      [this](const event::Reconnecting& event) { reconnecting(event.reason); }));
  listen(events.on<event::Reconnected>([this](const event::Reconnected&) { reconnected(); }));
  listen(
      events.on<event::Failed>([this](const event::Failed& event) { warn(event.error.what()); }));
}

void Reporter::followMedia(RoomEvents& events) {
  listen(events.on<event::Produced>([this](const event::Produced& event) {
    produced_.push_back(event.producer);
    produced(*event.producer);
  }));
  listen(events.on<event::Consuming>(
      [this](const event::Consuming& event) { addConsumer(*event.peer, event.consumer); }));
  listen(events.on<event::ConsumerPaused>([this](const event::ConsumerPaused& event) {
    consumerPaused(*event.peer, *event.consumer);
  }));
  listen(events.on<event::ConsumerResumed>([this](const event::ConsumerResumed& event) {
    consumerResumed(*event.peer, *event.consumer);
  }));
  listen(events.on<event::ConsumerClosed>(
      [this](const event::ConsumerClosed& event) { consumerClosed(*event.consumer); }));
  listen(events.on<event::Recorded>([this](const event::Recorded& event) {
    recordings_.push_back(event.recording);
    recorded(event.recording);
  }));
  listen(events.on<event::RecordingMissed>(
      [this](const event::RecordingMissed& event) { recordingMissed(event.gap); }));
  listen(events.on<event::NothingSent>(
      [this](const event::NothingSent& event) { nothingSent(*event.producer); }));
  listen(events.on<event::SourceEnded>([this](const event::SourceEnded&) { sourceEnded(); }));
}

void Reporter::countFrames(FrameSinkOptions options) {
  frames_ = std::make_shared<FrameCounter>(std::move(options));
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
  std::fprintf(stderr, "warning: %s\n", printable(text).c_str());
}

std::int64_t Reporter::elapsedMs() const {
  const auto elapsed = std::chrono::steady_clock::now() - start_;
  return std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
}
