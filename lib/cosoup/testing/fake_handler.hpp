// FakeHandler: transports without a network, for the tests of programs that use cosoup
// (mediasoup-client's FakeHandler).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cosoup/client/device.hpp"
#include "cosoup/rtc/connection_state.hpp"
#include "cosoup/rtc/data_channel.hpp"
#include "cosoup/rtc/ice_server.hpp"

namespace cosoup::testing {

class FakePeerConnection;

/// What is beneath one transport. It negotiates as a real one does, what is encoded and payloaded
/// goes nowhere, and nothing comes that the test does not let come. Main-context-bound.
class FakeConnection {
 public:
  explicit FakeConnection(std::shared_ptr<FakePeerConnection> peer);
  FakeConnection(const FakeConnection&) = delete;
  FakeConnection& operator=(const FakeConnection&) = delete;
  ~FakeConnection();

  /// Of a RecvTransport; else of a SendTransport.
  bool receives() const;
  /// The transport was closed.
  bool isClosed() const;

  // What the network does; none of it happens by itself.
  void setConnectionState(ConnectionState state);
  void setIceGatheringState(IceGatheringState state);
  void failIceCandidate(const IceCandidateError& error);
  /// The server wants a key frame of a stream that we send.
  void requestKeyFrame(std::uint32_t ssrc);
  /// An RTP packet comes; false: no consumer has that SSRC. It is counted and thrown away: frames
  /// are given to a consumer by `consumer->track()->deliver(frame)`.
  bool receivePacket(std::uint32_t ssrc);

  /// The SCTP association comes up, and is lost.
  void openDataChannels();
  void loseDataChannels();
  /// What has been sent on a stream since the last call; up to then it is buffered.
  std::vector<DataMessage> takeMessages(std::uint16_t streamId);
  /// A message comes; false: no data consumer is on that stream.
  bool receiveMessage(std::uint16_t streamId, const DataMessage& message);

 private:
  const std::shared_ptr<FakePeerConnection> peer_;
};

/// Makes the connections of a Device. Main-context-bound.
class FakeHandler {
 public:
  FakeHandler();

  /// The same options for a device whose transports have fake connections.
  DeviceOptions deviceOptions(DeviceOptions options = DeviceOptions()) const;

  /// In the order in which the transports were made.
  const std::vector<std::shared_ptr<FakeConnection>>& connections() const;

  /// The next negotiation of any of the transports fails so: a connect(), produce() or consume().
  void failNegotiation(const Error& error);

 private:
  struct State;
  std::shared_ptr<State> state_;  // the device's, too
};

}  // namespace cosoup::testing
