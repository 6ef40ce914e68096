#include "cosoup/core/passwords.hpp"

#include <algorithm>

namespace cosoup {

std::string withoutPasswords(const std::string& text) {
  constexpr const char* kScheme = "://";
  std::string result;
  std::size_t at = 0;
  while (true) {
    const std::size_t found = text.find(kScheme, at);
    if (found == std::string::npos) break;
    const std::size_t user = found + std::string(kScheme).size();
    result += text.substr(at, user - at);
    at = user;
    // A password may hold what should have been escaped, '@' and ':' included.
    const std::size_t end = std::min(text.size(), text.find_first_of("/?# \t\r\n\"'<>", user));
    const std::size_t host = text.rfind('@', end);
    const std::size_t colon = text.find(':', user);
    if (host == std::string::npos || host < user || colon > host) continue;
    result += text.substr(user, colon - user) + ":***";
    at = host;
  }
  return result + text.substr(at);
}

}  // namespace cosoup
