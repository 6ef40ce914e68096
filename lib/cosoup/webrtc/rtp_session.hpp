// The one RTP session of a webrtcbin, in which everything is bundled. Internal.
#pragma once

#include <gst/gst.h>

#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {

/// What an action of rtpbin gives for it; null before it is there. Locks rtpbin.
inline Ref<GObject> askForSession(GstElement* rtpbin, const char* action) {
  GObject* found = nullptr;
  g_signal_emit_by_name(rtpbin, action, 0u, &found);
  return Ref<GObject>::adopt(found);
}

/// The RTPSession.
inline Ref<GObject> rtpSession(GstElement* rtpbin) {
  return askForSession(rtpbin, inner::getInternalSession);
}

/// The element around it.
inline Ref<GObject> rtpSessionElement(GstElement* rtpbin) {
  return askForSession(rtpbin, inner::getSession);
}

}  // namespace cosoup
