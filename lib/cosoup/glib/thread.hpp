// onThread: blocking work on a helper thread, awaited. Internal.
#pragma once

#include <gio/gio.h>

#include <chrono>
#include <functional>

#include "cosoup/async/task.hpp"
#include "cosoup/glib/ref.hpp"

namespace cosoup {

/// Runs `work` on a thread of GLib's pool and resumes when it has returned; it must not throw. When
/// the caller is cancelled, `work` can learn so from its cancellable. If it does not return within
/// `patience` then (a dead disk, a dead device), it is left to its thread: what it uses must be its
/// own. Throws Cancelled.
Task<> onThread(std::function<void(GCancellable*)> work,
                std::chrono::milliseconds patience = std::chrono::seconds(2));

/// Lets go of a reference on a thread of GLib's pool: the end of an element may have threads to
/// wait for, which must not hold up the loop. runMain() waits some seconds for it. Where no loop
/// turns, at the end of the program, it lets go at once.
void releaseOnThread(GObject* owned);

template <class T>
void releaseOnThread(Ref<T>& reference) {
  if (reference) releaseOnThread(G_OBJECT(reference.release()));
}

}  // namespace cosoup
