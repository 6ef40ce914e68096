// What is asked of the sender of a received stream through webrtcbin's RTP session. Internal.
#pragma once

#include <gst/gst.h>

#include <cstdint>

namespace cosoup {

// Both go up from the sink pad of rtpssrcdemux, on any thread. The session reads its own caps of
// the payload type and does nothing that has not been negotiated for it.

/// NACK (RFC 4585, section 6.2.1), at once. rtprtxreceive learns from it of which stream the RTX
/// packet is that will come.
void requestRetransmission(GstPad* session, std::uint32_t ssrc, std::uint16_t sequenceNumber);

/// PLI, or FIR.
void requestKeyFrame(GstPad* session, std::uint32_t ssrc, std::uint8_t payloadType);

}  // namespace cosoup
