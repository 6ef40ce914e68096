// The loop: a GMainContext, and what a coroutine wants of it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "cosoup/async/condition.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/core/export.hpp"

typedef struct _GMainContext GMainContext;

namespace cosoup {

/// A reference to a GMainContext.
class COSOUP_API MainContext {
 public:
  /// The thread-default context of the calling thread: the one on which its coroutines resume.
  static MainContext current();
  MainContext(const MainContext& other);
  MainContext& operator=(const MainContext& other);
  ~MainContext();

  GMainContext* get() const { return context_; }

 private:
  explicit MainContext(GMainContext* owned) : context_(owned) {}
  GMainContext* context_;
};

/// Runs `function` on the thread of `context`, later. Thread-safe: the only way from a streaming
/// thread to the objects of this library. Calls from one thread keep their order.
COSOUP_API void post(const MainContext& context, std::function<void()> function);

namespace detail {

/// A timer of the current loop that calls back once unless it is destroyed first.
class COSOUP_API Timer {
 public:
  Timer(std::chrono::milliseconds delay, std::function<void()> callback);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();

 private:
  std::function<void()> callback_;
  GSource* source_;
};

class COSOUP_API SleepAwaiter {
 public:
  explicit SleepAwaiter(std::chrono::milliseconds delay) : delay_(delay) {}
  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> coroutine) {
    if (coroutine.promise().stopToken().stop_requested()) {
      cancelled_ = true;
      return false;
    }
    waiter_.suspend(coroutine, [this] { waiter_.wake(); });
    timer_.emplace(delay_, [this] { waiter_.wake(); });
    return true;
  }
  void await_resume() const {
    if (cancelled_ || waiter_.stopRequested()) throw Cancelled();
  }

 private:
  std::chrono::milliseconds delay_;
  Waiter waiter_;
  std::optional<Timer> timer_;
  bool cancelled_ = false;
};

[[noreturn]] COSOUP_API void throwTimeout(const std::string& operation,
                                          std::chrono::milliseconds limit);

}  // namespace detail

/// `co_await sleepFor(20ms)`. Throws Cancelled.
inline detail::SleepAwaiter sleepFor(std::chrono::milliseconds delay) {
  return detail::SleepAwaiter(delay);
}

/// Awaits the task; when it takes longer than `limit`, cancels it, waits until it has really ended
/// and throws Error(Timeout) in the name of `operation`. A result that came all the same counts.
template <class T>
Task<T> withTimeout(std::chrono::milliseconds limit, Task<T> task, std::string operation) {
  const std::stop_token outer = co_await currentStopToken();
  std::stop_source inner;
  std::stop_callback passOn(outer, [&] { inner.request_stop(); });
  bool expired = false;
  detail::Timer timer(limit, [&] {
    expired = true;
    inner.request_stop();
  });
  try {
    co_return co_await std::move(task).withToken(inner.get_token());
  } catch (const Cancelled&) {
    if (!expired || outer.stop_requested()) throw;
  }
  detail::throwTimeout(operation, limit);
}

/// For programs without a main loop of their own: runs the loop until the task has ended, then
/// what finishInBackground() left. An interrupt (Ctrl-C) or SIGTERM cancels the task; a second one
/// ends the program at once. Prints an escaping Error on stderr as "error: …".
/// Returns the exit status: the task's (0 for Task<>), 1 for an Error, 130 for Cancelled.
COSOUP_API int runMain(Task<> task);
COSOUP_API int runMain(Task<int> task);

}  // namespace cosoup
