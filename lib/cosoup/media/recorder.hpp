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
#include "cosoup/media/frame_parser.hpp"
#include "cosoup/media/muxed_file.hpp"
#include "cosoup/media/sink.hpp"
#include "cosoup/media/track_queue.hpp"

namespace cosoup {

/// Interleaves the frames of its streams by Frame::time and decides where files begin: each video
/// at a key frame, the audio from the first of those on. It runs on the thread that calls step(),
/// which blocks on the disk; it looks at no clock but the time it is given.
class Recorder {
 public:
  /// What it reports, called on the thread of step().
  struct Events {
    std::function<void(const std::string& path)> recorded;
    std::function<void(const Error& error)> failed;
  };

  /// Files are `<directory>/<stem>[-N].webm`.
  Recorder(RecordOptions options, std::string stem, Events events);

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
  void finishPart();
  void fail(const Error& error);

  const RecordOptions options_;
  const std::string stem_;
  const Events events_;

  std::mutex mutex_;  // guards queues_ and ended_
  std::vector<Attached> queues_;
  bool ended_ = false;

  std::vector<std::unique_ptr<Stream>> streams_;
  std::optional<Part> part_;
  std::optional<GstClockTime> gatheringSince_;
  std::optional<GstClockTime> lastRequest_;
  bool failed_ = false;
};

}  // namespace cosoup
