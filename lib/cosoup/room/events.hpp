// What happens in a room.
#pragma once

#include <memory>

#include "cosoup/async/signal.hpp"
#include "cosoup/client/consumer.hpp"
#include "cosoup/client/producer.hpp"
#include "cosoup/media/sink.hpp"
#include "cosoup/room/room.hpp"

namespace cosoup {

/// Emitted on the main context, after the default action. They stay connected from one room to the
/// next.
struct RoomEvents {
  /// The server has let us in; the roster is complete.
  Signal<const Room&> joined;
  Signal<const Peer&> peerJoined;
  Signal<const Peer&> peerLeft;
  Signal<const Peer&> peerRenamed;
  /// The server has a producer of ours.
  Signal<const std::shared_ptr<Producer>&> produced;
  /// A consumer is ready, its RTP is about to flow.
  Signal<const Peer&, const std::shared_ptr<Consumer>&> consuming;
  Signal<const std::shared_ptr<Consumer>&> consumerClosed;
  /// A source came to its end; its producers have been closed.
  Signal<> sourceEnded;
  /// A recording is final.
  Signal<const Recording&> recorded;
  /// Something failed that the call goes on without: a consumer, a source, a recording.
  Signal<const Error&> failed;
};

}  // namespace cosoup
