// Channel<T>: an unbounded queue that one coroutine fills and another one drains.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "cosoup/async/condition.hpp"
#include "cosoup/async/task.hpp"

namespace cosoup {

/// `while (auto item = co_await channel.next()) …`. Copies share the queue. Main-context-bound.
template <class T>
class Channel {
 public:
  Channel() : state_(std::make_shared<State>()) {}

  /// Pushing into a closed channel drops the item.
  void push(T item) {
    if (state_->closed) return;
    state_->items.push_back(std::move(item));
    state_->changed.notify();
  }

  /// No more items; those already pushed are still delivered.
  void close() {
    state_->closed = true;
    state_->changed.notify();
  }

  bool isClosed() const { return state_->closed; }
  /// How many items wait.
  std::size_t size() const { return state_->items.size(); }

  /// The next item, or nothing once the channel is closed and empty. Throws Cancelled, even when
  /// items are there; none is lost by that.
  Task<std::optional<T>> next() { return take(state_); }

 private:
  struct State {
    std::deque<T> items;
    bool closed = false;
    Condition changed;
  };

  static Task<std::optional<T>> take(std::shared_ptr<State> state) {
    const std::stop_token token = co_await currentStopToken();
    if (token.stop_requested()) throw Cancelled();
    while (state->items.empty()) {
      if (state->closed) co_return std::nullopt;
      co_await state->changed.wait();
    }
    std::optional<T> item(std::move(state->items.front()));
    state->items.pop_front();
    co_return item;
  }

  std::shared_ptr<State> state_;
};

}  // namespace cosoup
