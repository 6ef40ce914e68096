#include "cosoup/media/recording_name.hpp"

#include <fcntl.h>
#include <glib/gstdio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>

#include "cosoup/core/error.hpp"

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
  char* valid = g_utf8_make_valid(text.data(), static_cast<gssize>(text.size()));
  std::string result;
  for (const char* at = valid; *at;) {
    const char* next = g_utf8_next_char(at);
    if (isUnsafe(g_utf8_get_char(at))) {
      result += '_';
    } else {
      result.append(at, next);
    }
    at = next;
  }
  g_free(valid);
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

std::string claimRecording(const std::string& directory, const std::string& stem,
                           const std::string& extension) {
  const std::filesystem::path base = std::filesystem::path(directory) / stem;
  std::error_code error;
  std::filesystem::create_directories(base.parent_path(), error);
  if (error) refuse("the folder", base.parent_path().string(), error.value());
  constexpr int mostParts = 10000;
  for (int part = 1; part <= mostParts; ++part) {
    std::string path = base.string();
    if (part > 1) path += "-" + std::to_string(part);
    path += extension;
    const int file = g_open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0644);
    if (file >= 0) {
      g_close(file, nullptr);
      return path;
    }
    if (errno != EEXIST) refuse("the file", path, errno);
  }
  refuse("another file", base.string() + extension, EEXIST);
}

}  // namespace cosoup
