// RecordSink: every peer, or the whole room, in files.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "cosoup/core/export.hpp"
#include "cosoup/media/sink/sink.hpp"

namespace cosoup {

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
COSOUP_API std::shared_ptr<Sink> makeRecordSink(RecordOptions options);
COSOUP_API std::shared_ptr<Sink> makeRecordSink(std::string directory);

}  // namespace cosoup
