// CongestionBounds: between which bitrates a sender moves. Internal.
#pragma once

namespace cosoup {

/// In bit/s, with all headers down to IP where the sizes of the packets are told so.
struct CongestionBounds {
  double min = 30'000;
  double start = 300'000;
  double max = 10'000'000;  ///< all that could be used; no probe is higher
};

}  // namespace cosoup
