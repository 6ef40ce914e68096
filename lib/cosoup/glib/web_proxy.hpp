// The proxies of a WebSocket, as the system's settings have them. Internal.
#pragma once

#include <gio/gio.h>

#include "cosoup/glib/ref.hpp"

namespace cosoup {

/// GIO's resolver, asked for http and https in place of ws and wss, which the system's settings do
/// not know. Browsers do the same. Thread-safe.
Ref<GProxyResolver> webProxyResolver();

}  // namespace cosoup
