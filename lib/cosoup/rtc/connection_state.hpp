// The states of a transport's connection.
#pragma once

namespace cosoup {

/// As W3C's RTCPeerConnectionState: ICE and DTLS taken together.
enum class ConnectionState {
  fresh,  ///< "new": nothing has been tried yet
  connecting,
  connected,
  disconnected,  ///< may recover by itself or by an ICE restart
  failed,
  closed,
};

/// "new", "connecting", "connected", …
const char* toString(ConnectionState state);

/// As W3C's RTCIceGatheringState: the search for our own addresses.
enum class IceGatheringState {
  fresh,  ///< "new"
  gathering,
  complete,
};

/// "new", "gathering", "complete"
const char* toString(IceGatheringState state);

}  // namespace cosoup
