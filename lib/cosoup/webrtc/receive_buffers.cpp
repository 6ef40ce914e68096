#include "cosoup/webrtc/receive_buffers.hpp"

#include <gio/gio.h>
#include <gio/gnetworking.h>
#include <nice/agent.h>

#include <mutex>

namespace cosoup {
namespace {

constexpr gint kWanted = 4 << 20;

/// What the socket has in the end, in bytes; 0: it cannot be told.
gint enlarge(GSocket* socket) {
  g_socket_set_option(socket, SOL_SOCKET, SO_RCVBUF, kWanted, nullptr);
  gint size = 0;
  g_socket_get_option(socket, SOL_SOCKET, SO_RCVBUF, &size, nullptr);
#ifdef __linux__
  size /= 2;  // it tells what it has set aside for its own accounts, too
#endif
  return size;
}

void tellOnce(gint size) {
  static std::once_flag told;
  std::call_once(told, [size] {
    g_message(
        "receive: the system allows receive buffers of %d KiB; many streams at once need "
        "more (Linux: sysctl net.core.rmem_max=%d)",
        size >> 10, kWanted);
  });
}

}  // namespace

void enlargeReceiveBuffers(GObject* niceAgent) {
  GPtrArray* sockets = nice_agent_get_sockets(NICE_AGENT(niceAgent), 1, NICE_COMPONENT_TYPE_RTP);
  if (!sockets) return;
  for (guint i = 0; i < sockets->len; ++i) {
    auto* socket = static_cast<GSocket*>(g_ptr_array_index(sockets, i));
    if (g_socket_get_socket_type(socket) != G_SOCKET_TYPE_DATAGRAM) continue;
    const gint size = enlarge(socket);
    if (size > 0 && size < kWanted) tellOnce(size);
  }
  g_ptr_array_unref(sockets);
}

}  // namespace cosoup
