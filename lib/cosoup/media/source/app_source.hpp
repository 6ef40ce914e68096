// AppSource: a source whose frames the app makes itself and pushes.
#pragma once

#include <gst/gst.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/media/source/source.hpp"
#include "cosoup/media/track.hpp"

namespace cosoup {

/// What an AppSource sends.
struct AppSourceOptions {
  /// The caps of each stream, in GStreamer's words, raw or encoded: "video/x-raw, format=I420,
  /// width=640, height=480, framerate=30/1", "audio/x-opus", "video/x-h264,
  /// stream-format=byte-stream, alignment=au, profile=constrained-baseline".
  explicit AppSourceOptions(std::vector<std::string> caps) : streams(std::move(caps)) {}

  std::vector<std::string> streams;
  /// True: frames go out as they are pushed; Frame::time is when the frame arose, by the clock of
  /// all pipelines (Frames of a Track can be passed on), and absent it is "now". False: they go out
  /// when they are due; Frame::time counts from the start of playing, as in a file, and must be
  /// there.
  bool live = true;
  /// How many frames of a stream may wait before push() does.
  std::size_t maxQueued = 8;
};

/// All streams are on one clock. A raw stream, and an encoded one that the router accepts, has its
/// caps from the beginning; for any other (to be decoded, or H264 that is not a byte-stream of
/// access units with a profile) open() waits for its first frames. Main-context-bound.
///
/// To be sent by a MediasoupClient: `ProduceConfig::from([source] { return source; })`.
class COSOUP_API AppSource final : public Source {
 public:
  /// Throws Error(InvalidArgument) for caps that are malformed, incomplete, or neither audio nor
  /// video.
  explicit AppSource(AppSourceOptions options);
  ~AppSource() override;

  Task<> open(Ref<GstCaps> accepted) override;
  const std::vector<std::shared_ptr<Track>>& tracks() const override;
  Task<> play() override;
  Task<> close() override;

  /// Gives the next frame of the stream (an index into AppSourceOptions::streams): one picture, one
  /// access unit, or any number of samples. Returns when the stream has room for it, which is also
  /// the pace of a source that is not live; before that it waits for open(), and a live source for
  /// play(). Frame::caps may be null; other caps than before change the size or the rate of what
  /// follows. Await one push of a stream before the next. Throws Error: InvalidArgument (no such
  /// stream, no buffer, a buffer too small for its caps, no time, caps of something else),
  /// InvalidState (the stream has ended, the source is closed), what the source failed of; and
  /// Cancelled, then the frame was not taken.
  Task<> push(Frame frame, std::size_t stream = 0);

  /// No more frames of the stream, of all streams. What was pushed before still goes out. After the
  /// last stream's end follows `ended`. Idempotent.
  void endOfStream(std::size_t stream);
  void endOfStream();

  /// Somebody needs a key frame of this stream; for apps that push encoded frames.
  Signal<std::size_t> keyFrameRequested;

 private:
  class Feed;
  const std::shared_ptr<Feed> feed_;
  std::vector<Connection> connections_;
};

}  // namespace cosoup
