// How much the encoders of a transport may put out, by what the server says of the packets that
// arrive. Pure functions. Internal.
#pragma once

#include <cstdint>
#include <vector>

#include "cosoup/client/encodings.hpp"
#include "cosoup/webrtc/peer_connection.hpp"

namespace cosoup {

/// What the network is believed to carry of our video.
struct BitrateEstimate {
  double bitrate = 0;     ///< bit/s
  double calm = 0;        ///< s since it was last lowered
  double shortfall = 0;   ///< s for which less has arrived than was sent
  bool reported = false;  ///< transport-cc reports have come
  friend bool operator==(const BitrateEstimate&, const BitrateEstimate&) = default;
};

/// The estimate after the next step of time. Much like libwebrtc's loss-based
/// controller:
/// - REMB: the other side's own estimate, at once; where transport-cc reports come, too, only as a
///   ceiling (mediasoup names its maxIncomingBitrate so).
/// - More than 10 % lost, or for half a second less than 85 % of what was sent arrived (a queue on
///   the way is filling): 90 % of what arrives now, at most once a second.
/// - Less than 2 % lost, and calm for a second: 8 % more per second.
/// - Else, or when the reports that used to come are missing: as it was.
/// `report` holds what has come within the step, the figures absent where nothing has.
BitrateEstimate nextEstimate(BitrateEstimate estimate, const CongestionReport& report,
                             double seconds);

/// The bitrate of each encoder: its minimum, and of what is left of `total` beyond all minima a
/// share in proportion to the span up to its maximum. In bit/s.
std::vector<std::uint32_t> sharedBitrates(double total, const std::vector<BitrateRange>& ranges);

/// All limits summed up.
BitrateRange totalRange(const std::vector<BitrateRange>& ranges);

}  // namespace cosoup
