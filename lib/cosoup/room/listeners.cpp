#include "cosoup/room/listeners.hpp"

#include <glib.h>

namespace cosoup {
namespace {

const char* nameOf(const std::shared_ptr<Peer>& peer) { return peer ? peer->id().c_str() : "-"; }

}  // namespace

Task<bool> ConsumerRequestListener::onNewConsumer(NewConsumer, std::shared_ptr<Peer>) {
  co_return true;
}

Task<bool> DataConsumerRequestListener::onNewDataConsumer(NewDataConsumer, std::shared_ptr<Peer>) {
  co_return true;
}

Task<> BandwidthNotificationListener::onDownlinkBwe(event::DownlinkBwe changed) {
  g_debug("downlink: %.0f bit/s available", changed.estimate.availableBitrate);
  co_return;
}

Task<> PeerNotificationListener::onNewPeer(event::NewPeer joined) {
  g_info("peer %s joined", nameOf(joined.peer));
  co_return;
}

Task<> PeerNotificationListener::onPeerClosed(event::PeerClosed left) {
  g_info("peer %s left", nameOf(left.peer));
  co_return;
}

Task<> PeerNotificationListener::onPeerDisplayNameChanged(event::PeerDisplayNameChanged renamed) {
  g_info("peer %s is now called %s", nameOf(renamed.peer), renamed.peer->displayName().c_str());
  co_return;
}

Task<> PeerNotificationListener::onActiveSpeaker(event::ActiveSpeaker speaker) {
  g_debug("active speaker: %s", speaker.isMe ? "me" : nameOf(speaker.peer));
  co_return;
}

Task<> PeerNotificationListener::onSpeakingPeers(event::SpeakingPeers speaking) {
  for (const auto& speaker : speaking.speakers) {
    g_debug("speaking: %s, %.0f dBov", speaker.isMe ? "me" : nameOf(speaker.peer), speaker.volume);
  }
  co_return;
}

Task<> ProducerNotificationListener::onProducerScore(event::ProducerScore changed) {
  for (const auto& score : changed.scores) {
    g_debug("producer %s: score %d of encoding %u", changed.producer->id().c_str(), score.score,
            score.encodingIdx);
  }
  co_return;
}

Task<> ConsumerNotificationListener::onConsumerLayersChanged(event::ConsumerLayersChanged changed) {
  g_debug("consumer %s: spatial layer %d, temporal layer %d", changed.consumer->id().c_str(),
          changed.spatialLayer.value_or(-1), changed.temporalLayer.value_or(-1));
  co_return;
}

Task<> ConsumerNotificationListener::onConsumerScore(event::ConsumerScore changed) {
  g_debug("consumer %s: score %d", changed.consumer->id().c_str(), changed.score.score);
  co_return;
}

Task<> ConsumerNotificationListener::onConsumerClosed(event::ConsumerClosed closed) {
  g_info("consumer %s of %s closed", closed.consumer->id().c_str(), nameOf(closed.peer));
  co_return;
}

Task<> ConsumerNotificationListener::onConsumerPaused(event::ConsumerPaused paused) {
  g_info("consumer %s of %s paused", paused.consumer->id().c_str(), nameOf(paused.peer));
  co_return;
}

Task<> ConsumerNotificationListener::onConsumerResumed(event::ConsumerResumed resumed) {
  g_info("consumer %s of %s resumed", resumed.consumer->id().c_str(), nameOf(resumed.peer));
  co_return;
}

Task<> DataConsumerNotificationListener::onDataConsumerClosed(event::DataConsumerClosed closed) {
  g_info("data consumer %s of %s closed", closed.dataConsumer->id().c_str(), nameOf(closed.peer));
  co_return;
}

Task<> DataConsumerNotificationListener::onMessage(event::Message received) {
  g_debug("data consumer %s of %s: %s of %zu bytes", received.dataConsumer->id().c_str(),
          nameOf(received.peer), received.message.isText() ? "text" : "binary",
          received.message.size());
  co_return;
}

Task<> ConnectionListener::onReconnecting(event::Reconnecting reconnecting) {
  g_info("reconnecting, attempt %d: %s", reconnecting.attempt, reconnecting.reason.what());
  co_return;
}

Task<> ConnectionListener::onReconnected(event::Reconnected) {
  g_info("reconnected");
  co_return;
}

Task<> ConnectionListener::onDisconnected(event::Disconnected disconnected) {
  g_info("disconnected: %s", disconnected.reason.what());
  co_return;
}

Listeners::Listeners()
    : consumerRequests(std::make_shared<ConsumerRequestListener>()),
      dataConsumerRequests(std::make_shared<DataConsumerRequestListener>()),
      bandwidth(std::make_shared<BandwidthNotificationListener>()),
      peers(std::make_shared<PeerNotificationListener>()),
      producers(std::make_shared<ProducerNotificationListener>()),
      consumers(std::make_shared<ConsumerNotificationListener>()),
      dataConsumers(std::make_shared<DataConsumerNotificationListener>()),
      connection(std::make_shared<ConnectionListener>()) {}

}  // namespace cosoup
