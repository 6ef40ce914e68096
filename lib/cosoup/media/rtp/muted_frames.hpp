// MutedFrames: what a disabled track shows. Internal to the media floor.
#pragma once

#include "cosoup/media/track.hpp"

namespace cosoup {

/// Black pictures and silence, as a browser sends for a track that is not enabled. One thread at a
/// time.
class MutedFrames {
 public:
  /// A buffer in the format of a raw frame, without times. Null when nothing can be drawn in that
  /// format.
  Ref<GstBuffer> inPlaceOf(const Frame& frame);

 private:
  Ref<GstCaps> caps_;
  Ref<GstBuffer> picture_;  // drawn once for its caps, then shared
};

}  // namespace cosoup
