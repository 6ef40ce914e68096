// What the messages of the demo protocol hold, as the typed structs of signaler.hpp. What differs
// between its dialects is asked of the Dialect. Pure functions; they throw Error(InvalidArgument)
// that names the field which is missing or malformed. Internal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cosoup/core/json.hpp"
#include "cosoup/signaling/signaler.hpp"

namespace cosoup::protoo {

struct Dialect;

/// Nothing for an unknown method.
std::optional<Notification> toNotification(const Dialect& dialect, const std::string& method,
                                           const Json& data);
/// Nothing for an unknown method.
std::optional<ServerRequest::Content> toServerRequest(const Dialect& dialect,
                                                      const std::string& method, const Json& data);

/// Throws only for a peer without an id: what it says of itself is its own affair, and no reason to
/// keep others out of the room.
PeerDescription toPeer(const Dialect& dialect, const Json& data);
/// The answer to `join`: the peers that are there already. One without an id is left out.
std::vector<PeerDescription> toPeers(const Dialect& dialect, const Json& data);

// Notifications that not every dialect has.
Notification readDownlinkBwe(const Json& data);
Notification readSpeakingPeers(const Json& data);

/// The data of `join`.
Json toJson(const JoinOptions& options);

}  // namespace cosoup::protoo
