// The mediasoup-demo's protocol of its JavaScript server, until October 2025.
#include "cosoup/signaling/dialect.hpp"
#include "cosoup/signaling/protoo_content.hpp"

namespace cosoup::protoo {
namespace {

bool isSpokenBy(const Json& routerAnswer) { return routerAnswer.has("codecs"); }

Json createWebRtcTransport(const WebRtcTransportOptions& options) {
  Json data = Json::object({{"forceTcp", options.forceTcp},
                            {"producing", options.producing},
                            {"consuming", !options.producing}});
  if (options.sctpCapabilities) data.set("sctpCapabilities", toJson(*options.sctpCapabilities));
  return data;
}

Json producerAppData(Json appData, MediaKind) { return appData; }

Json dataProducerAppData(Json appData, const std::string&) { return appData; }

Json consumerAppData(Json appData) { return appData; }

Call applyNetworkThrottle(const NetworkThrottle& throttle) {
  Json data = Json::object({{"secret", throttle.secret},
                            {"uplink", throttle.uplink},
                            {"downlink", throttle.downlink},
                            {"rtt", throttle.rtt.count()},
                            {"packetLoss", throttle.packetLoss}});
  return Call("applyNetworkThrottle", std::move(data));
}

Notification newPeer(const Json& data) { return notification::NewPeer{toPeer(demo2024, data)}; }

constexpr NotificationReader kNotifications[] = {
    {"newPeer", newPeer},
    {"downlinkBwe", readDownlinkBwe},
};

}  // namespace

constexpr Dialect demo2024 = {
    .name = "2024",
    .isSpokenBy = isSpokenBy,
    .peerId = "id",
    .transportId = "id",
    .producerId = "id",
    .consumerId = "id",
    .dataProducerId = "id",
    .dataConsumerId = "id",
    .routerRtpCapabilities = nullptr,
    .iceParameters = nullptr,
    .stats = nullptr,
    .notifiesChanges = false,
    .createWebRtcTransport = createWebRtcTransport,
    .producerAppData = producerAppData,
    .dataProducerAppData = dataProducerAppData,
    .consumerAppData = consumerAppData,
    .applyNetworkThrottle = applyNetworkThrottle,
    .resetNetworkThrottle = "resetNetworkThrottle",
    .notifications = kNotifications,
};

}  // namespace cosoup::protoo
