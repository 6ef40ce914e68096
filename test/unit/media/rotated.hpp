// Pictures that do not stand upright, and how frames of them come.
#pragma once

#include <algorithm>
#include <array>
#include <mutex>
#include <string>
#include <vector>

#include "support/corners.hpp"
#include "unit/media/clips.hpp"

namespace cosoup::test {

/// How the frames of a track stand. Thread-safe.
class StandLog : public FrameReceiver {
 public:
  void onFrame(const Frame& frame) override {
    const std::lock_guard lock(mutex_);
    rotations_.push_back(frame.rotation);
    corners_ = isRaw(frame) ? cornersOf(frame.buffer.get(), frame.caps.get()) : "";
    format_ = gst_structure_get_name(gst_caps_get_structure(frame.caps.get(), 0));
    frames_.push_back(frame);
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return rotations_.size();
  }
  bool allAre(int rotation) const {
    const std::lock_guard lock(mutex_);
    return std::all_of(rotations_.begin(), rotations_.end(),
                       [&](int value) { return value == rotation; });
  }
  std::vector<int> rotations() const {
    const std::lock_guard lock(mutex_);
    return rotations_;
  }
  std::string corners() const {
    const std::lock_guard lock(mutex_);
    return corners_;
  }
  std::string format() const {
    const std::lock_guard lock(mutex_);
    return format_;
  }
  Clip frames() const {
    const std::lock_guard lock(mutex_);
    return frames_;
  }

 private:
  static bool isRaw(const Frame& frame) {
    return gst_structure_has_name(gst_caps_get_structure(frame.caps.get(), 0), "video/x-raw");
  }

  mutable std::mutex mutex_;
  std::vector<int> rotations_;
  std::string corners_;
  std::string format_;
  Clip frames_;
};

struct Turn {
  int rotation;
  std::array<std::int32_t, 4> matrix;
  const char* corners;
};

inline const Turn turns[] = {
    {90, quarterTurn, "BRWG"}, {180, halfTurn, "WBGR"}, {270, threeQuarterTurn, "GWRB"}};

/// A corner picture as it is stored, encoded, with that rotation.
inline Clip corners(int rotation, int frames = 20) {
  const TemporaryDirectory directory;
  Clip clip = encode(cornersLine(directory.file("raw"), 160, 120, frames) +
                     "vp8enc deadline=1 target-bitrate=400000");
  for (Frame& frame : clip) frame.rotation = rotation;
  return clip;
}

}  // namespace cosoup::test
