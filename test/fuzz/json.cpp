// Any JSON text.
#include "cosoup/core/json.hpp"

#include <glib.h>

#include "fuzz/target.hpp"

namespace cosoup {

std::vector<std::string> fuzz::examples() {
  return {R"({"a":[1,-2.5e3,true,null,"\u00e9\ud83d\ude00\n"],"b":{"c":{}}})",
          "9223372036854775807", "[[[[[[[[]]]]]]]]", R"("\\\"/")"};
}

void fuzz::read(std::string_view input) {
  const std::string text = Json::parse(input).text();
  require(g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr));
  // Through text and back it is the same text; a number may be too large to be written as JSON.
  const Json again = Json::parse(text);
  require(again.text() == text);
}

}  // namespace cosoup
