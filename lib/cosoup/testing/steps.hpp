// Steps: what the fakes of a test are asked, one after the other; each can be held or made to fail.
// Internal.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cosoup/async/condition.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/core/error.hpp"

namespace cosoup::testing {

/// Shared by the fakes of one test, so that it can stop all of them at any point. A step never
/// finishes in the turn of the loop in which it was begun. Main-context-bound.
class Steps {
 public:
  Steps() = default;
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  // For the test.

  /// Every step of that name waits from now on, after it was noted, until release().
  void hold(const std::string& name) { heldNames_.insert(name); }
  /// The n-th step from now on that can wait does, whatever it is; the next one is the first.
  void holdNumber(std::size_t n) { heldNumber_ = begun_ + n; }
  /// Waits until a step waits.
  Task<> untilHeld();
  bool isHeld() const { return waiting_ > 0; }
  /// The name of the step that was the last to wait.
  const std::string& held() const { return held_; }
  /// All go on, and none waits any more.
  void release();
  /// The next step of that name fails, once.
  void fail(const std::string& name, const Error& error) {
    failures_.insert_or_assign(name, error);
  }

  /// The names of the steps, in the order in which they were begun.
  const std::vector<std::string>& noted() const { return noted_; }
  std::size_t count(const std::string& name) const;

  // For the fakes.

  /// A step whose wait ends when it is cancelled, as that of an app's request to its server.
  Task<> pass(std::string name);
  /// A step that comes to its end before a cancellation shows, as those of webrtcbin.
  Task<> passToTheEnd(std::string name);
  /// A step that is not waited for.
  void note(const std::string& name);

 private:
  Task<> wait(std::string name);
  void failIfTold(const std::string& name);

  std::vector<std::string> noted_;
  std::set<std::string> heldNames_;
  std::optional<std::size_t> heldNumber_;
  std::map<std::string, Error> failures_;
  std::string held_;
  std::size_t begun_ = 0;
  Condition changed_;
  int releases_ = 0;
  int waiting_ = 0;
};

}  // namespace cosoup::testing
