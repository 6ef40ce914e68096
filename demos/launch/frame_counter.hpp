// FrameCounter: takes the frames of a FrameSink and counts them.
#pragma once

#include <map>
#include <string>

#include "cosoup/cosoup.hpp"

/// What has come of one stream.
struct CountedStream {
  std::string peerId;
  cosoup::MediaKind kind = cosoup::MediaKind::audio;
  std::string format;  ///< of the newest frame: "video/x-raw I420 640x480", "audio/x-opus" …
  std::uint64_t frames = 0;
  std::uint64_t keyFrames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t first = 0;  ///< when the first and the newest frame were due; ns
  std::uint64_t last = 0;
  cosoup::Ref<GstCaps> caps;  ///< of the newest frame

  /// Frames per second.
  double rate() const;
};

class FrameCounter {
 public:
  explicit FrameCounter(cosoup::FrameSinkOptions options);

  std::shared_ptr<cosoup::FrameSink> sink() const { return sink_; }
  /// Until the sink is closed.
  cosoup::Task<> count();
  /// By consumer.
  const std::map<std::string, CountedStream>& streams() const { return streams_; }

 private:
  std::shared_ptr<cosoup::FrameSink> sink_;
  std::map<std::string, CountedStream> streams_;
};
