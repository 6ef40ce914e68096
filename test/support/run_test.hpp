// runTest: a coroutine as the body of a test, on a fresh main context.
#pragma once

#include <glib.h>

#include <chrono>
#include <memory>

#include "cosoup/async/loop.hpp"
#include "cosoup/async/scope.hpp"
#include "support/catch.hpp"

namespace cosoup::test {

/// What a test may say of its own run.
struct RunReport {
  bool suspended = false;  ///< the task did not finish at once
  int iterations = 0;      ///< how often the loop turned meanwhile
};

namespace detail {

inline Task<> capture(Task<> task, std::exception_ptr& error, bool& ended) {
  try {
    co_await std::move(task);
  } catch (...) {
    error = std::current_exception();
  }
  ended = true;
}

}  // namespace detail

/// Runs the task to its end on a context of its own and rethrows what it throws. Fails when it
/// takes longer than `limit`, or when tasks or sources are left afterwards.
inline RunReport runTest(Task<> task, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  GMainContext* context = g_main_context_new();
  g_main_context_push_thread_default(context);
  std::exception_ptr error;
  RunReport report;
  bool expired = false;
  {
    Scope scope;
    bool ended = false;
    cosoup::detail::Timer timer(limit, [&] {
      expired = true;
      scope.requestStop();
    });
    scope.spawn(detail::capture(std::move(task), error, ended));
    report.suspended = !ended;
    while (!ended || cosoup::detail::backgroundScope().running() > 0) {
      g_main_context_iteration(context, TRUE);
      ++report.iterations;
    }
  }
  while (g_main_context_iteration(context, FALSE)) ++report.iterations;
  g_main_context_pop_thread_default(context);
  g_main_context_unref(context);
  if (expired) FAIL("the test took longer than " << limit.count() << " ms");
  if (error) std::rethrow_exception(error);
  return report;
}

}  // namespace cosoup::test
