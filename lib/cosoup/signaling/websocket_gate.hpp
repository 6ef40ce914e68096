// WebSocketGate: stands between libsoup's WebSocket and its connection, and keeps both within
// bounds. Internal.
#pragma once

#include <libsoup/soup.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "cosoup/glib/filtered_stream.hpp"
#include "cosoup/glib/ref.hpp"
#include "cosoup/signaling/frame_gate.hpp"

namespace cosoup {

/// libsoup reads until nothing is left, keeps what comes in fragments and what waits to be sent
/// without bound, and ends the connection for a frame that is too long. Main-context-bound.
class WebSocketGate : public std::enable_shared_from_this<WebSocketGate> {
 public:
  explicit WebSocketGate(std::size_t maxMessageSize) : frames_(maxMessageSize) {}

  /// The same connection, through the gate. It must be new: nothing of it has been read yet.
  Ref<SoupWebsocketConnection> put(Ref<SoupWebsocketConnection> connection);

  /// To be called for each text message.
  void willSend(std::size_t messageSize);
  /// Bytes that libsoup has been given and has not been able to send.
  std::uint64_t unsent() const;

 private:
  void pass(std::string_view bytes, std::string& out);

  FrameGate frames_;
  std::size_t skippedBefore_ = 0;
  std::uint64_t given_ = 0;
  std::shared_ptr<StreamFilter> filter_;  ///< null: the connection could not be put through
};

}  // namespace cosoup
