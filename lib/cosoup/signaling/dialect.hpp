// Dialect: what differs between the versions of the mediasoup-demo's protocol, as data. Internal.
#pragma once

#include <span>
#include <string>

#include "cosoup/core/json.hpp"
#include "cosoup/signaling/signaler.hpp"

namespace cosoup::protoo {

/// The question of whose answer the dialect is learnt; the same in all of them.
inline constexpr const char* getRouterRtpCapabilities = "getRouterRtpCapabilities";

/// What the server is asked for or told.
struct Call {
  Call(std::string method_, Json data_) : method(std::move(method_)), data(std::move(data_)) {}
  std::string method;
  Json data;
};

/// Throws Error(InvalidArgument) that names the field which is missing or malformed.
struct NotificationReader {
  const char* method;
  Notification (*read)(const Json& data);
};

/// A version of the protocol; each is a file of its own, demo_*.cpp. What is not in here is the
/// same in all of them, and stands in protoo_content.cpp and request_signaler.cpp.
struct Dialect {
  const char* name;
  /// Whether such an answer to getRouterRtpCapabilities is of this dialect.
  bool (*isSpokenBy)(const Json& routerAnswer);

  // What the id of a thing is called where the thing itself is described.
  const char* peerId;
  const char* transportId;
  const char* producerId;
  const char* consumerId;
  const char* dataProducerId;
  const char* dataConsumerId;

  // The member of an answer that holds what was asked for; null: the answer is it.
  const char* routerRtpCapabilities;
  const char* iceParameters;
  const char* stats;

  /// Changes (closeProducer … changeDisplayName) are notifications, which nobody answers. A wrong
  /// one among them may end the server's process: they are checked before they are sent.
  bool notifiesChanges;

  Json (*createWebRtcTransport)(const WebRtcTransportOptions& options);
  Json (*producerAppData)(Json appData, MediaKind kind);
  Json (*dataProducerAppData)(Json appData, const std::string& label);
  /// Back to the terms of the public API.
  Json (*consumerAppData)(Json appData);
  Call (*applyNetworkThrottle)(const NetworkThrottle& throttle);
  const char* resetNetworkThrottle;

  std::span<const NotificationReader> notifications;  ///< those that not all dialects have alike
};

extern const Dialect demo2024;
extern const Dialect demo2025;

/// All of them; to be tried in this order.
std::span<const Dialect* const> dialects();
/// Throws Error(InvalidArgument) for an answer of none of them.
const Dialect& dialectOf(const Json& routerAnswer);
/// A createWebRtcTransport that every dialect understands, for when it is not known yet which one
/// the server speaks: the members of all.
Json createWebRtcTransportInAll(const WebRtcTransportOptions& options);

}  // namespace cosoup::protoo
