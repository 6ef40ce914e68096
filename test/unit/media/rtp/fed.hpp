// Fed: a sink's track that a test feeds by hand.
#pragma once

#include <algorithm>
#include <vector>

#include "cosoup/media/sink/sink.hpp"
#include "unit/media/clips.hpp"

namespace cosoup::test {

/// Frames are not paced.
struct Fed {
  explicit Fed(MediaKind kind) : track(std::make_shared<Track>(kind)) {
    track->setKeyFrameRequest([this] { ++keyFrameRequests; });
  }
  void deliver(const Clip& clip) {
    const GstClockTime now = gst_util_get_timestamp();
    for (Frame frame : clip) {
      frame.time += now;
      track->deliver(frame);
    }
  }
  std::shared_ptr<Track> track;
  int keyFrameRequests = 0;
};

inline const TrackOrigin ada("c1", "ada", "Ada", "demo");
inline const TrackOrigin bob("c2", "bob", "Bob", "demo");

/// Whatever their times are.
inline bool sameData(const std::vector<FrameNote>& a, const std::vector<FrameNote>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.data == y.data; });
}

}  // namespace cosoup::test
