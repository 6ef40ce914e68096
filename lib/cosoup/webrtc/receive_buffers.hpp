// How much the kernel holds for us while the thread that receives is busy. Internal.
#pragma once

#include <glib-object.h>

namespace cosoup {

/// Makes the receive buffers of an ICE agent's UDP sockets large enough for some hundred streams
/// whose packets come all at once; by default they hold about ninety packets. Where the system does
/// not allow it, says so once. To be called when the sockets are there; on any thread.
void enlargeReceiveBuffers(GObject* niceAgent);

}  // namespace cosoup
