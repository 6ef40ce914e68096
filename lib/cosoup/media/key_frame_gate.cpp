#include "cosoup/media/key_frame_gate.hpp"

#include "cosoup/media/codec_caps.hpp"

namespace cosoup {

bool KeyFrameGate::passes(const Frame& frame) {
  if (isKeyFrame(frame.buffer.get())) open_ = true;
  if (open_) return true;
  if (!lastRequest_ || frame.time >= *lastRequest_ + GST_SECOND || frame.time < *lastRequest_) {
    lastRequest_ = frame.time;
    if (const auto track = track_.lock()) track->requestKeyFrame();
  }
  return false;
}

}  // namespace cosoup
