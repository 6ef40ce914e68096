// Stay: from joining a room to leaving it, over as many connections as it takes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/mutex.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/room/config.hpp"
#include "cosoup/room/reconnect.hpp"
#include "cosoup/room/session.hpp"

namespace cosoup {

/// What an app asks for when it joins.
struct StayOptions {
  RoomAddress address;
  PeerInfo me;
  ProduceConfig produce;
  ConsumeConfig consume;
  ReconnectPolicy reconnect;
  DeviceOptions device;
};

/// Owns what lives as long as we are in the room: the roster, the sources and the sink; and the
/// session of the moment. Main-context-bound; leave() must be called before it is let go of.
class Stay : public std::enable_shared_from_this<Stay> {
 public:
  Stay(StayOptions options, std::shared_ptr<Signaler> signaler, std::shared_ptr<RoomEvents> events,
       Listeners listeners);

  /// Throws Error and Cancelled, having left again.
  Task<> join();
  // play() and stop() take effect in the order of their calls.
  /// Makes the sources and sends them; does nothing while they are sent.
  Task<> play();
  /// Closes the producers, here and at the server, and the sources.
  Task<> stop();
  /// Finalises the recordings and ends everything, in bounded time. Not cancellable, never throws.
  /// Idempotent: a second call waits for the first.
  Task<> leave();
  /// Resolves after leave(); throws Error(Disconnected) when the room ended by itself.
  Task<> ended() { return ended_.wait(); }

  bool isJoined() const { return entered_ && !leaving_; }
  /// The session of the moment; null: before the first, and while there is no connection.
  std::shared_ptr<Session> session() const { return session_; }
  std::shared_ptr<Room> room() const { return context_.room; }
  /// Whether a coroutine with this token is a listener of ours, which leave() cancels.
  bool isListener(const std::stop_token& token) const { return context_.listeners->isCall(token); }

 private:
  Task<> joinSteps();
  Task<> makeSession();
  void addSource(const ProduceConfig::Item& item);
  Task<> produceAll();
  Task<> stopAll();
  Task<> stopOutgoing(std::shared_ptr<Outgoing> outgoing);
  Task<> endOutgoing(std::shared_ptr<Outgoing> outgoing);
  Task<> keepConnected();
  /// Whether it worked; else `reason` says why the last attempt did not.
  Task<bool> reconnect(Error& reason);
  Task<> leaveSteps();
  Task<> endWith(Error error);

  const StayOptions options_;
  SessionContext context_;
  Scope scope_;
  Mutex sending_;  // whoever starts, stops or restarts what is sent
  Deferred<> left_;
  Deferred<> ended_;
  std::shared_ptr<Session> session_;
  std::vector<std::shared_ptr<Outgoing>> outgoing_;
  std::vector<Connection> connections_;
  bool entered_ = false;
  bool playing_ = false;
  bool leaving_ = false;
};

}  // namespace cosoup
