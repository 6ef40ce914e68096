// Any text that is to be shown.
#include <glib.h>

#include "cosoup/core/passwords.hpp"
#include "cosoup/core/utf8.hpp"
#include "fuzz/target.hpp"

namespace cosoup {

std::vector<std::string> fuzz::examples() {
  return {"ä€😀 text", "a\x1b[2J\r\nb\x7f\xff\xc3", "\u202eabc\u2066",
          "rtsp://me:secret@host/a http://u:p@h"};
}

void fuzz::read(std::string_view input) {
  const std::string shown = printable(input);
  require(g_utf8_validate(shown.data(), static_cast<gssize>(shown.size()), nullptr));
  require(std::none_of(shown.begin(), shown.end(),
                       [](unsigned char c) { return c < 0x20 || c == 0x7f; }));
  require(printable(shown) == shown);
  const std::string cut = printable(input, 7);
  require(cut.size() <= 7 && g_utf8_validate(cut.data(), -1, nullptr));
  const std::string hidden = withoutPasswords(std::string(input));
  require(withoutPasswords(hidden) == hidden);
}

}  // namespace cosoup
