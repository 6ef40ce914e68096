// How the encoders of a transport share what its line carries. Pure functions. Internal.
#pragma once

#include <cstdint>
#include <vector>

#include "cosoup/client/encodings.hpp"
#include "cosoup/webrtc/peer_connection.hpp"

namespace cosoup {

/// What takes its part of the line whatever the estimate.
struct UncontrolledMedia {
  /// Of each audio that is sent; bit/s of the media.
  std::vector<double> audio;
  bool hasVideo = false;  ///< sent as it comes: nobody knows how much
};

/// The bounds for congestion control: `start` is that of the encoders, and the most is what all of
/// them can use (`most`, of the media), with headers and something to be sent again.
CongestionBounds sendBounds(const BitrateRange& most, std::size_t encoders,
                            const UncontrolledMedia& other);

/// The bitrate of each encoder: its minimum, and a share in proportion to the span up to its
/// maximum of what is left when audio, headers, what is sent again and all minima are taken off.
std::vector<std::uint32_t> sharedBitrates(const CongestionReport& report,
                                          const UncontrolledMedia& other,
                                          const std::vector<BitrateRange>& ranges);

/// All limits summed up.
BitrateRange totalRange(const std::vector<BitrateRange>& ranges);

}  // namespace cosoup
