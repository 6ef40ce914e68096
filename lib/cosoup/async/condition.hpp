// Condition: where coroutines wait until something changes. The leaf under Channel, Deferred and
// Scope.
#pragma once

#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "cosoup/async/task.hpp"
#include "cosoup/core/export.hpp"

typedef struct _GMainContext GMainContext;
typedef struct _GSource GSource;

namespace cosoup {

namespace detail {

/// One suspended coroutine. It is always resumed by the loop, never from within wake(), so that
/// nobody's code runs in the middle of the waker's. Main-context-bound.
class COSOUP_API Waiter {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter();

  /// Remembers the coroutine; `onStop` runs (on the context's thread) when its token is triggered.
  template <class P>
  void suspend(std::coroutine_handle<P> coroutine, std::function<void()> onStop) {
    suspend(coroutine, coroutine.promise().stopToken(), std::move(onStop));
  }

  /// Lets the loop on which it was suspended resume the coroutine; further calls do nothing.
  void wake();
  /// Resumes at once; for callbacks that the loop itself made.
  void resume();
  bool stopRequested() const { return token_.stop_requested(); }

 private:
  void suspend(std::coroutine_handle<> coroutine, std::stop_token token,
               std::function<void()> onStop);

  std::coroutine_handle<> coroutine_;
  GMainContext* context_ = nullptr;
  std::stop_token token_;
  std::optional<std::stop_callback<std::function<void()>>> stopCallback_;
  GSource* wakeUp_ = nullptr;
};

struct ConditionState {
  std::vector<Waiter*> waiters;
};

class COSOUP_API ConditionAwaiter {
 public:
  explicit ConditionAwaiter(std::shared_ptr<ConditionState> state) : state_(std::move(state)) {}
  ~ConditionAwaiter();

  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> coroutine) {
    if (coroutine.promise().stopToken().stop_requested()) {
      cancelled_ = true;
      return false;
    }
    state_->waiters.push_back(&waiter_);
    waiter_.suspend(coroutine, [this] { waiter_.wake(); });
    return true;
  }
  void await_resume() const {
    if (cancelled_ || waiter_.stopRequested()) throw Cancelled();
  }

 private:
  std::shared_ptr<ConditionState> state_;
  Waiter waiter_;
  bool cancelled_ = false;
};

}  // namespace detail

/// Like a condition variable: wait in a loop that tests what you wait for. Main-context-bound.
class COSOUP_API Condition {
 public:
  Condition() : state_(std::make_shared<detail::ConditionState>()) {}

  /// `co_await condition.wait()` until the next notify(); throws Cancelled.
  detail::ConditionAwaiter wait() { return detail::ConditionAwaiter(state_); }
  /// Wakes all who wait now; they run from the loop, a little later.
  void notify();

 private:
  std::shared_ptr<detail::ConditionState> state_;
};

}  // namespace cosoup
