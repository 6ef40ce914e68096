#include "cosoup/signaling/handshake_headers.hpp"

#include <glib.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "cosoup/core/error.hpp"
#include "cosoup/core/taken.hpp"

namespace cosoup {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw Error(Error::Code::InvalidArgument, "connect: " + what);
}

bool isTokenCharacter(char c) {
  return g_ascii_isalnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string::npos;
}

bool isToken(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), isTokenCharacter);
}

// Printable ASCII, tabs, and whatever is beyond ASCII.
bool isValue(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

bool equalsIgnoringCase(const std::string& a, const char* b) {
  return g_ascii_strcasecmp(a.c_str(), b) == 0;
}

/// The handshake writes these itself; a second one would break it.
bool isOurs(const std::string& name) {
  constexpr std::array<const char*, 5> ours = {"Connection", "Content-Length", "Host",
                                               "Transfer-Encoding", "Upgrade"};
  const bool listed = std::any_of(
      ours.begin(), ours.end(), [&](const char* known) { return equalsIgnoringCase(name, known); });
  return listed || g_ascii_strncasecmp(name.c_str(), "Sec-WebSocket-", 14) == 0;
}

}  // namespace

std::string originOf(const std::string& url) {
  GUri* uri = g_uri_parse(url.c_str(), G_URI_FLAGS_ENCODED, nullptr);
  if (!uri) refuse("'" + url + "' is not a URL");
  const bool secure = g_ascii_strcasecmp(g_uri_get_scheme(uri), "wss") == 0;
  const char* host = g_uri_get_host(uri);
  std::string name = taken(g_ascii_strdown(host ? host : "", -1));
  g_uri_unref(uri);
  if (name.find(':') != std::string::npos) name = "[" + name + "]";
  return (secure ? "https://" : "http://") + name;
}

void checkHeaders(const HeaderFields& headers) {
  for (const auto& [name, value] : headers) {
    if (!isToken(name)) refuse("'" + name.substr(0, 100) + "' is no name of a header field");
    if (equalsIgnoringCase(name, "Origin")) refuse("the header Origin has an option of its own");
    if (isOurs(name)) refuse("the header " + name + " belongs to the handshake");
    if (!isValue(value)) refuse("the header " + name + " has a line break or the like in it");
  }
}

void checkOrigin(const std::string& origin) {
  if (origin.empty()) refuse("the origin is empty");
  if (!isValue(origin)) refuse("the origin has a line break or the like in it");
}

}  // namespace cosoup
