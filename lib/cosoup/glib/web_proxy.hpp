// The proxies of a WebSocket, as the system's settings have them.
#pragma once

#include <gio/gio.h>

#include "cosoup/glib/ref.hpp"

namespace cosoup {

/// Asks GIO's resolver as for http and https: the settings know no ws and wss, of which browsers
/// take that for the same. Thread-safe.
Ref<GProxyResolver> webProxyResolver();

}  // namespace cosoup
