// stamp: what of an RTP packet is written as late as possible. Internal.
#pragma once

#include <gst/gst.h>

#include <cstdint>

#include "cosoup/webrtc/sent_section.hpp"

namespace cosoup {

/// Into those of the header extensions that the packet has: the transport-wide number
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01) and the time by now (abs-send-time). The
/// buffer is writable. Whether the packet bears the number.
bool stamp(GstBuffer* packet, const StampedExtensions& extensions, std::uint16_t number);

}  // namespace cosoup
