// What the messages of the demo protocol hold, as the typed structs of signaler.hpp. Pure
// functions; all throw Error(InvalidArgument) that names the field which is missing or malformed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cosoup/core/json.hpp"
#include "cosoup/signaling/signaler.hpp"

namespace cosoup::protoo {

/// Nothing for an unknown method.
std::optional<Notification> toNotification(const std::string& method, const Json& data);
/// Nothing for an unknown method.
std::optional<ServerRequest::Content> toServerRequest(const std::string& method, const Json& data);

/// The answer to `join`: the peers that are there already.
std::vector<PeerDescription> toPeers(const Json& data);
/// The answer to `produce` and `produceData`.
std::string toId(const Json& data);

// The data of the requests that have more than a few scalars.
Json toJson(const WebRtcTransportOptions& options);
Json toJson(const JoinOptions& options);

}  // namespace cosoup::protoo
