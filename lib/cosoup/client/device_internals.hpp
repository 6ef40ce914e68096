// What stands in for webrtcbin under a Device in tests. Internal to the client floor.
#pragma once

#include <functional>
#include <memory>

#include "cosoup/client/device.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/webrtc/peer_connection.hpp"

namespace cosoup {

/// Makes what does ICE, DTLS and RTP for one transport, which will only send or only receive.
using PeerConnectionFactory = std::function<std::shared_ptr<PeerConnection>(bool receives)>;

struct COSOUP_API DeviceOptions::Internals {
  PeerConnectionFactory peerConnections;

  static void setPeerConnections(DeviceOptions& options, PeerConnectionFactory factory);
  /// Empty: webrtcbin.
  static PeerConnectionFactory peerConnectionsOf(const DeviceOptions& options);
};

}  // namespace cosoup
