// Deferred<T>: a result that comes later, from a callback or another coroutine.
#pragma once

#include <cassert>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "cosoup/async/condition.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/async/task.hpp"

namespace cosoup {

/// Settled once, awaited any number of times. Copies share the result. Main-context-bound.
template <class T = void>
class Deferred {
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

 public:
  Deferred() : state_(std::make_shared<State>()) {}

  /// The first of resolve() and reject() counts.
  void resolve(Value value = Value()) {
    if (isSettled()) return;
    state_->value.emplace(std::move(value));
    state_->settled.notify();
  }
  void reject(std::exception_ptr error) {
    assert(error);
    if (isSettled()) return;
    state_->error = std::move(error);
    state_->settled.notify();
  }
  bool isSettled() const { return state_->value.has_value() || state_->error; }

  /// A copy of the value, or throws what it was rejected with. Throws Cancelled, even when settled.
  Task<T> wait() const { return waitFor(state_); }

 private:
  struct State {
    std::optional<Value> value;
    std::exception_ptr error;
    Condition settled;
  };

  static Task<T> waitFor(std::shared_ptr<State> state) {
    const std::stop_token token = co_await currentStopToken();
    if (token.stop_requested()) throw Cancelled();
    while (!state->value && !state->error) co_await state->settled.wait();
    if (state->error) std::rethrow_exception(state->error);
    if constexpr (!std::is_void_v<T>) co_return *state->value;
  }

  std::shared_ptr<State> state_;
};

namespace detail {

template <class T>
Task<> settle(Deferred<T> result, Task<T> task) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
      result.resolve();
    } else {
      result.resolve(co_await std::move(task));
    }
  } catch (...) {
    result.reject(std::current_exception());
  }
}

}  // namespace detail

/// Runs the task in the scope, beside the caller; its result or error is had from the Deferred.
template <class T>
Deferred<T> begin(Scope& scope, Task<T> task) {
  Deferred<T> result;
  scope.spawn(detail::settle(result, std::move(task)));
  return result;
}

}  // namespace cosoup
