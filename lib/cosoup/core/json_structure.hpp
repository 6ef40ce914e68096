// What a JSON text is checked for before json-glib reads it. Pure. Internal.
#pragma once

#include <string>
#include <string_view>

namespace cosoup {

/// The text with null in place of each value that is nested too deeply or holds too many others,
/// and U+FFFD for half a surrogate pair; then json-glib reads it within bounds. What is not JSON
/// need not be noticed here. Throws Error(InvalidArgument) for text that json-glib would accept
/// although it is not JSON, and for more than limits::jsonValues values.
std::string withinJsonLimits(std::string_view text);

}  // namespace cosoup
