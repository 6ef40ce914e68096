// FrameSink: the frames of a room's other peers, for a coroutine to take one by one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cosoup/core/export.hpp"
#include "cosoup/media/sink/sink.hpp"

namespace cosoup {

/// What a FrameSink gives, and what it does when nobody takes it.
struct FrameSinkOptions {
  /// As received, see Frame::rotation and Frame::lost, or decoded by GStreamer, turned upright, and
  /// with what the codec makes up for lost audio.
  enum class Form { encoded, raw };
  /// What gives way when a track's queue is full. `oldest`: the frame that waits longest. `newest`:
  /// the frame that comes. `untilKeyFrame`: the frame that comes and, of encoded video, all that
  /// follow it up to a key frame, which is asked for, so that all that is given can be decoded.
  enum class Drop { oldest, newest, untilKeyFrame };

  explicit FrameSinkOptions(Form wanted = Form::encoded) : form(wanted) {}

  Form form;
  Drop drop = Drop::untilKeyFrame;
  std::size_t queueLength = 60;  ///< frames that wait at most, for each track; 0 counts as 1
  // Caps that decoded frames are converted to; further fields (width, rate …) may be named.
  std::string audioCaps = "audio/x-raw, format=(string)S16LE, layout=(string)interleaved";
  std::string videoCaps = "video/x-raw, format=(string)I420";
};

/// A frame, and whose it is.
struct ReceivedFrame {
  ReceivedFrame(std::shared_ptr<const TrackOrigin> whose, MediaKind kind_, Frame frame_)
      : origin(std::move(whose)), kind(kind_), frame(std::move(frame_)) {}

  std::shared_ptr<const TrackOrigin> origin;  ///< never null
  MediaKind kind;
  Frame frame;  ///< its buffer is shared with other sinks: read only
};

/// Each encoded video track begins with a key frame, which is asked for. Main-context-bound.
class COSOUP_API FrameSink : public Sink {
 public:
  /// `while (auto frame = co_await sink->next()) …`: the next frame of any track, in the order of
  /// their coming; nothing once the sink is closed and empty. For one coroutine at a time. Throws
  /// Cancelled; no frame is lost by that.
  virtual Task<std::optional<ReceivedFrame>> next() = 0;

  /// How many frames have been dropped because a queue was full.
  virtual std::uint64_t dropped() const = 0;
};

/// For one stay in a room: `ConsumeConfig::into(sink)`. A track that cannot be decoded is told by
/// `failed`. Throws Error(InvalidArgument) for caps that are none.
COSOUP_API std::shared_ptr<FrameSink> makeFrameSink(FrameSinkOptions options = FrameSinkOptions());

}  // namespace cosoup
