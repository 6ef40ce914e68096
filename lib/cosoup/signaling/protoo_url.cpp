#include "cosoup/signaling/protoo_url.hpp"

#include <glib.h>

#include "cosoup/core/error.hpp"
#include "cosoup/core/taken.hpp"

namespace cosoup::protoo {
namespace {

std::string escape(const std::string& text) {
  return taken(g_uri_escape_bytes(reinterpret_cast<const guint8*>(text.data()), text.size(), ""));
}

bool isOurs(const std::string& pair) {
  return pair.starts_with("roomId=") || pair.starts_with("peerId=") || pair.empty();
}

// A query that names room or peer twice would reach the server as a list.
std::string withoutOurs(const std::string& query) {
  std::string kept;
  for (std::size_t begin = 0; begin <= query.size();) {
    std::size_t end = query.find('&', begin);
    if (end == std::string::npos) end = query.size();
    const std::string pair = query.substr(begin, end - begin);
    if (!isOurs(pair)) kept += pair + "&";
    begin = end + 1;
  }
  return kept;
}

}  // namespace

std::string connectionUrl(const std::string& url, const std::string& roomId,
                          const std::string& peerId) {
  const auto flags = static_cast<GUriFlags>(G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE);
  GUri* uri = g_uri_parse(url.c_str(), flags, nullptr);
  const std::string scheme = uri ? g_uri_get_scheme(uri) : "";
  const char* host = uri ? g_uri_get_host(uri) : nullptr;
  const bool valid = (scheme == "ws" || scheme == "wss") && host && *host;
  std::string result;
  if (valid) {
    const std::string path = g_uri_get_path(uri);
    const char* given = g_uri_get_query(uri);
    const std::string query =
        withoutOurs(given ? given : "") + "roomId=" + escape(roomId) + "&peerId=" + escape(peerId);
    char* joined =
        g_uri_join(flags, scheme.c_str(), g_uri_get_userinfo(uri), host, g_uri_get_port(uri),
                   path.empty() ? "/" : path.c_str(), query.c_str(), nullptr);
    result = joined;
    g_free(joined);
  }
  if (uri) g_uri_unref(uri);
  if (valid) return result;
  throw Error(Error::Code::InvalidArgument,
              "connect: '" + url + "' is no URL of the form wss://host:port");
}

}  // namespace cosoup::protoo
