// TrackQueue: frames on their way from a streaming thread to the thread that records. Internal to
// the media floor.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "cosoup/media/track.hpp"

namespace cosoup {

/// Bounded: when nobody takes the frames, because the disk hangs, new ones are dropped.
/// Thread-safe.
class TrackQueue : public FrameReceiver {
 public:
  explicit TrackQueue(std::shared_ptr<Track> track) : track_(std::move(track)) {}

  void onFrame(const Frame& frame) override;
  void onEnd() override { finish(); }
  /// No frame comes any more.
  void finish();

  struct Taken {
    std::vector<Frame> frames;
    bool overflown = false;  ///< frames have been lost
  };
  Taken take();
  /// It has finished and all frames have been taken.
  bool isDrained() const;

  MediaKind kind() const { return track_->kind(); }
  void requestKeyFrame() const { track_->requestKeyFrame(); }

 private:
  const std::shared_ptr<Track> track_;
  mutable std::mutex mutex_;
  Taken waiting_;
  std::size_t bytes_ = 0;
  bool finished_ = false;
};

}  // namespace cosoup
