// How often senders are told what has arrived, and what has not. Internal.
#pragma once

#include <gst/gst.h>

namespace cosoup {

/// Lets the session of this rtpbin send ten packets of transport-cc feedback a second, if any,
/// instead of one for each video frame, which costs more than all other RTCP; and what is asked for
/// (NACK, PLI) at once. And it takes each stream from its first packet on. Not on a streaming
/// thread, since it locks rtpbin; nothing happens before the session is there.
void tuneFeedback(GstElement* rtpbin);

}  // namespace cosoup
