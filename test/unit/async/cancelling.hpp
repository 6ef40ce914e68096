// What the tests of all leaves need: to cancel a task, and to destroy one, while it waits.
#pragma once

#include <coroutine>
#include <memory>
#include <stop_token>

#include "cosoup/async/scope.hpp"
#include "support/run_test.hpp"

namespace cosoup::test {

/// How a task that was cancelled came to its end.
struct Ending {
  bool waited = false;      ///< it suspended before it was cancelled
  bool insideStop = false;  ///< it was resumed in the middle of the request to stop
  bool cancelled = false;   ///< its await threw Cancelled
  bool wentOn = false;      ///< what follows in the coroutine ran
};

namespace detail {

inline Task<> watch(Task<> task, Ending& ending) {
  try {
    co_await std::move(task);
  } catch (const Cancelled&) {
    ending.cancelled = true;
  }
  ending.wentOn = true;
}

}  // namespace detail

/// Starts the task, cancels it while it waits and tells how it ended.
inline Task<Ending> cancelWhileWaiting(Task<> task) {
  Scope scope;
  Ending ending;
  scope.spawn(detail::watch(std::move(task), ending));
  ending.waited = !ending.wentOn;
  scope.requestStop();
  ending.insideStop = ending.waited && ending.wentOn;
  co_await scope.join();
  co_return ending;
}

/// Starts the task with a stop token that is triggered already.
inline Task<Ending> cancelBefore(Task<> task) {
  Scope scope;
  Ending ending;
  scope.requestStop();
  scope.spawn(detail::watch(std::move(task), ending));
  ending.waited = !ending.wentOn;
  co_await scope.join();
  co_return ending;
}

inline Task<> checkCancelling(Task<> task) {
  const Ending ending = co_await cancelWhileWaiting(std::move(task));
  CHECK(ending.waited);
  CHECK_FALSE(ending.insideStop);
  CHECK(ending.cancelled);
  CHECK(ending.wentOn);
}

inline Task<> checkCancelledBefore(Task<> task) {
  const Ending ending = co_await cancelBefore(std::move(task));
  CHECK_FALSE(ending.waited);
  CHECK(ending.cancelled);
  CHECK(ending.wentOn);
}

/// Lets the loop turn for a while, as it can only when nothing blocks it.
inline Task<> letLoopTurn() {
  for (int i = 0; i < 10; ++i) co_await sleepFor(std::chrono::milliseconds(1));
}
constexpr int ticksOfLetLoopTurn = 5;  ///< what a RunReport then has at least

/// Starts a task and destroys it, suspended or not, with its end of life. The library's own roots
/// are never destroyed while they wait, but what they consist of must bear it.
class Destroyable {
 public:
  explicit Destroyable(Task<> task) : root_(run(std::move(task)).handle) {}
  Destroyable(const Destroyable&) = delete;
  Destroyable& operator=(const Destroyable&) = delete;
  ~Destroyable() { root_.destroy(); }

  bool ended() const { return root_.done(); }
  void requestStop() { root_.promise().stop.request_stop(); }

 private:
  struct Root {
    struct promise_type {
      std::stop_source stop;

      Root get_return_object() {
        return {std::coroutine_handle<promise_type>::from_promise(*this)};
      }
      std::suspend_never initial_suspend() const noexcept { return {}; }
      std::suspend_always final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const noexcept {}
      std::stop_token stopToken() const noexcept { return stop.get_token(); }
    };
    std::coroutine_handle<promise_type> handle;
  };

  static Root run(Task<> task) { co_await std::move(task); }

  std::coroutine_handle<Root::promise_type> root_;
};

/// Keeps the token alive and sets `wentOn` when the await ends.
inline Task<> holdWhile(Task<> task, std::shared_ptr<int> token, bool& wentOn) {
  co_await std::move(task);
  wentOn = token != nullptr;
}

/// Destroys the task while it waits, lets `late` happen, and checks that nothing was left of it.
template <class Late>
void checkDestroying(TestContext& context, Task<> task, Late late) {
  bool wentOn = false;
  const auto token = std::make_shared<int>();
  {
    const Destroyable waiting(holdWhile(std::move(task), token, wentOn));
    context.drain();
    REQUIRE_FALSE(waiting.ended());
  }
  CHECK(token.use_count() == 1);
  late();
  CHECK(context.becomesEmpty(std::chrono::seconds(2)));
  CHECK_FALSE(wentOn);
}

}  // namespace cosoup::test
