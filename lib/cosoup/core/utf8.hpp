// UTF-8 of foreign origin.
#pragma once

#include <string>
#include <string_view>

namespace cosoup {

/// NUL is a character like any other here, which GLib's functions do not say.
bool isUtf8(std::string_view text);

/// The text with U+FFFD in place of each byte that is not UTF-8.
std::string toUtf8(std::string text);

}  // namespace cosoup
