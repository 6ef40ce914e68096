#include "cosoup/async/scope.hpp"

#include <glib.h>

#include <utility>

#include "cosoup/async/signal.hpp"

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
  bool joined = false;
  int running = 0;
  Condition ended;

  Task<> allEnded() {
    while (running > 0) co_await ended.wait();
  }
  static Task<> join(std::shared_ptr<State> state);
  static Task<> close(std::shared_ptr<State> state);

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
  if (state_->running > 0) {
    g_critical("Scope: destroyed with %d tasks still running", state_->running);
    state_->stop.request_stop();
  }
  if (!state_->firstError || state_->joined) return;
  try {
    std::rethrow_exception(state_->firstError);
  } catch (...) {
    detail::reportEscapedException("Scope: destroyed without join()");
  }
}

void Scope::spawn(Task<> task) {
  ++state_->running;
  State::drive(state_, std::move(task));
}

void Scope::requestStop() { state_->stop.request_stop(); }

bool Scope::stopRequested() const { return state_->stop.stop_requested(); }

int Scope::running() const { return state_->running; }

Task<> Scope::join() { return State::join(state_); }

Task<> Scope::State::join(std::shared_ptr<State> state) {
  state->joined = true;
  const std::stop_token token = co_await currentStopToken();
  {
    std::stop_callback stopTasks(token, [&] { state->stop.request_stop(); });
    co_await shielded(state->allEnded());
  }
  if (token.stop_requested()) throw Cancelled();
  if (state->firstError) std::rethrow_exception(state->firstError);
}

Task<> Scope::close() { return State::close(state_); }

Task<> Scope::State::close(std::shared_ptr<State> state) {
  state->joined = true;
  state->stop.request_stop();
  co_await shielded(state->allEnded());
}

namespace detail {

namespace {

// Of a type without a destructor, so that it may be used until the very end of the thread.
thread_local Scope* background = nullptr;

// Of the main thread this goes before static objects do, which may still have something to finish:
// what they make then is never freed.
struct BackgroundKeeper {
  ~BackgroundKeeper() {
    if (background->running() == 0) delete std::exchange(background, nullptr);
  }
};

}  // namespace

Scope& backgroundScope() {
  if (!background) {
    background = new Scope();
    thread_local const BackgroundKeeper keeper;
    static_cast<void>(keeper);
  }
  return *background;
}

}  // namespace detail

namespace {

Task<> reportingErrors(Task<> task) {
  try {
    co_await std::move(task);
  } catch (const Cancelled&) {
  } catch (...) {
    detail::reportEscapedException("finishInBackground");
  }
}

}  // namespace

void finishInBackground(Task<> task) {
  detail::backgroundScope().spawn(reportingErrors(std::move(task)));
}

}  // namespace cosoup
