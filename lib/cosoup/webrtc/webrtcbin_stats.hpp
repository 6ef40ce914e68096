// What webrtcbin and the RTPSession in it know of their streams. Internal.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <vector>

#include "cosoup/async/task.hpp"
#include "cosoup/core/json.hpp"
#include "cosoup/gst/ref.hpp"

namespace cosoup {

/// webrtcbin's get-stats: entries by id, with the W3C's name of their type in `type`. Costs some ms
/// of CPU for each stream. Throws Error(Media) and Cancelled.
Task<Json> webrtcbinStats(Ref<GstElement> webrtcbin);

/// The "source-stats" of rtpbin's one session.
std::vector<Json> rtpSourceStats(GstElement* rtpbin);

/// Of a stream that we receive, so far (RFC 3550, section 6.4.1).
std::int64_t packetsLostOf(GstElement* rtpbin, std::uint32_t ssrc);

}  // namespace cosoup
