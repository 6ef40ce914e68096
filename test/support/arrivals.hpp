// Arrivals: what comes on another thread, in its order.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace cosoup::test {

/// A list whose next items can be waited for, from another thread than the one that adds them.
template <class Item>
class Arrivals {
 public:
  void add(Item item) {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    changed_.notify_all();
  }
  std::vector<Item> all() const {
    const std::lock_guard lock(mutex_);
    return items_;
  }
  /// The first so many, once they are there.
  std::vector<Item> first(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(30), [&] { return items_.size() >= count; });
    return items_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Item> items_;
};

}  // namespace cosoup::test
