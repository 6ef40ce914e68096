// WakeTimer: calls a function on the thread of a main context, at a time that any thread may set.
// Internal.
#pragma once

#include <glib.h>

#include <chrono>
#include <functional>
#include <memory>

namespace cosoup {

/// Set to one time at a time; once that has come it is not set any more. Thread-safe. The function
/// may still be running when the timer has gone.
class WakeTimer {
 public:
  using Time = std::chrono::steady_clock::time_point;

  WakeTimer(GMainContext* context, std::function<void()> wake);
  WakeTimer(const WakeTimer&) = delete;
  WakeTimer& operator=(const WakeTimer&) = delete;
  ~WakeTimer();

  /// Instead of any other time.
  void set(Time time);
  void unset();

 private:
  GSource* source_;
};

}  // namespace cosoup
