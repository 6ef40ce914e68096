// What libnice should do otherwise than webrtcbin tells it.
#pragma once

#include <gst/gst.h>

namespace cosoup {

/// Sets up the NiceAgent inside webrtcbin's "ice-agent". To be called before the first description.
void tuneAgent(GstObject* webrtcIce);

/// Whether a pair of candidates is taken as soon as it works (aggressive nomination, which suits a
/// server that is ICE-lite and saves a round trip in every join) or confirmed by a second check, as
/// TCP wants it (RFC 6544, section 7). libnice goes back to the latter by itself when it gathers a
/// TCP candidate, so that this has to be said after each description.
void nominateAtOnce(GstObject* webrtcIce, bool atOnce);

}  // namespace cosoup
