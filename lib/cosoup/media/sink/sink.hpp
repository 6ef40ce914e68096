// Sink: where the tracks of a room's other peers go. Discard; for others see record_sink.hpp,
// frame_sink.hpp and element_sink.hpp.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/core/error.hpp"
#include "cosoup/core/export.hpp"
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

/// A span of time that is missing from a recording because it could not be written.
struct RecordingGap {
  using Time = std::chrono::system_clock::time_point;

  RecordingGap() = default;
  RecordingGap(std::string peer, Time begin, Time end)
      : peerId(std::move(peer)), from(begin), to(end) {}

  std::string peerId;  ///< empty: of the whole room
  Time from;           ///< when the last frame came that was written
  Time to;             ///< when the first one came of the next file, or the recording ended
};

/// One sink takes all tracks of a room. Tracks come encoded, as frames of whole access units; a
/// sink works in pipelines of its own, so that its faults reach neither the transport nor another
/// track. Main-context-bound.
class COSOUP_API Sink {
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

  /// A recording cannot be written (disk full, directory gone, disk too slow …), or something else
  /// that the sink does with a track has failed. What is written is final; a next file begins by
  /// itself as soon as that is possible. Emitted once until then. Others go on.
  Signal<const Error&> failed;

  /// A recording that had failed goes on, or has ended: what is missing of it.
  Signal<const RecordingGap&> missed;
};

/// Takes everything and keeps nothing.
COSOUP_API std::shared_ptr<Sink> makeDiscardSink();

}  // namespace cosoup
