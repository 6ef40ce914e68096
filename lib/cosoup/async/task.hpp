// Task<T>: a lazily started coroutine with one awaiter, on one thread.
#pragma once

#include <cassert>
#include <coroutine>
#include <exception>
#include <optional>
#include <stop_token>
#include <utility>

#include "cosoup/core/error.hpp"
#include "cosoup/core/export.hpp"

namespace cosoup {

template <class T = void>
class Task;

namespace detail {

/// What all promises share: who waits, what was thrown, and the inherited wish to stop.
class COSOUP_API PromiseBase {
 public:
  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) const noexcept {
      const std::coroutine_handle<> waiting = finished.promise().continuation_;
      return waiting ? waiting : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }

  const std::stop_token& stopToken() const noexcept { return stopToken_; }
  void setStopToken(std::stop_token token) noexcept { stopToken_ = std::move(token); }
  void setContinuation(std::coroutine_handle<> waiting) noexcept { continuation_ = waiting; }

 protected:
  void rethrow() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  std::coroutine_handle<> continuation_;
  std::exception_ptr exception_;
  std::stop_token stopToken_;
};

template <class T>
class Promise : public PromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  void return_value(T value) { value_.emplace(std::move(value)); }
  T result() {
    rethrow();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void result() const { rethrow(); }
};

/// Owns the child, and runs it on the awaiting coroutine's stack until it suspends.
template <class T>
class TaskAwaiter {
 public:
  explicit TaskAwaiter(std::coroutine_handle<Promise<T>> child) noexcept : child_(child) {
    assert(child_ && "a task is awaited once");
  }
  TaskAwaiter(std::coroutine_handle<Promise<T>> child, std::stop_token own) noexcept
      : TaskAwaiter(child) {
    ownToken_ = std::move(own);
  }
  TaskAwaiter(const TaskAwaiter&) = delete;
  TaskAwaiter& operator=(const TaskAwaiter&) = delete;
  ~TaskAwaiter() { child_.destroy(); }

  bool await_ready() const noexcept { return false; }

  // Not symmetric transfer: below -O2 GCC makes no tail call of it, and a loop over tasks that
  // finish at once would overflow the stack. Answering false for a finished child keeps it flat.
  template <class ParentPromise>
  bool await_suspend(std::coroutine_handle<ParentPromise> parent) {
    Promise<T>& promise = child_.promise();
    promise.setStopToken(ownToken_ ? *ownToken_ : parent.promise().stopToken());
    child_.resume();
    if (child_.done()) return false;
    promise.setContinuation(parent);
    return true;
  }

  T await_resume() { return child_.promise().result(); }

 private:
  std::coroutine_handle<Promise<T>> child_;
  std::optional<std::stop_token> ownToken_;
};

}  // namespace detail

/// A coroutine that starts when it is awaited (or spawned in a Scope) and gives one T.
/// Main-context-bound. Dropping a task that was never awaited runs nothing of it. The awaiting
/// coroutine's stop token passes to it.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    Task old(std::move(*this));
    handle_ = std::exchange(other.handle_, nullptr);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  /// Awaiting empties the task: its coroutine is freed as soon as it has given its result. Awaiting
  /// twice is a fault of the caller.
  detail::TaskAwaiter<T> operator co_await() && noexcept {
    return detail::TaskAwaiter<T>(std::exchange(handle_, nullptr));
  }

  /// Awaits with another stop token than the awaiting coroutine's own; see shielded().
  detail::TaskAwaiter<T> withToken(std::stop_token token) && noexcept {
    return detail::TaskAwaiter<T>(std::exchange(handle_, nullptr), std::move(token));
  }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}

inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

class COSOUP_API StopTokenAwaiter {
 public:
  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> self) {
    token_ = self.promise().stopToken();
    return false;
  }
  std::stop_token await_resume() { return std::move(token_); }

 private:
  std::stop_token token_;
};

}  // namespace detail

/// `co_await currentStopToken()`: the token that cancels the running coroutine. Never suspends.
inline detail::StopTokenAwaiter currentStopToken() { return detail::StopTokenAwaiter(); }

/// Awaits a task that a cancellation of the caller does not reach: for undoing and for closing.
template <class T>
Task<T> shielded(Task<T> task) {
  co_return co_await std::move(task).withToken(std::stop_token());
}

/// Throws Cancelled if the running coroutine was asked to stop.
inline Task<void> checkCancelled() {
  const std::stop_token token = co_await currentStopToken();
  if (token.stop_requested()) throw Cancelled();
}

}  // namespace cosoup
