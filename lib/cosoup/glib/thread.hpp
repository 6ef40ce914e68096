// onThread: blocking work on a helper thread, awaited.
#pragma once

#include <gio/gio.h>

#include <chrono>
#include <functional>

#include "cosoup/async/task.hpp"

namespace cosoup {

/// Runs `work` on a thread of GLib's pool and resumes when it has returned; it must not throw. When
/// the caller is cancelled, `work` can learn so from its cancellable. If it does not return within
/// `patience` then (a dead disk, a dead device), it is left to its thread: what it uses must be its
/// own. Throws Cancelled.
Task<> onThread(std::function<void(GCancellable*)> work,
                std::chrono::milliseconds patience = std::chrono::seconds(2));

}  // namespace cosoup
