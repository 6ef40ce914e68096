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

}  // namespace cosoup
