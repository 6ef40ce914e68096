// The mediasoup-demo's protocol of its TypeScript server, since October 2025.
#include "cosoup/signaling/dialect.hpp"
#include "cosoup/signaling/lenient.hpp"
#include "cosoup/signaling/protoo_content.hpp"

namespace cosoup::protoo {
namespace {

// What appData.source says of a screen; our own appData says {"share": true}, as the demo's did
// before.
constexpr const char* kScreen = "screensharing";

bool isSpokenBy(const Json& routerAnswer) { return routerAnswer.has("routerRtpCapabilities"); }

Json createWebRtcTransport(const WebRtcTransportOptions& options) {
  const char* direction = options.producing ? "producer" : "consumer";
  Json data = Json::object(
      {{"forceTcp", options.forceTcp}, {"appData", Json::object({{"direction", direction}})}});
  if (options.sctpCapabilities) data.set("sctpCapabilities", toJson(*options.sctpCapabilities));
  return data;
}

Json producerAppData(Json appData, MediaKind kind) {
  if (appData.has("source")) return appData;
  appData.set("source", lenient::flag(appData, "share") ? kScreen : toString(kind));
  return appData;
}

// The server looks at the channel, and no longer at the label.
Json dataProducerAppData(Json appData, const std::string& label) {
  if (!appData.has("channel")) appData.set("channel", label);
  return appData;
}

Json consumerAppData(Json appData) {
  const Json source = appData.getOr<Json>("source", "");
  if (source == Json(kScreen)) appData.set("share", true);
  return appData;
}

Call applyNetworkThrottle(const NetworkThrottle& throttle) {
  Json options = Json::object({{"up", throttle.uplink},
                               {"down", throttle.downlink},
                               {"rtt", throttle.rtt.count()},
                               {"packetLoss", throttle.packetLoss}});
  return Call("applyNetworkThrottle",
              Json::object({{"secret", throttle.secret}, {"options", std::move(options)}}));
}

Notification newPeer(const Json& data) {
  return notification::NewPeer{toPeer(demo2025, data.get<Json>("peer"))};
}

constexpr NotificationReader kNotifications[] = {
    {"newPeer", newPeer},
    {"speakingPeers", readSpeakingPeers},
};

}  // namespace

constexpr Dialect demo2025 = {
    .name = "2025",
    .isSpokenBy = isSpokenBy,
    .peerId = "peerId",
    .transportId = "transportId",
    .producerId = "producerId",
    .consumerId = "consumerId",
    .dataProducerId = "dataProducerId",
    .dataConsumerId = "dataConsumerId",
    .routerRtpCapabilities = "routerRtpCapabilities",
    .iceParameters = "iceParameters",
    .stats = "stats",
    .notifiesChanges = true,
    .createWebRtcTransport = createWebRtcTransport,
    .producerAppData = producerAppData,
    .dataProducerAppData = dataProducerAppData,
    .consumerAppData = consumerAppData,
    .applyNetworkThrottle = applyNetworkThrottle,
    .resetNetworkThrottle = "stopNetworkThrottle",
    .notifications = kNotifications,
};

}  // namespace cosoup::protoo
