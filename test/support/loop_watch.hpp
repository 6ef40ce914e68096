// LoopWatch: fails a test whose main loop stands still, and shows where.
#pragma once

#include <glib.h>

#include <chrono>
#include <string>

namespace cosoup::test {

/// Watches one main context, on the thread that runs it, from one wait for events to the next.
/// Only what is the loop's own fault counts: the thread's CPU time, and the time for which it was
/// blocked, without that for which it waited for a CPU. One that is blocked for good has the stacks
/// of all threads printed.
class LoopWatch {
 public:
  /// Longer than any handler may compute; sanitizers make everything many times slower, and a core
  /// that is slow just now counts as what it is.
  static std::chrono::milliseconds mostCpu();
  /// Longer than any handler may be blocked: far above what a busy machine makes of a short lock,
  /// and a cold disk of a plugin that is loaded.
  static constexpr std::chrono::milliseconds mostBlocked{5000};

  explicit LoopWatch(GMainContext* context);
  LoopWatch(const LoopWatch&) = delete;
  LoopWatch& operator=(const LoopWatch&) = delete;
  ~LoopWatch();

  /// What was too long, in words; empty when nothing was.
  const std::string& complaint() const { return complaint_; }

 private:
  friend class LoopMayWait;
  struct Times {
    std::chrono::nanoseconds wall{0};
    std::chrono::nanoseconds cpu{0};
    std::chrono::nanoseconds queued{0};  ///< ready to run, without a CPU
  };
  static gint poll(GPollFD* descriptors, guint count, gint timeout);
  static LoopWatch*& current();

  Times now() const;
  void beginTurn();
  void endTurn();

  GMainContext* const context_;
  LoopWatch* const outer_;
  int schedule_ = -1;  // the kernel's figures of this thread
  Times turn_;
  int excuses_ = 0;       // those alive
  bool excused_ = false;  // this turn
  std::string complaint_;
};

/// While it lives, and until the loop waits again, the test itself may hold the loop up: it starts
/// a server, or floods.
class LoopMayWait {
 public:
  LoopMayWait();
  LoopMayWait(const LoopMayWait&) = delete;
  LoopMayWait& operator=(const LoopMayWait&) = delete;
  ~LoopMayWait();

 private:
  LoopWatch* const watch_;
};

}  // namespace cosoup::test
