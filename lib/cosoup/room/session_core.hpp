// SessionCore: what the parts of a session share. Internal.
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <optional>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/client/device.hpp"
#include "cosoup/media/sink/sink.hpp"
#include "cosoup/room/events.hpp"
#include "cosoup/room/listener_calls.hpp"
#include "cosoup/room/room.hpp"
#include "cosoup/room/room_events_internals.hpp"
#include "cosoup/room/wishes.hpp"
#include "cosoup/signaling/signaler.hpp"

namespace cosoup {

/// Why a session ended that nobody had left.
struct Loss {
  Error error;
  bool meant = false;  ///< joining again would not help: we are not wanted, or it is not the server
};

/// What a session works for; all of it outlives the session.
struct SessionContext {
  DeviceOptions device;  ///< of the device that each session makes
  std::shared_ptr<Signaler> signaler;
  std::shared_ptr<Room> room;
  std::shared_ptr<RoomEvents> events;
  std::shared_ptr<ListenerCalls> listeners;
  std::shared_ptr<Sink> sink;                        ///< null: neither audio nor video is received
  bool data = false;                                 ///< data is received
  std::optional<std::chrono::milliseconds> latency;  ///< of what is received
  std::shared_ptr<Wishes> wishes = std::make_shared<Wishes>();
  bool repairs = false;  ///< a session that was lost is followed by another one
  /// For an ICE restart to bring a lost path back; 0: such a loss is the end of the session.
  std::chrono::milliseconds iceTimeout{0};

  bool receives() const { return sink || data; }

  void tell(const RoomEvent& event) const {
    RoomEvents::Internals::emit(*events, event);
    listeners->tell(event);
  }
};

/// Owned by the session, and used by its parts, which end before it. Main-context-bound.
struct SessionCore {
  explicit SessionCore(SessionContext what);
  SessionCore(const SessionCore&) = delete;
  SessionCore& operator=(const SessionCore&) = delete;

  const SessionContext context;
  const int number;  ///< counts the sessions of a stay
  Device device;
  Scope scope;
  Deferred<> joined;
  Deferred<Loss> lost;
  bool leaving = false;
  bool consumes = true;  ///< else what is offered is refused
  std::shared_ptr<SendTransport> sendTransport;
  std::shared_ptr<RecvTransport> recvTransport;

  bool isJoined() const { return joined.isSettled() && !leaving && !lost.isSettled(); }
  Signaler& signaler() const { return *context.signaler; }
  Room& room() const { return *context.room; }
  void tell(const RoomEvent& event) const { context.tell(event); }
  /// Tells of a failure that nobody waits for; not of the end of the connection, which is told by
  /// itself.
  void tellFailure(std::exception_ptr failure) const;
};

}  // namespace cosoup
