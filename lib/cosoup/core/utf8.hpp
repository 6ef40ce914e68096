// UTF-8 of foreign origin.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cosoup/core/export.hpp"

namespace cosoup {

/// NUL is a character like any other here, which GLib's functions do not say.
COSOUP_API bool isUtf8(std::string_view text);

/// The text with U+FFFD in place of each byte that is not UTF-8.
COSOUP_API std::string toUtf8(std::string text);

/// What may be shown to people, whoever wrote it: valid UTF-8 without control characters and what
/// turns the direction of writing, so that it cannot steer a terminal or pretend to be another line
/// of a log. Line breaks and tabs become blanks. Of a text that is longer than `mostBytes`, its
/// beginning, cut between two characters. Thread-safe.
COSOUP_API std::string printable(std::string_view text, std::size_t mostBytes = std::string::npos);

}  // namespace cosoup
