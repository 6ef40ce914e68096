// runTest: a coroutine as the body of a test, on a fresh main context.
#pragma once

#include <glib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

#include "cosoup/async/loop.hpp"
#include "cosoup/async/scope.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/log_capture.hpp"
#include "support/loop_watch.hpp"

namespace cosoup::test {

/// What a test may say of its own run.
struct RunReport {
  bool suspended = false;  ///< the task did not finish at once
  int iterations = 0;      ///< how often the loop turned meanwhile
  int ticks = 0;           ///< how often another source of the loop, due every ms, had its turn
  std::chrono::milliseconds longestStall{0};  ///< the longest time in which it had none
};

/// A main context of its own, the thread's default for as long as it lives.
class TestContext {
 public:
  TestContext() : context_(g_main_context_new()) {
    g_main_context_push_thread_default(context_);
    ownDescriptors_ = pending().descriptors;
  }
  TestContext(const TestContext&) = delete;
  TestContext& operator=(const TestContext&) = delete;
  ~TestContext() {
    g_main_context_pop_thread_default(context_);
    g_main_context_unref(context_);
  }

  GMainContext* get() const { return context_; }
  /// Waits for the next event and handles it.
  void iterate() { g_main_context_iteration(context_, TRUE); }
  /// Handles what is ready; tells how many times the loop turned.
  int drain() {
    int turns = 0;
    while (g_main_context_iteration(context_, FALSE)) ++turns;
    return turns;
  }
  /// Runs until the condition holds; false when it took longer than `limit`.
  template <class Condition>
  bool runUntil(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    bool expired = false;
    cosoup::detail::Timer timer(limit, [&] { expired = true; });
    while (!condition() && !expired) iterate();
    return condition();
  }
  /// Runs until no timer, ready source or file descriptor is in the loop; false when that took
  /// longer than `limit`.
  bool becomesEmpty(std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (hasSources()) {
      if (std::chrono::steady_clock::now() > end) return false;
      runUntil([] { return false; }, std::chrono::milliseconds(2));
    }
    return true;
  }

 private:
  struct Pending {
    int timeout;
    int descriptors;
  };
  bool hasSources() {
    const Pending now = pending();
    return now.timeout >= 0 || now.descriptors > ownDescriptors_;
  }
  Pending pending() {
    g_main_context_acquire(context_);
    gint priority = 0;
    g_main_context_prepare(context_, &priority);
    Pending result{};
    std::array<GPollFD, 1> descriptors;
    result.descriptors = g_main_context_query(context_, G_MAXINT, &result.timeout,
                                              descriptors.data(), descriptors.size());
    g_main_context_release(context_);
    return result;
  }

  GMainContext* context_;
  int ownDescriptors_ = 0;
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

/// Counts its own turns and measures the pauses between them.
class Ticker {
 public:
  explicit Ticker(RunReport& report) : report_(report), source_(g_timeout_source_new(1)) {
    g_source_set_priority(source_, G_PRIORITY_DEFAULT);
    g_source_set_callback(source_, &Ticker::onTick, this, nullptr);
    g_source_attach(source_, MainContext::current().get());
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker() {
    measure();
    g_source_destroy(source_);
    g_source_unref(source_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  void measure() {
    const Clock::time_point now = Clock::now();
    const auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(now - last_);
    report_.longestStall = std::max(report_.longestStall, pause);
    last_ = now;
  }
  static gboolean onTick(gpointer self) {
    static_cast<Ticker*>(self)->measure();
    ++static_cast<Ticker*>(self)->report_.ticks;
    return G_SOURCE_CONTINUE;
  }

  RunReport& report_;
  GSource* source_;
  Clock::time_point last_ = Clock::now();
};

constexpr std::chrono::seconds patience{5};

struct Outcome {
  std::exception_ptr error;
  bool expired = false;
  bool stuck = false;
  bool leftovers = false;
  std::string complaint;  ///< of the LoopWatch
};

inline Outcome runOnContext(Task<> task, std::chrono::milliseconds limit, RunReport& report) {
  Outcome outcome;
  TestContext context;
  {
    const LoopWatch watch(context.get());
    Scope scope;
    bool ended = false;
    const Ticker ticker(report);
    const cosoup::detail::Timer timer(limit, [&] {
      outcome.expired = true;
      scope.requestStop();
    });
    const cosoup::detail::Timer lastTimer(limit + patience, [&] { outcome.stuck = true; });
    scope.spawn(capture(std::move(task), outcome.error, ended));
    report.suspended = !ended;
    while ((!ended || cosoup::detail::backgroundScope().running() > 0) && !outcome.stuck) {
      context.iterate();
      ++report.iterations;
    }
    outcome.complaint = watch.complaint();
  }
  report.iterations += context.drain();
  outcome.leftovers = !context.becomesEmpty(std::chrono::seconds(1));
  return outcome;
}

}  // namespace detail

/// Runs the task to its end on a context of its own and rethrows what it throws. Fails when it
/// takes longer than `limit` (it is cancelled then), when sources are left in the loop afterwards,
/// when something critical was logged, or when a handler held the loop up (see LoopWatch).
inline RunReport runTest(Task<> task, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  detail::LogState::install();
  waitedFor().clear();
  const int criticalsBefore = detail::LogState::get().criticals;
  RunReport report;
  const detail::Outcome outcome = detail::runOnContext(std::move(task), limit, report);
  if (outcome.stuck || outcome.expired) {
    const std::string waiting = waitedFor().empty() ? "" : ", waiting until " + waitedFor();
    const char* ending = outcome.stuck ? " and did not end when cancelled" : "";
    FAIL("the test took longer than " << limit.count() << " ms" << waiting << ending);
  }
  if (outcome.error) std::rethrow_exception(outcome.error);
  if (!outcome.complaint.empty()) FAIL(outcome.complaint);
  if (outcome.leftovers) FAIL("a timer or a file descriptor is left in the loop");
  if (detail::LogState::get().criticals > criticalsBefore) FAIL("something critical was logged");
  return report;
}

}  // namespace cosoup::test
