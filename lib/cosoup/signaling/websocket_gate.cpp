#include "cosoup/signaling/websocket_gate.hpp"

#include <utility>

#include "cosoup/async/loop.hpp"

namespace cosoup {
namespace {

/// Of a client's frame (RFC 6455, 5.2).
std::size_t headerSize(std::size_t payload) {
  constexpr std::size_t kMask = 4;
  if (payload < 126) return 2 + kMask;
  return (payload < 65536 ? 4 : 10) + kMask;
}

}  // namespace

// The handshake makes a connection that reads from its stream itself. It has not begun yet: its
// source waits for the loop. It is stopped, and another one reads through the gate instead.
Ref<SoupWebsocketConnection> WebSocketGate::put(Ref<SoupWebsocketConnection> made) {
  GSource* reading =
      g_main_context_find_source_by_user_data(MainContext::current().get(), made.get());
  if (!reading) return made;
  g_source_destroy(reading);
  filter_ = std::make_shared<StreamFilter>();
  filter_->bytesPerTurn = limits::bytesPerTurn;
  filter_->pass = [weak = weak_from_this()](std::string_view bytes, std::string& out) {
    if (const auto self = weak.lock()) self->pass(bytes, out);
  };
  SoupWebsocketConnection* plain = made.get();
  const Ref<GIOStream> stream = makeFilteredStream(soup_websocket_connection_get_io_stream(plain),
                                                   Ref<GObject>::share(G_OBJECT(plain)), filter_);
  return Ref<SoupWebsocketConnection>::adopt(
      soup_websocket_connection_new(stream.get(), soup_websocket_connection_get_uri(plain),
                                    soup_websocket_connection_get_connection_type(plain),
                                    soup_websocket_connection_get_origin(plain),
                                    soup_websocket_connection_get_protocol(plain), nullptr));
}

void WebSocketGate::pass(std::string_view bytes, std::string& out) {
  frames_.setPingsPass(unsent() <= limits::unsentBytesOfPongs);
  frames_.pass(bytes, out);
  if (std::exchange(skippedBefore_, frames_.skipped()) == frames_.skipped()) return;
  g_info("WebSocket: skipped a message that is too long");
}

void WebSocketGate::willSend(std::size_t messageSize) {
  given_ += headerSize(messageSize) + messageSize;
}

std::uint64_t WebSocketGate::unsent() const {
  if (!filter_) return 0;
  const std::uint64_t given = given_ + frames_.pongBytes();
  // libsoup sends some frames on its own: pings, and the close frame.
  return given > filter_->written ? given - filter_->written : 0;
}

}  // namespace cosoup
