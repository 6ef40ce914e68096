// ProbeCluster: a burst of packets that shows what a line carries. Internal.
#pragma once

#include <cstddef>

namespace cosoup {

/// What to send, media first, then padding, and nothing else in between: at least so many packets
/// and bytes, at this rate. The packets bear its id in SentPackets.
struct ProbeCluster {
  unsigned id = 0;
  double bitrate = 0;  ///< bit/s
  unsigned packets = 0;
  std::size_t bytes = 0;
};

}  // namespace cosoup
