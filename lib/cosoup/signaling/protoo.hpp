// ProtooSignaler: the signaling of the mediasoup-demo server, over a WebSocket.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/core/export.hpp"
#include "cosoup/signaling/request_signaler.hpp"

namespace cosoup {

/// How patient a ProtooSignaler is.
struct ProtooOptions {
  ProtooOptions() = default;

  std::chrono::milliseconds connectLimit{10'000};  ///< for connect(), look-up of the name included
  std::chrono::milliseconds requestLimit{10'000};  ///< for the answer to a request
  std::chrono::milliseconds closeLimit{2'000};     ///< for the server's part in close()
  /// How often the server is pinged; one that leaves two pings unanswered counts as lost. 0: never.
  std::chrono::seconds pingInterval{10};
  /// So many events() may wait to be read. Above that the server's requests are answered with an
  /// error and its notifications are dropped.
  std::size_t maxQueuedEvents = 10'000;
  /// Absent: what the server speaks, which its first answer tells.
  std::optional<ProtooDialect> dialect;
};

/// Speaks protoo, the protocol of the mediasoup-demo's server, in any of its dialects, to
/// `url/?roomId=…&peerId=…`. The URL may have a path and a query of its own
/// (`wss://host:4443/?consumerReplicas=1`).
///
/// Errors of requests read "method: reason", those of connect() "connect to host:port: reason";
/// what the server rejects is `Rejected` with its errorCode (for connect() the HTTP status). A lost
/// connection fails all pending requests with `Disconnected`, and the last event is SignalerClosed.
/// A request whose coroutine is cancelled is forgotten, but a producer that the server makes for a
/// cancelled or timed-out produce() is closed again.
///
/// A signaler that is destroyed unclosed is closed in the background. Main-context-bound.
class COSOUP_API ProtooSignaler final : public RequestSignaler {
 public:
  explicit ProtooSignaler(ProtooOptions options = ProtooOptions());
  ~ProtooSignaler() override;

  /// Also throws Error(InvalidState) when connected or connecting, or closed meanwhile.
  Task<> connect(RoomAddress address, std::string peerId) override;
  /// Of the present connection, or of the last one; to be asked for after connect().
  Channel<SignalerEvent> events() override;
  /// Ends a connect() that is under way, too. May be called at any time.
  Task<> close() override;

  /// Also for servers that know more requests than the demo's.
  Task<Json> request(std::string method, Json data) override;
  /// Sends it as it is, unchecked.
  Task<> notify(std::string method, Json data) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cosoup
