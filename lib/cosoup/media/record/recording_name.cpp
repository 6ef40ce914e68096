#include "cosoup/media/record/recording_name.hpp"

#include <fcntl.h>
#include <glib/gstdio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "cosoup/core/error.hpp"
#include "cosoup/core/taken.hpp"

namespace cosoup {
namespace {

constexpr const char* nothingLeft = "unnamed";

bool isUnsafe(gunichar character) {
  constexpr std::string_view reserved = "/\\:*?\"<>|";
  if (character < 0x80 && reserved.find(static_cast<char>(character)) != std::string_view::npos) {
    return true;
  }
  switch (g_unichar_type(character)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:  // invisible, or turns the direction of what follows
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return true;
    default:
      return character == 0xfffd;  // what stands for bytes that are no UTF-8
  }
}

std::string withoutUnsafe(const std::string& text) {
  const std::string valid = taken(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
  std::string result;
  for (const char* at = valid.c_str(); *at;) {
    const char* next = g_utf8_next_char(at);
    if (isUnsafe(g_utf8_get_char(at))) {
      result += '_';
    } else {
      result.append(at, next);
    }
    at = next;
  }
  return result;
}

std::string cutTo(const std::string& text, std::size_t maxBytes) {
  if (text.size() <= maxBytes) return text;
  std::size_t end = maxBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

bool isReservedOnWindows(const std::string& name) {
  constexpr std::array reserved = {"con", "prn", "aux", "nul"};
  std::string base = name.substr(0, name.find('.'));
  while (!base.empty() && base.back() == ' ') base.pop_back();
  std::transform(base.begin(), base.end(), base.begin(), g_ascii_tolower);
  if (std::find(reserved.begin(), reserved.end(), base) != reserved.end()) return true;
  return base.size() == 4 && (base.starts_with("com") || base.starts_with("lpt")) &&
         g_ascii_isdigit(base[3]);
}

[[noreturn]] void refuse(const std::string& what, const std::string& path, int number) {
  throw Error(Error::Code::Media,
              "record: cannot make " + what + " '" + path + "': " + g_strerror(number));
}

}  // namespace

std::string safeName(const std::string& text, std::size_t maxBytes) {
  std::string name = withoutUnsafe(text);
  const std::size_t first = name.find_first_not_of(".- ");
  name = first == std::string::npos ? "" : name.substr(first);
  name = cutTo(name, maxBytes);
  while (!name.empty() && (name.back() == '.' || name.back() == ' ')) name.pop_back();
  if (name.empty()) return nothingLeft;
  return isReservedOnWindows(name) ? "_" + name : name;
}

std::string recordingStem(const TrackOrigin& origin) {
  // 255 bytes is the common limit of a name; part number and extension want their share, too.
  return safeName(origin.roomId, 100) + "/" + safeName(origin.displayName, 100) + "(" +
         safeName(origin.peerId, 80) + ")";
}

std::string roomRecordingStem(const TrackOrigin& origin) {
  return safeName(origin.roomId, 100) + "/room";
}

namespace {

/// The part that this file is of the recording; 0: of another one.
std::uint64_t partOf(std::string_view file, std::string_view stem, std::string_view extension) {
  if (!file.starts_with(stem) || !file.ends_with(extension)) return 0;
  if (file.size() < stem.size() + extension.size()) return 0;
  std::string_view middle = file.substr(stem.size());
  middle.remove_suffix(extension.size());
  if (middle.empty()) return 1;
  std::uint64_t part = 0;
  const char* end = middle.data() + middle.size();
  const auto [stopped, error] = std::from_chars(middle.data() + 1, end, part);
  const bool isNumber = middle.front() == '-' && error == std::errc() && stopped == end;
  return isNumber && part < G_MAXINT64 ? part : 0;
}

std::uint64_t lastPart(const std::filesystem::path& base, const std::string& extension) {
  const std::string stem = base.filename().string();
  std::uint64_t last = 0;
  std::error_code error;
  std::filesystem::directory_iterator entry(base.parent_path(), error);
  while (!error && entry != std::filesystem::directory_iterator()) {
    last = std::max(last, partOf(entry->path().filename().string(), stem, extension));
    entry.increment(error);
  }
  return last;
}

}  // namespace

RecordingNames::RecordingNames(std::string directory, const std::string& stem)
    : base_(std::filesystem::path(std::move(directory)) / stem) {}

std::string RecordingNames::pathOf(std::uint64_t part, const std::string& extension) const {
  const std::string number = part > 1 ? "-" + std::to_string(part) : "";
  return base_.string() + number + extension;
}

std::string RecordingNames::claim(const std::string& extension) {
  const std::filesystem::path folder = base_.parent_path();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) refuse("the folder", folder.string(), error.value());
  // A folder may hold very many parts, also of earlier runs.
  const auto known = next_.find(extension);
  std::uint64_t part = known == next_.end() ? lastPart(base_, extension) + 1 : known->second;
  while (true) {
    const std::string path = pathOf(part, extension);
    const int file = g_open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0644);
    if (file < 0 && errno != EEXIST) refuse("the file", path, errno);
    ++part;
    if (file < 0) continue;
    g_close(file, nullptr);
    next_[extension] = part;
    return path;
  }
}

}  // namespace cosoup
