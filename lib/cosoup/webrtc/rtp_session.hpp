// The one RTP session of a webrtcbin, in which everything is bundled. Internal.
#pragma once

#include <gst/gst.h>

#include "cosoup/gst/ref.hpp"

namespace cosoup {

/// What an action of rtpbin gives for it; null before it is there. Locks rtpbin.
inline Ref<GObject> askForSession(GstElement* rtpbin, const char* action) {
  GObject* found = nullptr;
  g_signal_emit_by_name(rtpbin, action, 0u, &found);
  return Ref<GObject>::adopt(found);
}

/// The RTPSession.
inline Ref<GObject> rtpSession(GstElement* rtpbin) {
  return askForSession(rtpbin, "get-internal-session");
}

/// The element around it.
inline Ref<GObject> rtpSessionElement(GstElement* rtpbin) {
  return askForSession(rtpbin, "get-session");
}

}  // namespace cosoup
