// MediasoupClient: join a room, send, receive, leave.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cosoup/async/task.hpp"
#include "cosoup/client/device.hpp"
#include "cosoup/client/recv_transport.hpp"
#include "cosoup/client/send_transport.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/room/config.hpp"
#include "cosoup/room/events.hpp"
#include "cosoup/room/listeners.hpp"
#include "cosoup/room/reconnect.hpp"
#include "cosoup/room/room.hpp"
#include "cosoup/signaling/signaler.hpp"

namespace cosoup {

/// The whole of it: an app needs to know nothing of devices and transports. Main-context-bound; any
/// number of clients may share a context.
///
/// A client that is destroyed unclosed leaves its room in the background of the loop. It may be
/// destroyed while its coroutines wait; those end as if the room had been left.
class COSOUP_API MediasoupClient {
 public:
  /// With the built-in ProtooSignaler.
  explicit MediasoupClient(Listeners listeners = Listeners());
  explicit MediasoupClient(std::unique_ptr<Signaler> signaler, Listeners listeners = Listeners());
  MediasoupClient(const MediasoupClient&) = delete;
  MediasoupClient& operator=(const MediasoupClient&) = delete;
  ~MediasoupClient();

  /// Resolves once joined and, with autoProduce, producing. Leaves an earlier room first, and may
  /// be called by a listener of that room, also under withTimeout() or in a Scope of its own, which
  /// is cancelled at its first await after this; the join itself comes to its end. Throws
  /// Error: Disconnected (no server, connection lost), Rejected (the room refuses), Timeout,
  /// InvalidArgument (a malformed address, a configuration without a source or sink, nonsense from
  /// the server), Media (a source that cannot be opened), Unsupported, InvalidState after close()
  /// or when left meanwhile; and Cancelled. After a throw the room has been left.
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
  Task<> untilLeft();

  // What the server, and through it the other peers, are told. All throw Error(InvalidState)
  // outside a room and for an object that is closed, Error as the Signaler's requests do (what was
  // done here stays done), and Cancelled.
  //
  // What is asked of a producer or a consumer holds for the stay in the room: after a reconnection
  // for its successor, from the first packet on, and an object of before stands for that successor
  // here. While there is no connection, what is switched off, on or limited is taken up by the next
  // one; everything else throws Error(Disconnected) then. Also what was asked of the objects
  // themselves (replaceTrack(), setMaxSpatialLayer(), close() …) is carried over.

  /// Stops sending for good.
  Task<> closeProducer(std::shared_ptr<Producer> producer);
  /// Mutes and unmutes: the others' consumers are paused, too.
  Task<> pauseProducer(std::shared_ptr<Producer> producer);
  Task<> resumeProducer(std::shared_ptr<Producer> producer);

  /// The server stops sending it to us; nobody else notices.
  Task<> pauseConsumer(std::shared_ptr<Consumer> consumer);
  Task<> resumeConsumer(std::shared_ptr<Consumer> consumer);
  /// Which layers of simulcast or SVC to receive at best; both count from 0, the lowest.
  Task<> setPreferredLayers(std::shared_ptr<Consumer> consumer, int spatialLayer,
                            std::optional<int> temporalLayer);
  /// Who comes first when the bandwidth is short; 1 (lowest) to 255.
  Task<> setPriority(std::shared_ptr<Consumer> consumer, int priority);
  /// Asks the sender, through the server, for a picture that can be decoded by itself.
  Task<> requestKeyFrame(std::shared_ptr<Consumer> consumer);

  /// Says something to all peers: a text on a data producer of the label "chat", ordered and
  /// reliable, which is made the first time. Resolves when it is on its way. Throws also as
  /// produceData() and DataProducer::send().
  Task<> sendChat(std::string text);
  /// Likewise to the server's bot, which answers everybody.
  Task<> sendToBot(std::string text);
  /// Opens a channel for messages of your own, which is opened again after a reconnection
  /// (event::DataProduced); throws as SendTransport::produceData(). The demo's
  /// server of today hands on what is on the channel "chat", which `appData.channel` says, else the
  /// label; that of 2024 the label "chat", and others to peers that join later.
  Task<std::shared_ptr<DataProducer>> produceData(DataProduceOptions options);

  /// Renames us; the other peers are told.
  Task<> changeDisplayName(std::string displayName);

  // The server's statistics: an array of objects as mediasoup's getStats() gives them.
  Task<Json> getServerStats(std::shared_ptr<Producer> producer);
  Task<Json> getServerStats(std::shared_ptr<Consumer> consumer);
  Task<Json> getServerStats(std::shared_ptr<DataProducer> producer);
  Task<Json> getServerStats(std::shared_ptr<DataConsumer> consumer);
  Task<Json> getServerStats(std::shared_ptr<Transport> transport);

  /// For trying things out, where the server allows it: a bad network for everyone on it.
  Task<> applyNetworkThrottle(NetworkThrottle throttle);
  Task<> resetNetworkThrottle(std::string secret);

  /// The roster of the present or the last room; nullptr before the first.
  std::shared_ptr<const Room> room() const;
  /// What happens in the rooms of this client, from one to the next.
  RoomEvents& events();

  /// How a lost connection is repaired; taken over by the next joinRoom().
  ReconnectPolicy reconnect;
  /// What our device can and prefers, further header extensions among it; likewise. Capabilities
  /// that make no sense fail joinRoom() with Error(InvalidArgument).
  DeviceOptions device;

  /// The transports of the present room, for those who want more than this class has; nullptr where
  /// nothing is sent or received.
  std::shared_ptr<SendTransport> sendTransport() const;
  std::shared_ptr<RecvTransport> recvTransport() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cosoup
