// ReconnectPolicy: what to do when the connection to a room is lost.
#pragma once

#include <chrono>

#include "cosoup/core/export.hpp"

namespace cosoup {

/// A lost path of media is repaired by an ICE restart; when that does not help, or when the
/// signaling is lost, the room is joined anew: after minDelay, then after ever longer delays, each
/// made up to `jitter` shorter or longer by chance, so that not all clients of a server come back
/// at the same moment. A server that closed the connection on purpose (WebSocket close code 4000)
/// is left alone.
struct COSOUP_API ReconnectPolicy {
  bool enabled = true;
  int maxAttempts = 10;                        ///< in a row, then the room has ended
  std::chrono::milliseconds minDelay{500};     ///< before the first attempt
  std::chrono::milliseconds maxDelay{8000};    ///< the longest between two attempts
  double factor = 2;                           ///< by which the delay grows
  double jitter = 0.3;                         ///< part of the delay, 0 to 1
  std::chrono::milliseconds iceTimeout{5000};  ///< for an ICE restart to work

  /// How long to wait before an attempt; they count from 1. `chance` is from -1 to 1.
  std::chrono::milliseconds delayBefore(int attempt, double chance) const;
};

}  // namespace cosoup
