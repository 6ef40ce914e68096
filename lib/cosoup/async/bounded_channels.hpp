// BoundedChannels<T>: one bounded channel for each reader of the same items.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "cosoup/async/channel.hpp"

namespace cosoup {

/// Each reader has a channel of its own, so that nobody loses anything because another one is slow.
/// What a full channel cannot take is lost to its reader. Main-context-bound.
template <class T>
class BoundedChannels {
 public:
  /// At most `items` wait in a channel, with at most `weight` in all by `weigh`.
  BoundedChannels(std::size_t items, std::size_t weight, std::function<std::size_t(const T&)> weigh)
      : mostItems_(items), mostWeight_(weight), weigh_(std::move(weigh)) {}

  /// Gets every item from now on, until it is closed or nobody holds it any more.
  Channel<T> open() {
    Channel<T> channel(weigh_);
    if (closed_) channel.close();
    channels_.emplace_back(channel);
    return channel;
  }

  /// Whether to tell that items are lost: when the first one is since half of what waited has been
  /// taken.
  bool push(const T& item) {
    forgetUnread();
    bool isLost = false;
    bool hasRoom = true;
    for (const auto& weak : channels_) {
      Channel<T> channel = *weak.lock();
      const bool fits =
          channel.size() < mostItems_ && channel.weight() + weigh_(item) <= mostWeight_;
      if (fits) channel.push(item);
      isLost = isLost || !fits;
      hasRoom = hasRoom && channel.size() <= mostItems_ / 2 && channel.weight() <= mostWeight_ / 2;
    }
    if (hasRoom) told_ = false;
    return isLost && !std::exchange(told_, true);
  }

  /// What waits is still delivered.
  void close() {
    closed_ = true;
    for (const auto& weak : std::exchange(channels_, {})) {
      if (auto channel = weak.lock()) channel->close();
    }
  }

 private:
  void forgetUnread() {
    std::erase_if(channels_, [](const auto& weak) {
      const auto channel = weak.lock();
      return !channel || channel->isClosed();
    });
  }

  const std::size_t mostItems_;
  const std::size_t mostWeight_;
  const std::function<std::size_t(const T&)> weigh_;
  std::vector<typename Channel<T>::Weak> channels_;
  bool told_ = false;
  bool closed_ = false;
};

}  // namespace cosoup
