#include "cosoup/rtc/scalability_mode.hpp"

#include <cstddef>
#include <optional>

namespace cosoup {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// One or two digits without a leading zero, taken off the front of the text.
std::optional<unsigned> takeCount(std::string_view& text) {
  unsigned count = 0;
  std::size_t length = 0;
  while (length < 2 && length < text.size() && isDigit(text[length])) {
    count = count * 10 + static_cast<unsigned>(text[length++] - '0');
  }
  if (length == 0 || text[0] == '0') return std::nullopt;
  text.remove_prefix(length);
  return count;
}

}  // namespace

ScalabilityMode parseScalabilityMode(std::string_view text) {
  if (text.empty() || (text[0] != 'L' && text[0] != 'S')) return {};
  text.remove_prefix(1);
  const std::optional<unsigned> spatial = takeCount(text);
  if (!spatial || text.empty() || text[0] != 'T') return {};
  text.remove_prefix(1);
  const std::optional<unsigned> temporal = takeCount(text);
  if (!temporal) return {};
  return {*spatial, *temporal};
}

}  // namespace cosoup
