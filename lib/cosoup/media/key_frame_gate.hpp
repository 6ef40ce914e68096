// KeyFrameGate: lets an encoded stream through from a key frame on. Internal to the media floor.
#pragma once

#include <memory>
#include <optional>

#include "cosoup/media/track.hpp"

namespace cosoup {

/// What has passed can be decoded: it begins with a key frame, which is asked for, and so does what
/// follows a loss. Audio and raw frames always pass. Use by one thread at a time.
class KeyFrameGate {
 public:
  explicit KeyFrameGate(std::weak_ptr<Track> track) : track_(std::move(track)) {}

  /// Whether the frame may go on. While it may not, the origin is asked for a key frame, once a
  /// second of the frames' time.
  bool passes(const Frame& frame);
  /// A frame was lost behind the gate: closed until the next key frame.
  void shut() { open_ = false; }

 private:
  const std::weak_ptr<Track> track_;  // which may hold the gate, as a receiver's
  std::optional<GstClockTime> lastRequest_;
  bool open_ = false;
};

}  // namespace cosoup
