#include "cosoup/testing/fake_handler.hpp"

#include <utility>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/client/device_internals.hpp"
#include "cosoup/testing/fake_peer_connection.hpp"

namespace cosoup::testing {

FakeConnection::FakeConnection(std::shared_ptr<FakePeerConnection> peer) : peer_(std::move(peer)) {}

FakeConnection::~FakeConnection() = default;

bool FakeConnection::receives() const { return peer_->receives(); }

bool FakeConnection::isClosed() const { return peer_->isClosed(); }

void FakeConnection::setConnectionState(ConnectionState state) {
  peer_->changeConnectionState(state);
}

void FakeConnection::setIceGatheringState(IceGatheringState state) {
  peer_->changeIceGatheringState(state);
}

void FakeConnection::failIceCandidate(const IceCandidateError& error) {
  emitSignal(peer_->iceCandidateFailed, error);
}

void FakeConnection::requestKeyFrame(std::uint32_t ssrc) { peer_->requestKeyFrame(ssrc); }

bool FakeConnection::receivePacket(std::uint32_t ssrc) { return peer_->receivePacket(ssrc); }

void FakeConnection::openDataChannels() { peer_->dataChannels().comeUp(); }

void FakeConnection::loseDataChannels() { peer_->dataChannels().breakDown(); }

std::vector<DataMessage> FakeConnection::takeMessages(std::uint16_t streamId) {
  std::vector<DataMessage> messages;
  const auto senders = peer_->dataChannels().senders;
  for (const auto& sender : senders) {
    if (sender->parameters.streamId != streamId) continue;
    const std::size_t before = sender->taken.size();
    sender->take(sender->waiting.size());
    messages.insert(messages.end(), sender->taken.begin() + static_cast<std::ptrdiff_t>(before),
                    sender->taken.end());
    if (sender->closing) emitSignal(sender->closed);
  }
  return messages;
}

bool FakeConnection::receiveMessage(std::uint16_t streamId, const DataMessage& message) {
  return peer_->dataChannels().deliver(streamId, message);
}

struct FakeHandler::State {
  const std::shared_ptr<Steps> steps = std::make_shared<Steps>();
  std::vector<std::shared_ptr<FakeConnection>> connections;
};

FakeHandler::FakeHandler() : state_(std::make_shared<State>()) {}

DeviceOptions FakeHandler::deviceOptions(DeviceOptions options) const {
  DeviceOptions::Internals::setPeerConnections(options, [state = state_](bool receives) {
    auto peer = std::make_shared<FakePeerConnection>(receives, state->steps);
    state->connections.push_back(std::make_shared<FakeConnection>(peer));
    return peer;
  });
  return options;
}

const std::vector<std::shared_ptr<FakeConnection>>& FakeHandler::connections() const {
  return state_->connections;
}

void FakeHandler::failNegotiation(const Error& error) {
  state_->steps->fail("setRemoteDescription", error);
}

}  // namespace cosoup::testing
