// FrameQueue: the frames of several tracks on their way from streaming threads to a coroutine.
// Internal to the media floor.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "cosoup/media/key_frame_gate.hpp"
#include "cosoup/media/sink/frame_sink.hpp"

namespace cosoup {

/// Bounded for each track. Thread-safe.
class FrameQueue : public std::enable_shared_from_this<FrameQueue> {
 public:
  /// `filled` is called on any thread when the queue is no longer empty or is closed.
  FrameQueue(std::size_t length, FrameSinkOptions::Drop drop, std::function<void()> filled);

  /// What a track delivers into.
  std::shared_ptr<FrameReceiver> makeInput(std::shared_ptr<const TrackOrigin> origin,
                                           std::shared_ptr<Track> track);
  /// Nothing when it is empty.
  std::optional<ReceivedFrame> take();
  /// Nothing is taken in any more.
  void close();
  bool isClosed() const;
  std::uint64_t dropped() const;

 private:
  class Input;
  struct Waiting {
    ReceivedFrame frame;
    std::shared_ptr<Input> input;
  };

  void push(const std::shared_ptr<Input>& input, const Frame& frame);
  bool makeRoom(Input& input);

  const std::size_t length_;
  const FrameSinkOptions::Drop drop_;
  const std::function<void()> filled_;
  mutable std::mutex mutex_;
  std::deque<Waiting> waiting_;
  std::uint64_t dropped_ = 0;
  bool closed_ = false;
};

}  // namespace cosoup
