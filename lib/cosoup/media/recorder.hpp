// Recorder: one peer's audio and video in one file after the other. Internal to the media floor.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/core/error.hpp"
#include "cosoup/media/frame_parser.hpp"
#include "cosoup/media/muxed_file.hpp"
#include "cosoup/media/track_queue.hpp"

namespace cosoup {

/// Interleaves the frames of at most one audio and one video stream by Frame::time and decides
/// where files begin: at a video key frame, with the audio from there on. It runs on the thread
/// that calls step(), which blocks on the disk; it looks at no clock but the time it is given.
class Recorder {
 public:
  /// What it reports, called on the thread of step().
  struct Events {
    std::function<void(const std::string& path)> recorded;
    std::function<void(const Error& error)> failed;
  };

  /// Files are `<directory>/<stem>[-N].webm`.
  Recorder(std::string directory, std::string stem, Events events);

  /// False when the recorder has ended. A stream of a kind may follow an earlier one that has
  /// finished. Thread-safe.
  bool attach(std::shared_ptr<TrackQueue> queue);

  /// Writes what is due; `now` is a monotonic time in ns. To be called a few times a second. False
  /// once all queues have finished and everything is written; then it has ended.
  bool step(GstClockTime now);

 private:
  struct Pending {
    Frame frame;
    GstClockTime arrived;
    std::string format;  ///< codec, and what a file says of it at its start
  };

  struct Stream {
    std::deque<Pending> pending;
    std::optional<GstClockTime> lastArrival;
    std::optional<GstClockTime> lastRequest;
    Ref<GstCaps> inCaps;  ///< of the newest frame as it came
    std::string mimeType;
    std::unique_ptr<FrameParser> parser;  ///< null where none is needed
    Ref<GstCaps> caps;                    ///< of the newest frame as it is written
    std::string format;
  };

  /// The file being written.
  struct Part {
    std::unique_ptr<MuxedFile> file;
    GstClockTime start = 0;
    struct Track {
      std::optional<std::size_t> index;
      std::string format;
      std::optional<GstClockTime> last;
    };
    std::array<Track, 2> tracks;  // by kind
  };

  bool drain(GstClockTime now);
  void arrive(Stream& stream, const Frame& frame, GstClockTime now);
  void append(Stream& stream, const Frame& frame, GstClockTime now);
  bool takes(const Pending& pending, std::size_t kind) const;
  bool wantsPart() const;
  bool flows(const Stream& stream, GstClockTime now) const;
  void gather(GstClockTime now, bool final);
  void gatherVideo(GstClockTime now, bool late, bool veryLate);
  void dropUntilKeyFrame(Stream& video);
  void requestKeyFrame(GstClockTime now);
  void begin(GstClockTime start, bool withVideo, bool withAudio);
  void openPart(GstClockTime start, bool withVideo, bool withAudio);
  void writeDue(GstClockTime now, bool final);
  bool isDue(std::size_t kind, GstClockTime now) const;
  std::optional<std::size_t> earliest() const;
  void write(std::size_t kind);
  void finishPart();
  void fail(const Error& error);

  const std::string directory_;
  const std::string stem_;
  const Events events_;

  std::mutex mutex_;  // guards queues_ and ended_
  std::vector<std::shared_ptr<TrackQueue>> queues_;
  bool ended_ = false;

  std::array<Stream, 2> streams_;  // by kind
  std::optional<Part> part_;
  std::optional<GstClockTime> gatheringSince_;
  bool failed_ = false;
};

}  // namespace cosoup
