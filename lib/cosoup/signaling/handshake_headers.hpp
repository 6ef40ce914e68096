// What the request that opens a WebSocket says of itself. Pure functions. Internal.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cosoup {

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

/// The Origin (RFC 6454) that a page of the URL's own host would have, but for the port: "https"
/// for wss, "http" for ws. `url` must be a valid one.
std::string originOf(const std::string& url);

/// Throws Error(InvalidArgument) for what is no header field (RFC 9110, 5), above all for line
/// breaks, by which one field becomes two; and for a field that the handshake itself needs.
void checkHeaders(const HeaderFields& headers);
/// Likewise for a value that has an option of its own.
void checkOrigin(const std::string& origin);

}  // namespace cosoup
