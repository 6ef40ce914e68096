// Session: one stay in a room, from join to leave.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/client/device.hpp"
#include "cosoup/room/config.hpp"
#include "cosoup/room/events.hpp"
#include "cosoup/room/room.hpp"
#include "cosoup/signaling/signaler.hpp"

namespace cosoup {

/// Everything that belongs to one stay, so that nothing of it is left for the next one.
/// Main-context-bound; leave() must be called before it is let go of.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<Signaler> signaler, RoomAddress address, PeerInfo me,
          ProduceConfig produce, ConsumeConfig consume, std::shared_ptr<RoomEvents> events);
  ~Session();

  /// Throws Error and Cancelled, having left again.
  Task<> join();
  /// Opens the sources and produces their tracks; does nothing while they are produced.
  Task<> play();
  /// Closes the producers, here and at the server, and the sources.
  Task<> stop();
  /// Finalises the recordings and ends everything, in bounded time. Not cancellable, never throws.
  /// Idempotent: a second call waits for the first.
  Task<> leave();
  /// Resolves after leave(); throws Error(Disconnected) when the room ended by itself.
  Task<> ended() { return ended_.wait(); }
  bool isJoined() const { return joined_.isSettled() && !leaving_; }

  Room& room() { return room_; }
  std::shared_ptr<SendTransport> sendTransport() const { return sendTransport_; }
  std::shared_ptr<RecvTransport> recvTransport() const { return recvTransport_; }

 private:
  struct Outgoing {
    std::shared_ptr<Source> source;
    std::vector<std::shared_ptr<Producer>> producers;
    std::vector<Connection> connections;
  };
  /// A consumer from the server's request on, while it may not be there yet.
  struct Incoming {
    std::string peerId;
    std::shared_ptr<Consumer> consumer;
    bool closedEarly = false;
  };

  // session.cpp
  Task<> joinSteps();
  Task<> makeTransports();
  /// The server takes a producer only from a peer that has joined.
  Task<std::string> produceWhenJoined(std::string transportId, MediaKind kind,
                                      RtpParameters parameters, Json appData);
  void watch(const char* direction, Signal<ConnectionState>& changed);
  Task<> leaveSteps();
  /// Leaves by itself because of an error, which ended() then throws.
  void fail(Error error);
  Task<> endWith(Error error);

  // session_events.cpp
  Task<> readEvents(Channel<SignalerEvent> events);
  void handle(const Notification& notification);
  Task<> answer(ServerRequest request);
  Task<> consume(NewConsumer description);
  void closeConsumer(const std::string& consumerId);
  void removePeer(const std::string& peerId);

  // session_produce.cpp
  Task<> playSteps();
  Task<> openSource(ProduceConfig::MakeSource make);
  void watchSource(const std::shared_ptr<Outgoing>& outgoing);
  Task<> produceTrack(std::shared_ptr<Outgoing> outgoing, std::shared_ptr<Track> track);
  Task<> produceAll(std::shared_ptr<Outgoing> outgoing);
  Task<> stopOutgoing(std::shared_ptr<Outgoing> outgoing);
  Task<> endOutgoing(std::shared_ptr<Outgoing> outgoing);

  const std::shared_ptr<Signaler> signaler_;
  const RoomAddress address_;
  const ProduceConfig produce_;
  const ConsumeConfig consume_;
  const std::shared_ptr<RoomEvents> events_;
  Room room_;
  Device device_;
  Scope scope_;
  Deferred<> joined_;
  Deferred<> left_;
  Deferred<> ended_;
  bool leaving_ = false;
  bool playing_ = false;

  std::shared_ptr<SendTransport> sendTransport_;
  std::shared_ptr<RecvTransport> recvTransport_;
  std::vector<Connection> connections_;
  std::shared_ptr<Sink> sink_;
  std::vector<std::shared_ptr<Outgoing>> outgoing_;
  std::map<std::string, Incoming> incoming_;  // by consumer id
};

}  // namespace cosoup
