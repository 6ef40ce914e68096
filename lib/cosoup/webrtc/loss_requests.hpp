// Which lost packets a webrtcbin asks for. Internal.
#pragma once

#include <gst/gst.h>

#include <memory>

#include "cosoup/webrtc/receive_guard.hpp"

namespace cosoup {

/// webrtcbin sends NACK for every stream of a section, whatever has been negotiated for the codec
/// that the stream has. From now on only streams do of which the guard says so, and only when there
/// is a gap: not for a packet that is merely due, such as the next one in the silence of Opus.
void askAgainOnlyWhereAllowed(GstElement* rtpbin, const std::shared_ptr<ReceiveGuard>& guard);

}  // namespace cosoup
