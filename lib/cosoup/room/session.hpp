// Session: one connection to a room, from the signaling to the consumers. Internal.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/channel.hpp"
#include "cosoup/room/incoming_data.hpp"
#include "cosoup/room/incoming_media.hpp"
#include "cosoup/room/outgoing_data.hpp"
#include "cosoup/room/outgoing_media.hpp"
#include "cosoup/room/session_core.hpp"
#include "cosoup/room/session_transports.hpp"

namespace cosoup {

/// Connects, keeps the roster and gives what the server asks for and tells to the part that it
/// concerns. Main-context-bound; leave() must be called before it is let go of.
class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(SessionContext context);

  /// Signaling and transports. Throws Error and Cancelled; then leave() is due.
  Task<> connect(RoomAddress address, bool sends);
  /// Enters the room and brings its roster up to date; `again`: and tells what has changed in it.
  Task<> join(bool again);

  // What its parts do; they end with it.
  Task<> produce(std::shared_ptr<OutgoingSource> source);
  Task<> stopProducing(std::shared_ptr<OutgoingSource> source);
  Task<std::shared_ptr<DataProducer>> produceData(DataProduceOptions options);
  Task<> restoreDataProducers();
  Task<> sendChat(std::string text);
  Task<> sendToBot(std::string text);

  /// Takes no more consumers; what is offered from now on is refused.
  void stopConsuming() { core_.consumes = false; }
  /// Ends the consumers as if their producers had gone.
  void closeConsumers();
  /// Ends everything in bounded time. Not cancellable, never throws. Idempotent: a second call
  /// waits for the first.
  Task<> leave();

  /// Resolves when the session has ended by itself; leave() is still due.
  Task<Loss> lost() { return core_.lost.wait(); }
  bool isJoined() const { return core_.isJoined(); }

  Signaler& signaler() { return core_.signaler(); }
  std::shared_ptr<SendTransport> sendTransport() const { return core_.sendTransport; }
  std::shared_ptr<RecvTransport> recvTransport() const { return core_.recvTransport; }

 private:
  void renewRoster(std::vector<PeerDescription> peers, bool again);
  void removePeer(const std::string& peerId);

  // What the server asks for and tells.
  Task<> readEvents(Channel<SignalerEvent> events);
  Task<> answer(ServerRequest request);
  void tell(const Notification& notification);
  template <class Told>
  void pass(const Told& told);
  void on(const notification::NewPeer& added);
  void on(const notification::PeerClosed& gone);
  void on(const notification::PeerDisplayNameChanged& changed);
  void on(const notification::ActiveSpeaker& speaker);
  void on(const notification::SpeakingPeers& speaking);
  void on(const notification::DownlinkBwe& changed);

  Task<> leaveSteps();

  SessionCore core_;
  SessionTransports transports_;
  OutgoingMedia outgoingMedia_;
  IncomingMedia incomingMedia_;
  OutgoingData outgoingData_;
  IncomingData incomingData_;
  Connection abandoned_;
  Deferred<> left_;
};

}  // namespace cosoup
