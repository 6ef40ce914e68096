// onThread: blocking work on a helper thread, awaited.
#pragma once

#include <gio/gio.h>

#include <functional>

#include "cosoup/async/task.hpp"

namespace cosoup {

/// Runs `work` on a thread of GLib's pool and resumes when it has returned, also when the caller is
/// cancelled; `work` may look at its cancellable to end sooner. It must not throw. Throws
/// Cancelled.
Task<> onThread(std::function<void(GCancellable*)> work);

}  // namespace cosoup
