// Stay: from joining a room to leaving it, over as many connections as it takes. Internal.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/room/config.hpp"
#include "cosoup/room/outgoing_sources.hpp"
#include "cosoup/room/reconnect.hpp"
#include "cosoup/room/requests.hpp"
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
  /// See OutgoingSources.
  Task<> play();
  Task<> stop();
  /// They end with the stay, which must be kept while one runs.
  Requests& requests() { return requests_; }

  /// Finalises the recordings and ends everything, in bounded time. Not cancellable, never throws.
  /// Idempotent: a second call waits for the first.
  Task<> leave();
  /// Resolves after leave(); throws Error(Disconnected) when the room ended by itself.
  Task<> ended() { return ended_.wait(); }

  bool isJoined() const { return entered_ && !leaving_; }
  /// The session of the moment; null: before the first, and while there is no connection.
  std::shared_ptr<Session> session() const { return session_; }
  std::shared_ptr<Room> room() const { return context_.room; }
  /// Whether it was by our leaving that a coroutine with this token was cancelled: a listener of
  /// ours, or what one waits for.
  bool hasCancelled(const std::stop_token& token) const;
  /// Before leave(), for hasCancelled().
  void watch(std::stop_token token) { watched_.push_back(std::move(token)); }

 private:
  Task<> joinSteps();
  Task<> makeSession();
  Task<> keepConnected();
  /// Whether it worked; else `reason` says why the last attempt did not.
  Task<bool> reconnect(Error& reason);
  void stopListeners();
  Task<> leaveSteps();
  Task<> endWith(Error error);

  const StayOptions options_;
  SessionContext context_;
  Scope scope_;
  Deferred<> left_;
  Deferred<> ended_;
  std::shared_ptr<Session> session_;
  OutgoingSources sending_;
  Requests requests_;
  std::vector<Connection> connections_;
  std::vector<std::stop_token> watched_;    // until we leave
  std::vector<std::stop_token> cancelled_;  // those of them whom that has cancelled
  bool entered_ = false;
  bool leaving_ = false;
};

}  // namespace cosoup
