// LevelMarker: puts the level of audio on its buffers, for the payloader to write into the packets.
// Internal to the media floor.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <optional>
#include <string>

#include "cosoup/rtc/speech_detector.hpp"

namespace cosoup {

/// The level goes along as a GstAudioLevelMeta, which encoders hand on; rtphdrextclientaudiolevel
/// writes it. (GStreamer's `level` element, which would put it there, takes silence for -59 dBov:
/// up to 1.22 at least it cuts its figure off at eight bits.) One stream, one thread at a time.
class LevelMarker {
 public:
  /// The samples of whatever passes a pad, interleaved S16 of this machine.
  static void markRaw(GstPad* pad);

  /// Of PCMU and PCMA by a table; null for others.
  static std::unique_ptr<LevelMarker> ofEncoded(const std::string& mimeType);
  /// Decodes Opus for its level alone. `caps`: of the frames. Throws Error(Unsupported).
  static std::unique_ptr<LevelMarker> ofOpus(GstCaps* caps);

  virtual ~LevelMarker() = default;
  /// `frame` must be writable. One whose level cannot be found stays as it is.
  void mark(GstBuffer* frame);

 protected:
  virtual std::optional<int> levelOfContent(GstBuffer* frame) = 0;

 private:
  SpeechDetector speech_;
};

}  // namespace cosoup
