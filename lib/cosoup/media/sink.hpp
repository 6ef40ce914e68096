// Sink: where the tracks of a room's other peers go. Discard, or record; for others see
// frame_sink.hpp and element_sink.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/core/error.hpp"
#include "cosoup/media/track.hpp"

namespace cosoup {

/// Whose track it is.
struct TrackOrigin {
  TrackOrigin() = default;
  TrackOrigin(std::string consumer, std::string peer, std::string name, std::string room)
      : consumerId(std::move(consumer)),
        peerId(std::move(peer)),
        displayName(std::move(name)),
        roomId(std::move(room)) {}

  std::string consumerId;  ///< unique; what removeTrack() names
  std::string peerId;
  std::string displayName;  ///< as the peer calls itself: not trusted, may be empty
  std::string roomId;
};

/// A finished recording of one peer, or of a whole room.
struct Recording {
  Recording() = default;
  Recording(std::string peer, std::string file) : peerId(std::move(peer)), path(std::move(file)) {}

  std::string peerId;  ///< empty: of the whole room
  std::string path;
};

/// One sink takes all tracks of a room. Tracks come encoded, as frames of whole access units; a
/// sink works in pipelines of its own, so that its faults reach neither the transport nor another
/// track. Main-context-bound.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  /// A sink that was not closed finishes its files in the background of the loop.
  virtual ~Sink() = default;

  /// Takes the track's frames from now on, until removeTrack(), Track::ended or close(). The frames
  /// may begin to flow later; the caps of the track may still be unknown. Never throws; ignored
  /// after close() and for a consumer that is already there.
  virtual void addTrack(TrackOrigin origin, std::shared_ptr<Track> track) = 0;

  /// Lets go of the track: no frame of it is looked at after this. A file whose last track this was
  /// becomes final a little later, see `recorded`. Unknown ids are ignored.
  virtual void removeTrack(std::string consumerId) = 0;

  /// Finishes all files: when it returns they are final and the signals have been emitted.
  /// Idempotent, not cancellable, never throws; at most 10 s, also when a disk no longer answers
  /// (such a file stays readable as far as it was written, and `failed` tells).
  virtual Task<> close() = 0;

  /// The files that are final, in the order of their completion.
  virtual std::vector<Recording> recordings() const { return {}; }

  /// A file is final: nobody writes to it any more.
  Signal<const Recording&> recorded;

  /// A recording could not be written (disk full, directory gone …); once per file. Others go on.
  Signal<const Error&> failed;
};

/// Takes everything and keeps nothing.
std::shared_ptr<Sink> makeDiscardSink();

/// Where and how to record.
struct RecordOptions {
  /// `automatic`: WebM for VP8, VP9, AV1 and Opus, Matroska when another codec is in a file. `mp4`:
  /// MP4 for H264, H265, AV1 and Opus (fragmented until it is final), else as `automatic`; a stream
  /// that pauses, and one that goes on, begin a next file.
  enum class Container { automatic, mp4 };

  explicit RecordOptions(std::string where) : directory(std::move(where)) {}

  std::string directory;
  Container container = Container::automatic;
  /// All peers in one file, `<directory>/<roomId>/room.webm`, one track for each of their streams.
  /// Who comes later, or with another codec, is in the next file, which begins with the first of
  /// the key frames that all are asked for.
  bool wholeRoom = false;
  // A file is followed by a next one when it is so long or so large, at the next key frame, which
  // is asked for; nothing is lost in between. 0: never.
  std::chrono::milliseconds splitAfter{0};
  std::uint64_t splitBytes = 0;  ///< of media
};

/// Records each peer into `<directory>/<roomId>/<displayName>(<peerId>).webm`, audio and video in
/// one file, in sync, remuxed and never decoded. Names are made safe, existing files are never
/// overwritten (`-2`, `-3` … is appended); folders are made when needed. A recording starts at a
/// key frame, which is asked for; when a peer's second kind of media comes later than 2 s after the
/// first, or a codec or the rotation of the picture changes, the recording goes on in a next file.
/// Rotated pictures are stored as they came, with their rotation in the file's header. What has
/// been written stays playable when the process is killed; at most the last second is lost (of MP4
/// some more).
std::shared_ptr<Sink> makeRecordSink(RecordOptions options);
std::shared_ptr<Sink> makeRecordSink(std::string directory);

}  // namespace cosoup
