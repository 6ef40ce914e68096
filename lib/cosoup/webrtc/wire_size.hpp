// wireSize: what a packet takes of the line. Internal.
#pragma once

#include <gst/gst.h>

#include <cstddef>

namespace cosoup {

/// SRTP's tag of 10 bytes (RFC 3711), UDP (8) and IPv4 (20), as a rule the least.
inline constexpr std::size_t kWireHeaders = 10 + 8 + 20;

/// Of an RTP packet that is not encrypted yet, with all headers down to IP.
inline std::size_t wireSize(GstBuffer* packet) {
  return gst_buffer_get_size(packet) + kWireHeaders;
}

}  // namespace cosoup
