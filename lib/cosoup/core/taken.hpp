// taken: a text of GLib's that is ours to free. Internal.
#pragma once

#include <glib.h>

#include <string>

namespace cosoup {

/// Frees it; "" of null.
inline std::string taken(char* text) {
  std::string result = text ? text : "";
  g_free(text);
  return result;
}

}  // namespace cosoup
