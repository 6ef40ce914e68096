// The states of a transport's connection.
#pragma once

#include "cosoup/core/export.hpp"

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
COSOUP_API const char* toString(ConnectionState state);

/// As W3C's RTCIceGatheringState: the search for our own addresses.
enum class IceGatheringState {
  fresh,  ///< "new"
  gathering,
  complete,
};

/// "new", "gathering", "complete"
COSOUP_API const char* toString(IceGatheringState state);

}  // namespace cosoup
