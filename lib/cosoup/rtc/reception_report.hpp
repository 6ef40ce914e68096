// ReceptionReport: what is known of a received stream besides its RTP source. Internal.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "cosoup/rtc/stats.hpp"

namespace cosoup {

struct ReceptionReport {
  std::optional<std::uint32_t> rtxSsrc;
  bool isVideo = false;
  std::uint32_t nackCount = 0;  ///< messages (RFC 4585, section 6.2.1) that were sent
  /// Absent: nothing has come yet, or the stream takes webrtcbin's own way.
  std::optional<ReceptionCounters> counters;
};

/// Completes what a report says of the received streams: with what is told of each, and with its
/// RTX, which ends to be a stream of its own. Streams of which nothing is told stay as they are.
void addReceptions(
    RtcStatsReport& report,
    const std::function<std::optional<ReceptionReport>(std::uint32_t ssrc)>& receptionOf);

}  // namespace cosoup
