// Names of recordings: what peers call themselves, made safe. Internal to the media floor.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "cosoup/media/sink/sink.hpp"

namespace cosoup {

/// The text as one component of a path on any system: valid UTF-8, no separators, control or
/// invisible characters, no leading dot, dash or blank, no reserved Windows name, at most
/// `maxBytes` bytes (cut between characters); "unnamed" when nothing is left.
std::string safeName(const std::string& text, std::size_t maxBytes);

/// `<roomId>/<displayName>(<peerId>)`, safe, without extension.
std::string recordingStem(const TrackOrigin& origin);
/// `<roomId>/room`, likewise.
std::string roomRecordingStem(const TrackOrigin& origin);

/// The files of one recording, part by part: `<directory>/<stem><extension>`, then with -2, -3 …
/// appended to the stem, after the last one that is there. Blocks on the disk.
class RecordingNames {
 public:
  RecordingNames(std::string directory, const std::string& stem);

  /// Makes the folders, if need be, and an empty file that did not exist before, and gives its
  /// path. Throws Error(Media).
  std::string claim(const std::string& extension);

 private:
  std::string pathOf(std::uint64_t part, const std::string& extension) const;

  const std::filesystem::path base_;
  std::map<std::string, std::uint64_t> next_;  // by extension; absent: not looked for yet
};

}  // namespace cosoup
