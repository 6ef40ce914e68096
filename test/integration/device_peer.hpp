// DevicePeer: a peer in a room of the test server, made with the low-level API alone.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/cosoup.hpp"
#include "support/room_server.hpp"
#include "support/run_test.hpp"

namespace cosoup::test {

/// leave() must be called before it is let go of. Main-context-bound.
class DevicePeer {
 public:
  using Adjust = std::function<void(TransportOptions&)>;

  DevicePeer(RoomServer& server, std::string room, std::string id);
  DevicePeer(const DevicePeer&) = delete;
  DevicePeer& operator=(const DevicePeer&) = delete;

  /// Signaling, device and transports; `adjust` may change the options of both.
  Task<> connect(Adjust adjust = {});
  /// Enters the room; every consumer that is offered is taken from then on.
  Task<> join();
  /// Sends a test picture and tone.
  Task<> produce();
  Task<> leave();

  /// The server's view: of the transport, of a producer.
  Task<Json> transportAtServer(std::string direction);
  Task<std::int64_t> bytesAtServer();
  /// Until the server gets ever more of us.
  Task<> sends();
  /// Until all consumers, at least so many, get ever more.
  Task<> receives(std::size_t streams);
  Task<> isConnected(std::string direction);
  /// Asks the server for new ICE parameters and uses them; gives the server's new ufrag.
  Task<std::string> restartSend();
  Task<std::string> restartRecv();

  RoomServer& server;
  const std::string room;
  const std::string id;
  ProtooSignaler signaler;
  Device device;
  std::shared_ptr<SendTransport> send;
  std::shared_ptr<RecvTransport> recv;
  std::vector<std::shared_ptr<Producer>> producers;
  std::vector<std::shared_ptr<Consumer>> consumers;
  std::vector<std::string> failures;
  TestSourceOptions picture;
  std::function<void(ConsumeOptions&)> beforeConsume;  ///< may change what is offered

 private:
  Task<TransportParameters> createTransport(bool producing);
  Task<> readEvents(Channel<SignalerEvent> events);
  Task<> take(ServerRequest request);
  Task<bool> sendsMore();
  Task<bool> receivesMore(std::size_t streams);

  Scope scope_;
  std::shared_ptr<Source> source_;
};

/// Ada sends and bob receives, in a room of their own. end() must be called before it is let go of.
class DeviceCall {
 public:
  explicit DeviceCall(RoomServer& server);

  Task<> begin(DevicePeer::Adjust adjust = {});
  /// Until the server gets ever more of ada, and bob of both streams.
  Task<> flows();
  Task<> end();

  const std::string room;
  DevicePeer ada;
  DevicePeer bob;
};

}  // namespace cosoup::test
