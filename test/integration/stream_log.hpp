// What a stream consists of, in a file and as it was received, to be compared.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "cosoup/gst/ref.hpp"
#include "cosoup/media/track.hpp"

namespace cosoup::test {

/// A frame without its wrapping.
struct FrameNote {
  std::string digest;  ///< of its bytes; of H264 those of the slices, since start codes may differ
  double time = 0;     ///< s
  bool keyFrame = false;
};

/// The frames of a WebM file or an MP4 file of H264, by "audio" and "video".
std::map<std::string, std::vector<FrameNote>> framesIn(const std::string& path);

/// Plays a gst-launch line to its end; throws std::runtime_error.
void runLine(const std::string& line);

/// When the ticks (of audiotestsrc) in these frames begin; s. Encoded frames are decoded.
std::vector<double> ticksIn(const std::vector<Frame>& frames);
/// Those of a file's audio.
std::vector<double> ticksIn(const std::string& path);

/// Keeps all frames of a track. Thread-safe.
class StreamLog final : public FrameReceiver {
 public:
  void onFrame(const Frame& frame) override;
  std::vector<FrameNote> notes() const;
  std::vector<Frame> frames() const;
  std::size_t count() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Frame> frames_;
};

/// How received frames lie in those that were sent.
struct Comparison {
  std::size_t found = 0;       ///< received frames that are bit-identical to one that was sent
  std::size_t foreign = 0;     ///< received frames that are not
  std::size_t missing = 0;     ///< between the first found and the last found
  std::vector<double> delays;  ///< received time less sent time of each that was found; s
};

/// Both in their order; a sent frame counts once.
Comparison compare(const std::vector<FrameNote>& received, const std::vector<FrameNote>& sent);

double medianOf(std::vector<double> values);

}  // namespace cosoup::test
