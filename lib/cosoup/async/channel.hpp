// Channel<T>: a queue that one coroutine fills and another one drains.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "cosoup/async/condition.hpp"
#include "cosoup/async/task.hpp"

namespace cosoup {

/// `while (auto item = co_await channel.next()) …`. Copies share the queue. It takes whatever is
/// pushed; who fills it with what others send looks at size() or weight() before.
/// Main-context-bound.
template <class T>
class Channel {
  struct State;

 public:
  /// The queue as who fills it knows it, while it belongs to those who read.
  class Weak {
   public:
    explicit Weak(const Channel& channel) : state_(channel.state_) {}
    /// Nothing when nobody can read it any more.
    std::optional<Channel> lock() const {
      if (std::shared_ptr<State> alive = state_.lock()) return Channel(std::move(alive));
      return std::nullopt;
    }

   private:
    std::weak_ptr<State> state_;
  };

  Channel() : state_(std::make_shared<State>()) {}
  /// `weigh` says how much of weight() an item is.
  explicit Channel(std::function<std::size_t(const T&)> weigh) : Channel() {
    state_->weigh = std::move(weigh);
  }

  /// Pushing into a closed channel drops the item.
  void push(T item) {
    if (state_->closed) return;
    if (state_->weigh) state_->weight += state_->weigh(item);
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
  /// What those weigh together.
  std::size_t weight() const { return state_->weight; }

  /// The next item, or nothing once the channel is closed and empty. Throws Cancelled, even when
  /// items are there; none is lost by that.
  Task<std::optional<T>> next() { return take(state_); }

 private:
  struct State {
    std::deque<T> items;
    bool closed = false;
    Condition changed;
    std::function<std::size_t(const T&)> weigh;
    std::size_t weight = 0;
  };

  explicit Channel(std::shared_ptr<State> state) : state_(std::move(state)) {}

  static Task<std::optional<T>> take(std::shared_ptr<State> state) {
    const std::stop_token token = co_await currentStopToken();
    if (token.stop_requested()) throw Cancelled();
    while (state->items.empty()) {
      if (state->closed) co_return std::nullopt;
      co_await state->changed.wait();
    }
    std::optional<T> item(std::move(state->items.front()));
    state->items.pop_front();
    if (state->weigh) state->weight -= state->weigh(*item);
    co_return item;
  }

  std::shared_ptr<State> state_;
};

}  // namespace cosoup
