// Names of recordings: what peers call themselves, made safe. Internal to the media floor.
#pragma once

#include <string>

#include "cosoup/media/sink.hpp"

namespace cosoup {

/// The text as one component of a path on any system: valid UTF-8, no separators, control or
/// invisible characters, no leading dot, dash or blank, no reserved Windows name, at most
/// `maxBytes` bytes (cut between characters); "unnamed" when nothing is left.
std::string safeName(const std::string& text, std::size_t maxBytes);

/// `<roomId>/<displayName>(<peerId>)`, safe, without extension.
std::string recordingStem(const TrackOrigin& origin);
/// `<roomId>/room`, likewise.
std::string roomRecordingStem(const TrackOrigin& origin);

/// Makes the folders and an empty file `<directory>/<stem><extension>` that did not exist before,
/// with -2, -3 … appended to the stem where needed, and gives its path. Blocks on the disk. Throws
/// Error(Media).
std::string claimRecording(const std::string& directory, const std::string& stem,
                           const std::string& extension);

}  // namespace cosoup
