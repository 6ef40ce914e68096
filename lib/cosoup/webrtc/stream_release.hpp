// What has to be done by hand so that a received stream leaves nothing behind in webrtcbin.
// Internal.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <optional>

namespace cosoup {

/// Once, before the first negotiation: no FEC decoder and no packet store per stream (mediasoup has
/// no ULPFEC), both of which webrtcbin would never free.
void disableForwardErrorCorrection(GstElement* webrtcbin, GstElement* rtpbin);

/// Frees the jitter buffer and the RTP source of an SSRC. No packet of it may come any more.
void forgetSsrc(GstElement* rtpbin, std::uint32_t ssrc);

/// Whether a stream has begun on the pad; before, no other packet can come in its course.
bool hasStarted(GstPad* pad);

/// The first element below `bin` that a factory of that name made; a new reference, or nullptr.
GstElement* findElement(GstElement* bin, const char* factory);

}  // namespace cosoup
