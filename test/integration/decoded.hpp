// What a track looks and sounds like once it is decoded.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <optional>
#include <vector>

#include "cosoup/media/track.hpp"

namespace cosoup::test {

/// The mean of a picture.
struct Picture {
  int width = 0;
  int height = 0;
  int red = 0;  ///< 0 … 255, as are the others
  int green = 0;
  int blue = 0;

  bool isRed() const { return red > 150 && green < 80 && blue < 80; }
  bool isGreen() const { return green > 150 && red < 80 && blue < 80; }
  bool isBlue() const { return blue > 150 && red < 80 && green < 80; }
  bool isBlack() const { return red < 40 && green < 40 && blue < 40; }
};

/// Decodes the frames of a track by GStreamer: VP8 or Opus.
class Decoded {
 public:
  explicit Decoded(std::shared_ptr<Track> track);
  Decoded(const Decoded&) = delete;
  Decoded& operator=(const Decoded&) = delete;
  ~Decoded();

  /// The last picture that has come since the last call.
  std::optional<Picture> picture();
  /// The loudest sample, 0 … 32768, of what has come since the last call.
  std::optional<int> loudness();

 private:
  class Receiver;
  Ref<GstSample> pull();

  const std::shared_ptr<Track> track_;
  Ref<GstElement> pipeline_;
  Ref<GstElement> sink_;
  std::shared_ptr<Receiver> receiver_;
};

/// The encoded frames of a track, as they come. Thread-safe.
class FrameLog final : public FrameReceiver {
 public:
  struct Entry {
    std::size_t size = 0;
    unsigned firstByte = 0;  ///< of Opus: the table of contents (RFC 6716, section 3.1)
    bool isKeyFrame = false;
    GstClockTime time = 0;
  };

  void onFrame(const Frame& frame) override;
  std::vector<Entry> entries() const;
  std::size_t count() const { return entries().size(); }
  /// Over the last so many frames, in the time that they tell; 0 before there are so many.
  double bitrate(std::size_t frames) const;    ///< bit/s
  double framerate(std::size_t frames) const;  ///< frames/s

 private:
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace cosoup::test
