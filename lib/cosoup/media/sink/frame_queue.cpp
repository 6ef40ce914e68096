#include "cosoup/media/sink/frame_queue.hpp"

#include <algorithm>

namespace cosoup {

class FrameQueue::Input : public FrameReceiver, public std::enable_shared_from_this<Input> {
 public:
  Input(const std::shared_ptr<FrameQueue>& queue, std::shared_ptr<const TrackOrigin> whose,
        std::shared_ptr<Track> track)
      : origin(std::move(whose)), kind(track->kind()), gate(track), queue_(queue) {}

  void onFrame(const Frame& frame) override {
    if (const auto queue = queue_.lock()) queue->push(shared_from_this(), frame);
  }

  const std::shared_ptr<const TrackOrigin> origin;
  const MediaKind kind;
  // Guarded by the queue's mutex.
  KeyFrameGate gate;
  std::size_t waiting = 0;
  bool overflown = false;

 private:
  const std::weak_ptr<FrameQueue> queue_;  // which holds the inputs of its frames
};

FrameQueue::FrameQueue(std::size_t length, FrameSinkOptions::Drop drop,
                       std::function<void()> filled)
    : length_(std::max<std::size_t>(length, 1)), drop_(drop), filled_(std::move(filled)) {}

std::shared_ptr<FrameReceiver> FrameQueue::makeInput(std::shared_ptr<const TrackOrigin> origin,
                                                     std::shared_ptr<Track> track) {
  return std::make_shared<Input>(shared_from_this(), std::move(origin), std::move(track));
}

// Whether there is room for one more frame of the track now.
bool FrameQueue::makeRoom(Input& input) {
  if (input.waiting < length_) return true;
  if (drop_ == FrameSinkOptions::Drop::untilKeyFrame) {
    input.gate.shut();
    input.overflown = true;
  }
  if (drop_ != FrameSinkOptions::Drop::oldest) return false;
  ++dropped_;
  const auto oldest = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& waiting) {
    return waiting.input.get() == &input;
  });
  waiting_.erase(oldest);
  --input.waiting;
  return true;
}

void FrameQueue::push(const std::shared_ptr<Input>& input, const Frame& frame) {
  bool wasEmpty = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    const bool passes = input->gate.passes(frame);
    if (!passes && !input->overflown) return;  // it has not begun
    if (!passes || !makeRoom(*input)) {
      ++dropped_;
      return;
    }
    input->overflown = false;
    wasEmpty = waiting_.empty();
    waiting_.push_back(Waiting{ReceivedFrame(input->origin, input->kind, frame), input});
    ++input->waiting;
  }
  if (wasEmpty) filled_();
}

std::optional<ReceivedFrame> FrameQueue::take() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  std::optional<ReceivedFrame> frame(std::move(waiting_.front().frame));
  --waiting_.front().input->waiting;
  waiting_.pop_front();
  return frame;
}

void FrameQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_();
}

bool FrameQueue::isClosed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::uint64_t FrameQueue::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace cosoup
