// TextSocket: what carries the texts of a connection; a WebSocket, but in tests. Internal.
#pragma once

#include <string>

#include "cosoup/async/channel.hpp"
#include "cosoup/async/task.hpp"

namespace cosoup {

/// Why a connection ended.
struct WebSocketEnding {
  int code = 0;        ///< the close code (RFC 6455, 7.4), where there is one
  std::string reason;  ///< may be empty when there is a code
};

/// One open connection. Main-context-bound.
class TextSocket {
 public:
  virtual ~TextSocket() = default;

  /// Text messages in the order of their arrival; closed when the connection ends.
  virtual Channel<std::string> messages() const = 0;
  virtual bool isOpen() const = 0;
  /// Valid once messages() is closed.
  virtual WebSocketEnding ending() const = 0;

  /// Queues a message. Throws Error: InvalidArgument for text that is not UTF-8, Disconnected; and
  /// ends the connection when too much waits already.
  virtual void send(const std::string& text) = 0;

  /// The orderly end, in bounded time. Also to be called when the server has ended the connection:
  /// it returns when all is released. Throws nothing but Cancelled.
  virtual Task<> close(int code, std::string reason) = 0;
};

}  // namespace cosoup
