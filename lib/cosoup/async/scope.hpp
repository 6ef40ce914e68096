// Scope: the owner of background tasks.
#pragma once

#include <exception>
#include <memory>
#include <stop_token>

#include "cosoup/async/condition.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/core/export.hpp"

namespace cosoup {

/// A nursery: every task spawned here is stopped and awaited here. The first error of a task stops
/// its siblings and comes out of join(); Cancelled ends a task quietly. Main-context-bound.
///
/// A scope must be joined or closed before it is destroyed. If it is not, that is reported as
/// critical, its tasks are asked to stop, and the loop finishes them; an error that nobody has seen
/// is logged.
class COSOUP_API Scope {
 public:
  Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();

  /// Runs the task at once, until it suspends for the first time.
  void spawn(Task<> task);
  /// Asks all tasks to stop, those spawned later, too.
  void requestStop();
  bool stopRequested() const;
  /// How many tasks have not ended.
  int running() const;
  /// Waits until all tasks have ended and throws the first error, if any. When the caller is
  /// cancelled, the tasks are stopped and awaited, then Cancelled is thrown.
  Task<> join();
  /// requestStop() and join(), not cancellable; errors of the tasks are dropped.
  Task<> close();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Hands a task to the loop of this thread to finish, for destructors, which cannot await. What it
/// throws is logged. runMain() ends only when all of these have ended.
COSOUP_API void finishInBackground(Task<> task);

namespace detail {
/// The tasks of finishInBackground() on this thread.
COSOUP_API Scope& backgroundScope();
}  // namespace detail

}  // namespace cosoup
