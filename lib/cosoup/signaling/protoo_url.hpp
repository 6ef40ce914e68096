// Where a peer connects to: the room's URL with its own query. Internal.
#pragma once

#include <string>

namespace cosoup::protoo {

/// `url` with roomId and peerId in its query; what else is in the path and the query stays. A
/// fragment is dropped. Throws Error(InvalidArgument) for anything but a ws:// or wss:// URL.
std::string connectionUrl(const std::string& url, const std::string& roomId,
                          const std::string& peerId);

}  // namespace cosoup::protoo
