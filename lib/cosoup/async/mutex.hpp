// Mutex: one coroutine at a time.
#pragma once

#include <deque>
#include <memory>
#include <utility>

#include "cosoup/async/condition.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/core/export.hpp"

namespace cosoup {

/// `const auto turn = co_await mutex.lock();` holds until `turn` ends. Turns are given in the order
/// of the calls. Main-context-bound.
class COSOUP_API Mutex {
  struct State;

 public:
  class Turn {
   public:
    explicit Turn(std::shared_ptr<State> state) : state_(std::move(state)) {}
    Turn(Turn&&) noexcept = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (state_) state_->passOn();
    }

   private:
    std::shared_ptr<State> state_;
  };

  Mutex() : state_(std::make_shared<State>()) {}

  /// Waits for the turn; throws Cancelled, even when it could be had at once.
  Task<Turn> lock() { return take(state_); }

 private:
  struct Place {
    bool isNext = false;
    Condition called;
  };
  struct State {
    bool locked = false;
    std::deque<std::shared_ptr<Place>> queue;

    void passOn() {
      locked = !queue.empty();
      if (!locked) return;
      const std::shared_ptr<Place> next = std::move(queue.front());
      queue.pop_front();
      next->isNext = true;
      next->called.notify();
    }
  };

  /// Stands in the queue; whoever leaves before the turn is taken does not keep it from the others.
  class Queued {
   public:
    explicit Queued(std::shared_ptr<State> state) : state_(std::move(state)) {
      state_->queue.push_back(place_);
    }
    Queued(const Queued&) = delete;
    Queued& operator=(const Queued&) = delete;
    ~Queued() {
      if (!state_) return;
      if (place_->isNext) {
        state_->passOn();
      } else {
        std::erase(state_->queue, place_);
      }
    }
    Place& place() { return *place_; }
    Turn take() { return Turn(std::exchange(state_, nullptr)); }

   private:
    std::shared_ptr<State> state_;
    std::shared_ptr<Place> place_ = std::make_shared<Place>();
  };

  static Task<Turn> take(std::shared_ptr<State> state) {
    const std::stop_token token = co_await currentStopToken();
    if (token.stop_requested()) throw Cancelled();
    if (!std::exchange(state->locked, true)) co_return Turn(std::move(state));
    Queued queued(state);
    while (!queued.place().isNext) co_await queued.place().called.wait();
    co_return queued.take();
  }

  std::shared_ptr<State> state_;
};

}  // namespace cosoup
