// A TCP port of this machine alone.
#pragma once

#include <gio/gio.h>

namespace cosoup::test {

/// Lets it listen on a free port of 127.0.0.1, which it gives.
inline int listenOnLoopback(GSocketListener* listener) {
  GInetAddress* loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
  GSocketAddress* any = g_inet_socket_address_new(loopback, 0);
  GSocketAddress* bound = nullptr;
  g_socket_listener_add_address(listener, any, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, nullptr,
                                &bound, nullptr);
  const int port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
  g_object_unref(bound);
  g_object_unref(any);
  g_object_unref(loopback);
  return port;
}

inline int listenOnLoopback(GSocketService* service) {
  return listenOnLoopback(G_SOCKET_LISTENER(service));
}

}  // namespace cosoup::test
