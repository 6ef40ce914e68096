// Recorder: audio and video that belong together in one file after the other. Internal to the media
// floor.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/core/error.hpp"
#include "cosoup/media/record/frame_parser.hpp"
#include "cosoup/media/record/muxed_file.hpp"
#include "cosoup/media/record/record_sink.hpp"
#include "cosoup/media/record/track_queue.hpp"

namespace cosoup {

/// From one time to another; 0 when that is not the later one.
inline GstClockTime since(GstClockTime then, GstClockTime now) {
  return now > then ? now - then : 0;
}

/// Interleaves the frames of its streams by Frame::time and decides where files begin: each video
/// at a key frame, the audio from the first of those on. What cannot be written is given up, and
/// the next file begins when that is possible again. It runs on the thread that calls step(), which
/// blocks on the disk; but for the question whether the disk hangs it looks at no clock but the
/// time it is given.
class Recorder {
 public:
  /// What it reports, called on the thread of step().
  struct Events {
    std::function<void(const std::string& path)> recorded;
    /// Once, until `missed` is called.
    std::function<void(const Error& error)> failed;
    std::function<void(RecordingGap::Time from, RecordingGap::Time to)> missed;
  };
  /// Gives the path of a new, empty file with that extension. Throws Error(Media).
  using Claim = std::function<std::string(const std::string& extension)>;

  /// Files are `<directory>/<stem>[-N].webm`.
  Recorder(RecordOptions options, const std::string& stem, Events events);
  Recorder(RecordOptions options, std::string title, Events events, Claim claim);

  /// False when the recorder has ended. `key` tells the streams of a kind apart; a queue may follow
  /// an earlier one of the same stream that has finished. Thread-safe.
  bool attach(std::shared_ptr<TrackQueue> queue, std::string key = "");

  /// Writes what is due; `now` is a monotonic time in ns. To be called a few times a second. False
  /// once all queues have finished and everything is written; then it has ended.
  bool step(GstClockTime now);

 private:
  struct Pending {
    Frame frame;
    GstClockTime arrived;
    std::string format;  ///< codec, and what a file says of the stream at its start
  };

  /// A stream's place in the file being written.
  struct Place {
    std::size_t index;
    std::string format;
    std::optional<GstClockTime> last;
  };

  struct Stream {
    Stream(MediaKind kind_, std::string key_) : kind(kind_), key(std::move(key_)) {}

    const MediaKind kind;
    const std::string key;
    std::deque<Pending> pending;
    std::optional<GstClockTime> lastArrival;
    Ref<GstCaps> inCaps;  ///< of the newest frame as it came
    std::string mimeType;
    std::unique_ptr<FrameParser> parser;  ///< null where none is needed
    Ref<GstCaps> caps;                    ///< of the newest frame as it is written
    int rotation = 0;                     ///< likewise
    std::string format;
    std::optional<Place> place;
    /// The time of the key frame with which it begins in the next file; it waits for that file.
    std::optional<GstClockTime> cut;
    bool attached = true;

    bool takes(const Pending& frame) const { return place && place->format == frame.format; }
    bool isHeld() const { return cut && !pending.empty() && pending.front().frame.time >= *cut; }
  };

  struct Attached {
    std::shared_ptr<TrackQueue> queue;
    std::string key;
  };

  /// The file being written.
  struct Part {
    std::unique_ptr<MuxedFile> file;
    GstClockTime start = 0;
    GstClockTime length = 0;
    std::uint64_t bytes = 0;
    GstClockTime lookedAt = 0;  ///< whether the file is still there
    // When more of it was last seen to be written, and what had come until then.
    GstClockTime advancedAt = 0;  ///< by the real clock
    std::uint64_t written = 0;
    std::uint64_t given = 0;
  };

  /// A time in which nothing can be written.
  struct Outage {
    GstClockTime from;  ///< Frame::time of the last one that was written
    GstClockTime retryAt;
    GstClockTime delay;
  };

  // What comes in.
  bool drain(GstClockTime now);
  Stream& streamOf(const Attached& attached);
  void arrive(Stream& stream, const Frame& frame, GstClockTime now);
  void append(Stream& stream, const Frame& frame, GstClockTime now);
  void forgetStreams();

  // Where files begin (recorder_parts.cpp).
  bool isFull(GstClockTime now) const;
  bool isStuck(GstClockTime now) const;
  bool wantsPart(GstClockTime now) const;
  bool flows(const Stream& stream, GstClockTime now) const;
  bool haveAllCome() const;
  bool hasNewcomer() const;
  void gather(GstClockTime now, bool final);
  void gatherAudio(GstClockTime now, bool late, bool full);
  void gatherVideo(GstClockTime now, bool late, bool veryLate);
  void findCut(Stream& video, GstClockTime now, bool late, bool veryLate);
  bool suits(GstClockTime start, GstClockTime now, bool late) const;
  void requestKeyFrame(GstClockTime now);
  void begin(GstClockTime start, GstClockTime now);
  void openPart(GstClockTime start, GstClockTime now);
  bool belongs(const Stream& stream, GstClockTime now) const;

  // What is written.
  void writeDue(GstClockTime now, bool final);
  bool isDue(const Stream& stream, GstClockTime now) const;
  Stream* earliest() const;
  void write(Stream& stream);
  void finishPart(GstClockTime now);

  // What cannot be written (recorder_outage.cpp).
  void keepUp(GstClockTime now);
  void checkPart(GstClockTime now);
  void fail(const Error& error, GstClockTime now);
  void salvagePart();
  bool canWrite(GstClockTime now);
  void endOutage(GstClockTime now, GstClockTime end);

  const RecordOptions options_;
  const std::string title_;  ///< what errors call it
  const Events events_;
  const Claim claim_;

  std::mutex mutex_;  // guards queues_ and ended_
  std::vector<Attached> queues_;
  bool ended_ = false;

  std::vector<std::unique_ptr<Stream>> streams_;
  std::optional<Part> part_;
  std::optional<GstClockTime> gatheringSince_;
  std::optional<GstClockTime> lastRequest_;
  std::optional<GstClockTime> lastWritten_;  ///< Frame::time
  std::optional<Outage> outage_;
  bool overflown_ = false;
};

}  // namespace cosoup
