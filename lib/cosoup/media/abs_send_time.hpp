// The header extension abs-send-time, for which GStreamer has no element. Internal to the media
// floor.
#pragma once

#include <gst/rtp/rtp.h>

namespace cosoup {

/// A new extension that writes the time at which it is called: 24 bits, 6.18 fixed point seconds.
GstRTPHeaderExtension* makeAbsSendTimeExtension();

}  // namespace cosoup
