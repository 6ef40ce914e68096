// The four steps of an SDP negotiation, as webrtcbin takes them. Internal.
#pragma once

#include <gst/gst.h>

#include <string>

#include "cosoup/async/task.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/peer_connection.hpp"

namespace cosoup {

/// `action` is "create-offer" or "create-answer", `field` the member of its reply. Throws
/// Error(Media).
Task<std::string> createDescription(Ref<GstElement> webrtcbin, const char* action,
                                    const char* field);

/// `action` is "set-local-description" or "set-remote-description". Throws Error(Media).
Task<> setDescription(Ref<GstElement> webrtcbin, const char* action, SdpType type, std::string sdp);

}  // namespace cosoup
