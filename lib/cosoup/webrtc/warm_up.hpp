// What the first peer connection of a process costs, paid ahead of time. Internal.
#pragma once

#include "cosoup/async/task.hpp"

namespace cosoup {

/// Loads the plugins and makes the DTLS keys on a helper thread, once per process. Throws
/// Cancelled, when the step that has begun has ended.
Task<> warmUpPeerConnections();

}  // namespace cosoup
