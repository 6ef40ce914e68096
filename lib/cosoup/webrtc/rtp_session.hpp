// The one RTP session of a webrtcbin, in which everything is bundled. Internal.
#pragma once

#include <gst/gst.h>

#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {

/// The RTPSession; null before it is there. Locks rtpbin.
inline Ref<GObject> rtpSession(GstElement* rtpbin) {
  GObject* found = nullptr;
  g_signal_emit_by_name(rtpbin, inner::getInternalSession, 0u, &found);
  return Ref<GObject>::adopt(found);
}

}  // namespace cosoup
