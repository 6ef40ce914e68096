// InFlight: what webrtcbin is being asked to do. Internal.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "cosoup/async/condition.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/core/error.hpp"

namespace cosoup {

/// Counts requests to webrtcbin's thread from their beginning to their answer, so that nothing is
/// stopped under them: elements that are added and started after the others were stopped would run
/// for ever. Main-context-bound.
class InFlight {
  struct State {
    int count = 0;
    bool closed = false;
    Condition ended;
  };

 public:
  class Entry {
   public:
    explicit Entry(std::shared_ptr<State> state) : state_(std::move(state)) { ++state_->count; }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() {
      --state_->count;
      state_->ended.notify();
    }

   private:
    std::shared_ptr<State> state_;
  };

  /// Throws Error(InvalidState) after close().
  Entry enter(const std::string& operation) {
    if (!state_->closed) return Entry(state_);
    throw Error(Error::Code::InvalidState, operation + ": the connection is closed");
  }

  /// Lets no more begin and waits until all have ended.
  Task<> close() {
    state_->closed = true;
    return allEnded(state_);
  }

 private:
  static Task<> allEnded(std::shared_ptr<State> state) {
    while (state->count > 0) co_await state->ended.wait();
  }

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace cosoup
