#include "cosoup/async/scope.hpp"

#include <glib.h>

namespace cosoup {
namespace {

/// A coroutine that nobody awaits: it starts at once and frees itself at its end. Only Scope makes
/// one.
struct Driver {
  struct promise_type {
    Driver get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
    std::stop_token stopToken() const noexcept { return {}; }
  };
};

}  // namespace

struct Scope::State {
  std::stop_source stop;
  std::exception_ptr firstError;
  int running = 0;
  Condition ended;

  static Driver drive(std::shared_ptr<State> state, Task<> task) {
    try {
      co_await std::move(task).withToken(state->stop.get_token());
    } catch (const Cancelled&) {
    } catch (...) {
      if (!state->firstError) state->firstError = std::current_exception();
      state->stop.request_stop();
    }
    --state->running;
    state->ended.notify();
  }
};

Scope::Scope() : state_(std::make_shared<State>()) {}

Scope::~Scope() {
  if (state_->running == 0) return;
  g_critical("Scope: destroyed with %d tasks still running", state_->running);
  state_->stop.request_stop();
}

void Scope::spawn(Task<> task) {
  ++state_->running;
  State::drive(state_, std::move(task));
}

void Scope::requestStop() { state_->stop.request_stop(); }

bool Scope::stopRequested() const { return state_->stop.stop_requested(); }

int Scope::running() const { return state_->running; }

namespace {

Task<> waitWhile(Condition changed, const int& running) {
  while (running > 0) co_await changed.wait();
}

}  // namespace

Task<> Scope::join() {
  const std::shared_ptr<State> state = state_;
  const std::stop_token token = co_await currentStopToken();
  {
    std::stop_callback stopTasks(token, [&] { state->stop.request_stop(); });
    co_await shielded(waitWhile(state->ended, state->running));
  }
  if (token.stop_requested()) throw Cancelled();
  if (state->firstError) std::rethrow_exception(state->firstError);
}

Task<> Scope::close() {
  const std::shared_ptr<State> state = state_;
  state->stop.request_stop();
  co_await shielded(waitWhile(state->ended, state->running));
}

namespace detail {

Scope& backgroundScope() {
  thread_local Scope scope;
  return scope;
}

}  // namespace detail

namespace {

Task<> reportingErrors(Task<> task) {
  try {
    co_await std::move(task);
  } catch (const Error& error) {
    g_warning("%s", error.what());
  }
}

}  // namespace

void finishInBackground(Task<> task) {
  detail::backgroundScope().spawn(reportingErrors(std::move(task)));
}

}  // namespace cosoup
