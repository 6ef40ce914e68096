#include "cosoup/media/record/track_queue.hpp"

#include <utility>

namespace cosoup {
namespace {

constexpr std::size_t mostBytes = 64 << 20;

}  // namespace

void TrackQueue::onFrame(const Frame& frame) {
  const std::size_t size = gst_buffer_get_size(frame.buffer.get());
  const std::lock_guard lock(mutex_);
  if (bytes_ + size > mostBytes) {
    waiting_.overflown = true;
    return;
  }
  bytes_ += size;
  waiting_.frames.push_back(frame);
}

void TrackQueue::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
}

TrackQueue::Taken TrackQueue::take() {
  const std::lock_guard lock(mutex_);
  bytes_ = 0;
  return std::exchange(waiting_, Taken());
}

bool TrackQueue::isDrained() const {
  const std::lock_guard lock(mutex_);
  return finished_ && waiting_.frames.empty();
}

}  // namespace cosoup
