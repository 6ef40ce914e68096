#include "cosoup/core/utf8.hpp"

#include <glib.h>

namespace cosoup {
namespace {

/// How many bytes at the beginning are UTF-8.
std::size_t validLength(std::string_view text) {
  std::size_t valid = 0;
  while (valid < text.size()) {
    const char* end = nullptr;
    g_utf8_validate_len(text.data() + valid, text.size() - valid, &end);
    valid = static_cast<std::size_t>(end - text.data());
    if (valid == text.size() || text[valid] != '\0') break;
    ++valid;
  }
  return valid;
}

/// What is shown for a character: itself, a blank, or nothing, which is 0.
gunichar shownFor(gunichar character) {
  const GUnicodeType type = g_unichar_type(character);
  const bool separates = type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR;
  if (type == G_UNICODE_CONTROL || separates)
    return g_unichar_isspace(character) || separates ? ' ' : 0;
  const bool embeds = character >= 0x202a && character <= 0x202e;
  const bool isolates = character >= 0x2066 && character <= 0x2069;
  return embeds || isolates ? 0 : character;
}

/// At most so many bytes, without half a character at their end.
std::string_view beginning(std::string_view text, std::size_t mostBytes) {
  if (text.size() <= mostBytes) return text;
  constexpr std::size_t kLongest = 4;
  const std::size_t least = mostBytes < kLongest ? 0 : mostBytes - kLongest;
  std::size_t size = mostBytes;
  while (size > least && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace

bool isUtf8(std::string_view text) { return validLength(text) == text.size(); }

std::string toUtf8(std::string text) {
  std::string result;
  std::string_view rest = text;
  while (true) {
    const std::size_t valid = validLength(rest);
    result += rest.substr(0, valid);
    if (valid == rest.size()) return result;
    result += "\xEF\xBF\xBD";
    rest.remove_prefix(valid + 1);
  }
}

std::string printable(std::string_view text, std::size_t mostBytes) {
  // No more is looked at than can be needed, or a flood of long texts would take its time.
  const std::string valid = toUtf8(std::string(beginning(text, mostBytes)));
  std::string result;
  for (const char* at = valid.data(); at < valid.data() + valid.size();) {
    const gunichar character = g_utf8_get_char(at);
    const gunichar shown = shownFor(character);
    const char* next = g_utf8_next_char(at);
    if (result.size() + static_cast<std::size_t>(next - at) > mostBytes) break;
    if (shown == ' ') {
      result += ' ';
    } else if (shown) {
      result.append(at, next);
    }
    at = next;
  }
  return result;
}

}  // namespace cosoup
