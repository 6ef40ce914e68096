// Whether an H.264 stream shows its frames in the order in which it sends them. Internal.
#pragma once

#include <gst/gst.h>

namespace cosoup {

/// Whether frames may come in another order than they are shown in (B-frames). RTP could carry it,
/// but no WebRTC receiver expects times that go back. Looks into the parameter sets in the caps
/// (`codec_data`); the baseline profiles never reorder; where nothing is said, main and high may.
/// False for other codecs. Thread-safe.
bool mayReorder(const GstCaps* caps);

/// Whether the caps say enough for mayReorder() not to guess: the parameter sets of a byte-stream
/// are not in its caps. Thread-safe.
bool saysOrder(const GstCaps* caps);

}  // namespace cosoup
