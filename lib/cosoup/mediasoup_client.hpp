// MediasoupClient: join a room, send, receive, leave.
#pragma once

#include <memory>

#include "cosoup/async/task.hpp"
#include "cosoup/client/transport.hpp"
#include "cosoup/room/config.hpp"
#include "cosoup/room/events.hpp"
#include "cosoup/room/room.hpp"
#include "cosoup/signaling/signaler.hpp"

namespace cosoup {

/// The whole of it: an app needs to know nothing of devices and transports. Main-context-bound; any
/// number of clients may share a context.
///
/// A client that is destroyed unclosed leaves its room in the background of the loop.
class MediasoupClient {
 public:
  /// With the built-in ProtooSignaler.
  MediasoupClient();
  explicit MediasoupClient(std::unique_ptr<Signaler> signaler);
  MediasoupClient(const MediasoupClient&) = delete;
  MediasoupClient& operator=(const MediasoupClient&) = delete;
  ~MediasoupClient();

  /// Resolves once joined and, with autoProduce, producing. Leaves an earlier room first. Throws
  /// Error: Disconnected (no server, connection lost), Rejected (the room refuses), Timeout,
  /// Media (a source that cannot be opened), Unsupported, InvalidState after close(); and
  /// Cancelled. After a throw the room has been left.
  Task<> joinRoom(RoomAddress address, PeerInfo me, ProduceConfig produce, ConsumeConfig consume);

  /// Produces, when autoProduce was off or after stop(). Throws as joinRoom(), Error(InvalidState)
  /// outside a room.
  Task<> play();
  /// Stops producing; the server and the other peers are told.
  Task<> stop();

  /// Leaves the room: recordings are final, nothing is left running. Bounded, never throws an
  /// Error. joinRoom() may follow.
  Task<> exitRoom();
  /// exitRoom() for good.
  Task<> close();
  /// Waits for the end of the present stay: resolves after exitRoom() and close(), throws
  /// Error(Disconnected) when the room ended by itself. Recordings are final then. Outside a room
  /// it resolves at once.
  Task<> closed();

  /// The roster of the present or the last room; nullptr before the first.
  std::shared_ptr<const Room> room() const;
  RoomEvents& events();

  /// The transports of the present room, for those who want more than this class has; nullptr where
  /// nothing is sent or received.
  std::shared_ptr<SendTransport> sendTransport() const;
  std::shared_ptr<RecvTransport> recvTransport() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cosoup
