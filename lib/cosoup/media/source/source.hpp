// Source: where frames arise that are to be sent. Test picture, file, GStreamer launch line.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/core/error.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/media/track.hpp"

namespace cosoup {

/// Audio and video streams on one clock. A source runs in a pipeline of its own: it outlives the
/// transports that send it, and its faults stay its own. Main-context-bound; make it on the thread
/// whose context its signals are to come to.
///
/// A source is opened once, played once, closed once. Frames are paced to real time, and each
/// carries its clock time (Frame::time); a track's times never go back, also not where a file
/// loops.
class COSOUP_API Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  /// A source that was not closed stops by itself, but its tracks do not end.
  virtual ~Source() = default;

  /// Finds the streams. Afterwards tracks() is complete and every track knows its caps. `accepted`
  /// are the encoded formats that the router takes (see encodedCaps()): a stream that already comes
  /// in one of them is passed on as it is, any other is decoded to raw; null or empty: all are
  /// decoded. Raw pictures stand upright; encoded ones that do not (a phone's) are passed on with
  /// their Frame::rotation where the caps of video have a field `rotation`, which says that the
  /// room has the header extension for it, and otherwise, or when mirrored, decoded and turned.
  /// Takes at most 10 s. Throws Error(Media) with the path or description and the reason
  /// (missing, unreadable, no audio or video in it, unknown format, syntax error of a launch line),
  /// Error(Timeout), Error(InvalidState) when it was opened or closed before, and Cancelled. A
  /// source whose open() threw can only be closed.
  virtual Task<> open(Ref<GstCaps> accepted) = 0;

  /// The streams; empty before open().
  virtual const std::vector<std::shared_ptr<Track>>& tracks() const = 0;

  /// Lets the frames flow. Returns at once when it plays already. Throws Error(InvalidState) before
  /// open() and after close(), Error(Media), and Cancelled.
  virtual Task<> play() = 0;

  /// Stops, and ends the tracks (Track::ended). Waits for a pending open() or play() of another
  /// coroutine no longer than they take to notice. Idempotent, not cancellable, never throws;
  /// at most 5 s.
  virtual Task<> close() = 0;

  /// How far it has come in a file or another seekable stream, from the beginning of that; a loop
  /// sets it back. Nothing for live streams and before open().
  virtual std::optional<std::chrono::nanoseconds> position() const { return std::nullopt; }
  /// How long that file is; nothing where it is not known.
  virtual std::optional<std::chrono::nanoseconds> duration() const { return std::nullopt; }

  /// All streams have reached their end (never for a test source or a looping file). Emitted once;
  /// Track::ended of each track follows. Not emitted by close().
  Signal<> ended;

  /// The source broke while it was playing and gives no more frames. Emitted once; the tracks end
  /// when the source is closed.
  Signal<const Error&> failed;
};

/// What a test source shows and plays.
struct TestSourceOptions {
  explicit TestSourceOptions(bool withAudio = true, bool withVideo = true)
      : audio(withAudio), video(withVideo) {}

  bool audio;
  bool video;
  int width = 640;                ///< pixels
  int height = 480;               ///< pixels
  int framerate = 30;             ///< frames/s
  std::string pattern = "smpte";  ///< a pattern of videotestsrc: "smpte", "ball", "snow", "black" …
  std::string wave = "ticks";     ///< a wave of audiotestsrc: "ticks", "sine", "silence" …
  double frequency = 440;         ///< of the tone; Hz
  double volume = 0.4;            ///< 0 … 1
  int channels = 2;               ///< 1 or 2
};

/// A live picture and tone, raw: I420 and S16LE at 48 kHz. Throws nothing; open() reports options
/// that GStreamer does not know as Error(InvalidArgument).
COSOUP_API std::shared_ptr<Source> makeTestSource(TestSourceOptions options = TestSourceOptions());

/// How a file is played.
struct FileSourceOptions {
  explicit FileSourceOptions(bool looping = false) : loop(looping) {}

  /// Starts again at the end, without a gap and with audio and video still in sync; a file whose
  /// streams are of unequal length starts again when the longest one has ended.
  bool loop;
  /// Where it begins, also in each round of a loop; at the last key frame before that, if there
  /// are any. open() throws Error(InvalidArgument) where the file is shorter, and Error(Media) for
  /// what cannot be sought in (a pipe, a live stream), as it does for a loop.
  std::chrono::nanoseconds start{0};
};

/// The audio and video streams of a media file, of any format that GStreamer reads.
COSOUP_API std::shared_ptr<Source> makeFileSource(std::string path,
                                                  FileSourceOptions options = FileSourceOptions());

/// How a URI is played.
struct UriSourceOptions : FileSourceOptions {
  using FileSourceOptions::FileSourceOptions;

  /// How long the packets of a live stream (RTSP) are held back, to put them in order.
  std::chrono::milliseconds latency{200};
};

/// The audio and video streams behind a URI that GStreamer can read: "https://…" (WebM, MP4, HLS
/// …), "rtsp://…", "file://…". URIs name files and hosts, so take one from a server only if you
/// would open it yourself. open() also throws Error(Media) for what the server answers instead.
COSOUP_API std::shared_ptr<Source> makeUriSource(std::string uri,
                                                 UriSourceOptions options = UriSourceOptions());

/// The streams of an element or bin of your own: of all its source pads, those that it has and
/// those that appear, until it says no-more-pads. Raw or encoded. The element has no parent; it
/// runs in the source's pipeline until close(), and then has none again. Key frame requests reach
/// it. open() throws Error(InvalidState) when it is in use.
COSOUP_API std::shared_ptr<Source> makeElementSource(Ref<GstElement> element);

/// The stream of an unlinked source pad in a pipeline of your own, for example of a tee. The pad is
/// linked while the source is open: best before that pipeline runs. The pipeline stays yours: its
/// state, its clock (any) and its errors, of which this source does not hear.
COSOUP_API std::shared_ptr<Source> makePadSource(Ref<GstPad> pad);

/// A GStreamer bin description with exactly one unlinked source pad, raw or encoded, for example
/// "videotestsrc is-live=true ! vp8enc deadline=1". Key frame requests reach an encoder in it.
/// Descriptions are code: they can name any element and file, so never take one from a server.
COSOUP_API std::shared_ptr<Source> makeLaunchSource(std::string description);

}  // namespace cosoup
