// How long a receiver may hold media back before it plays it.
#pragma once

#include <chrono>

namespace cosoup {

/// The wish of a sender, in the header extension playout-delay: no delay at all for remote control,
/// a long one for what must not stutter. Receivers that know it play between `min` and `max` after
/// the arrival; the resolution is 10 ms, the largest value 40.95 s.
struct PlayoutDelay {
  PlayoutDelay(std::chrono::milliseconds min_, std::chrono::milliseconds max_)
      : min(min_), max(max_) {}

  std::chrono::milliseconds min;
  std::chrono::milliseconds max;

  bool operator==(const PlayoutDelay&) const = default;
};

}  // namespace cosoup
