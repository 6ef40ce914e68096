// Listeners: what an app overrides to decide about and to hear of what happens in a room.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/async/task.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/room/events.hpp"
#include "cosoup/signaling/signaler.hpp"

namespace cosoup {

// Of the methods of one listener only one runs at a time, in the order of the events, so that a
// slow listener delays nobody but itself. What must follow from an event (the roster, the end of a
// consumer and of its recording) has been done before a listener hears of it: to override a method
// cannot break the room. What one throws is told as event::Failed, and the next event comes all the
// same. A method that still runs when the room is left is cancelled at its next await and finished
// by the loop; it may leave the room itself. All are called on the client's main context.

/// Decides about the streams that the other peers offer.
class COSOUP_API ConsumerRequestListener {
 public:
  virtual ~ConsumerRequestListener() = default;
  /// Whether to consume it; asked before anything is negotiated. The peer is never null, but of one
  /// that the server has not announced only the id is known. false: the server is told 403, as
  /// the demo's app does; an exception: 500. Default: yes.
  virtual Task<bool> onNewConsumer(NewConsumer offer, std::shared_ptr<Peer> peer);
};

/// Decides about the data producers that the other peers and the server's bot offer.
class COSOUP_API DataConsumerRequestListener {
 public:
  virtual ~DataConsumerRequestListener() = default;
  /// As ConsumerRequestListener::onNewConsumer(); the peer is null for the bot.
  virtual Task<bool> onNewDataConsumer(NewDataConsumer offer, std::shared_ptr<Peer> peer);
};

/// Hears what the server reckons it can send us. The default logs.
class COSOUP_API BandwidthNotificationListener {
 public:
  virtual ~BandwidthNotificationListener() = default;
  virtual Task<> onDownlinkBwe(event::DownlinkBwe changed);
};

/// Hears of the other peers. The defaults log.
class COSOUP_API PeerNotificationListener {
 public:
  virtual ~PeerNotificationListener() = default;
  virtual Task<> onNewPeer(event::NewPeer joined);
  virtual Task<> onPeerClosed(event::PeerClosed left);
  virtual Task<> onPeerDisplayNameChanged(event::PeerDisplayNameChanged renamed);
  virtual Task<> onActiveSpeaker(event::ActiveSpeaker speaker);
  virtual Task<> onSpeakingPeers(event::SpeakingPeers speaking);
};

/// Hears how well our producers arrive. The default logs.
class COSOUP_API ProducerNotificationListener {
 public:
  virtual ~ProducerNotificationListener() = default;
  virtual Task<> onProducerScore(event::ProducerScore changed);
};

/// Hears of our consumers. The defaults log.
class COSOUP_API ConsumerNotificationListener {
 public:
  virtual ~ConsumerNotificationListener() = default;
  virtual Task<> onConsumerLayersChanged(event::ConsumerLayersChanged changed);
  virtual Task<> onConsumerScore(event::ConsumerScore changed);
  virtual Task<> onConsumerClosed(event::ConsumerClosed closed);
  virtual Task<> onConsumerPaused(event::ConsumerPaused paused);
  virtual Task<> onConsumerResumed(event::ConsumerResumed resumed);
};

/// Hears of our data consumers, and what comes on them. The defaults log.
class COSOUP_API DataConsumerNotificationListener {
 public:
  virtual ~DataConsumerNotificationListener() = default;
  virtual Task<> onDataConsumerClosed(event::DataConsumerClosed closed);
  virtual Task<> onMessage(event::Message received);
};

/// Hears of the connection to the room. The defaults log.
class COSOUP_API ConnectionListener {
 public:
  virtual ~ConnectionListener() = default;
  virtual Task<> onReconnecting(event::Reconnecting reconnecting);
  virtual Task<> onReconnected(event::Reconnected reconnected);
  virtual Task<> onDisconnected(event::Disconnected disconnected);
};

/// All listeners of a client; each may be shared with other clients of the same context.
struct COSOUP_API Listeners {
  Listeners();

  std::shared_ptr<ConsumerRequestListener> consumerRequests;
  std::shared_ptr<DataConsumerRequestListener> dataConsumerRequests;
  std::shared_ptr<BandwidthNotificationListener> bandwidth;
  std::shared_ptr<PeerNotificationListener> peers;
  std::shared_ptr<ProducerNotificationListener> producers;
  std::shared_ptr<ConsumerNotificationListener> consumers;
  std::shared_ptr<DataConsumerNotificationListener> dataConsumers;
  std::shared_ptr<ConnectionListener> connection;
};

}  // namespace cosoup
