// FrameWatch: what a track has delivered.
#pragma once

#include <atomic>
#include <chrono>

#include "cosoup/media/track.hpp"

namespace cosoup::test {

/// Counts a track's frames from the first key frame on, where a recording would begin. Thread-safe.
class FrameWatch final : public FrameReceiver {
 public:
  void onFrame(const Frame& frame) override {
    const bool isDelta = GST_BUFFER_FLAG_IS_SET(frame.buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
    if (frames_ == 0 && isDelta) return;
    if (frames_ == 0) first_ = frame.time;
    last_ = frame.time;
    ++frames_;
  }
  int frames() const { return frames_; }
  /// From the first frame to the last.
  std::chrono::nanoseconds length() const { return std::chrono::nanoseconds(last_ - first_); }

 private:
  std::atomic<int> frames_ = 0;
  std::atomic<GstClockTime> first_ = 0;
  std::atomic<GstClockTime> last_ = 0;
};

}  // namespace cosoup::test
