// RoomEvents: what happens in a room, as one list of types; pushed to callbacks, or pulled.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cosoup/async/bounded_channels.hpp"
#include "cosoup/async/channel.hpp"
#include "cosoup/async/signal.hpp"
#include "cosoup/client/consumer.hpp"
#include "cosoup/client/data_producer.hpp"
#include "cosoup/client/producer.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/media/sink/sink.hpp"
#include "cosoup/room/room.hpp"

namespace cosoup {

/// Each is told after what follows from it has been done: when a consumer's end is told, it is
/// closed, its recording is being finished, and the roster knows it no more.
namespace event {

/// The server has let us in; the roster is complete.
struct Joined {
  std::shared_ptr<const Room> room;
};
struct NewPeer {
  std::shared_ptr<Peer> peer;
};
struct PeerClosed {
  std::shared_ptr<Peer> peer;
};
struct PeerDisplayNameChanged {
  std::shared_ptr<Peer> peer;
  std::string oldDisplayName;
};
/// Who of all that speak is to be shown.
struct ActiveSpeaker {
  std::shared_ptr<Peer> peer;    ///< null: silence, or we ourselves
  bool isMe = false;             ///< it is we who speak
  std::optional<double> volume;  ///< dB, -127 to 0; where the server tells it
};
/// Everybody who can be heard, the loudest first; empty: silence. Not every server tells.
struct SpeakingPeers {
  struct Speaker {
    std::shared_ptr<Peer> peer;  ///< null: we ourselves
    bool isMe = false;
    double volume = 0;  ///< dBov, -127 to 0
  };
  std::vector<Speaker> speakers;
};
/// The server's estimate of what it can send us.
struct DownlinkBwe {
  BandwidthEstimate estimate;
};

/// The server has a producer of ours.
struct Produced {
  std::shared_ptr<Producer> producer;
  /// The one in whose place it is since a reconnection; null: none, or nobody keeps it any more.
  std::shared_ptr<Producer> previous;
};
/// The server has a data producer of MediasoupClient::produceData().
struct DataProduced {
  std::shared_ptr<DataProducer> dataProducer;
  std::shared_ptr<DataProducer> previous;  ///< likewise
};
/// No packet has gone out within some seconds of its beginning, or of its resuming: its source
/// gives nothing that can be sent.
struct NothingSent {
  std::shared_ptr<Producer> producer;
};
struct ProducerScore {
  std::shared_ptr<Producer> producer;
  std::vector<EncodingScore> scores;
};

/// A consumer is ready, its RTP is about to flow.
struct Consuming {
  std::shared_ptr<Peer> peer;
  std::shared_ptr<Consumer> consumer;
  std::shared_ptr<Consumer> previous;  ///< as of Produced
};
/// Its producer was paused by whoever sends.
struct ConsumerPaused {
  std::shared_ptr<Peer> peer;
  std::shared_ptr<Consumer> consumer;
};
struct ConsumerResumed {
  std::shared_ptr<Peer> peer;
  std::shared_ptr<Consumer> consumer;
};
struct ConsumerScore {
  std::shared_ptr<Peer> peer;
  std::shared_ptr<Consumer> consumer;
  StreamScore score;
};
struct ConsumerLayersChanged {
  std::shared_ptr<Peer> peer;
  std::shared_ptr<Consumer> consumer;
  std::optional<int> spatialLayer, temporalLayer;  ///< absent: nothing flows
};
struct ConsumerClosed {
  std::shared_ptr<Peer> peer;
  std::shared_ptr<Consumer> consumer;
};

/// A data consumer is ready; the peer is null for those of the server's bot.
struct DataConsuming {
  std::shared_ptr<Peer> peer;
  std::shared_ptr<DataConsumer> dataConsumer;
  std::shared_ptr<DataConsumer> previous;  ///< as of Produced
};
struct DataConsumerClosed {
  std::shared_ptr<Peer> peer;
  std::shared_ptr<DataConsumer> dataConsumer;
};
/// What another peer, or the bot, says.
struct Message {
  std::shared_ptr<Peer> peer;
  std::shared_ptr<DataConsumer> dataConsumer;
  DataMessage message;
};

/// The connection to the room is lost; an attempt to get it back begins.
struct Reconnecting {
  int attempt = 1;  ///< counts from 1
  Error reason;     ///< why the connection, or the attempt before, failed
};
/// We are in the room again, sending and receiving as before: what was paused, closed, replaced or
/// limited stays so from the first packet. The producers are new objects, as are the consumers; see
/// the page on reconnection.
struct Reconnected {};
/// The stay has ended, but not by exitRoom() or close(); see MediasoupClient::untilLeft().
struct Disconnected {
  Error reason;
};

/// A source came to its end; its producers have been closed.
struct SourceEnded {};
/// A recording is final.
struct Recorded {
  Recording recording;
};
/// A recording that had failed goes on, or has ended: what is missing of it.
struct RecordingMissed {
  RecordingGap gap;
};
/// Something failed that the call goes on without: a consumer, a source, an encoder, a recording, a
/// listener.
struct Failed {
  Error error;
};

}  // namespace event

using RoomEvent =
    std::variant<event::Joined, event::NewPeer, event::PeerClosed, event::PeerDisplayNameChanged,
                 event::ActiveSpeaker, event::SpeakingPeers, event::DownlinkBwe, event::Produced,
                 event::DataProduced, event::NothingSent, event::ProducerScore, event::Consuming,
                 event::ConsumerPaused, event::ConsumerResumed, event::ConsumerScore,
                 event::ConsumerLayersChanged, event::ConsumerClosed, event::DataConsuming,
                 event::DataConsumerClosed, event::Message, event::Reconnecting, event::Reconnected,
                 event::Disconnected, event::SourceEnded, event::Recorded, event::RecordingMissed,
                 event::Failed>;

/// Those who listen stay connected from one room to the next. Main-context-bound.
class COSOUP_API RoomEvents {
 public:
  RoomEvents();
  RoomEvents(const RoomEvents&) = delete;
  RoomEvents& operator=(const RoomEvents&) = delete;
  ~RoomEvents();

  /// Calls back for each event of one type: `events.on<event::PeerClosed>([](const auto& left) …)`.
  template <class Event>
  [[nodiscard]] Connection on(std::function<void(const Event&)> callback) {
    return onAll([callback = std::move(callback)](const RoomEvent& event) {
      if (const auto* wanted = std::get_if<Event>(&event)) callback(*wanted);
    });
  }
  [[nodiscard]] Connection onAll(std::function<void(const RoomEvent&)> callback) {
    return happened_.connect(std::move(callback));
  }

  /// Every event from now on, in a queue of its own, which ends with the client:
  /// `while (auto event = co_await channel.next()) …`. Whoever stops reading closes it, or lets go
  /// of it. Of what is not read so much is kept as limits.hpp says; what comes then is lost.
  Channel<RoomEvent> channel() { return channels_.open(); }

  struct Internals;  // of the room

 private:
  Signal<const RoomEvent&> happened_;
  BoundedChannels<RoomEvent> channels_;
};

}  // namespace cosoup
