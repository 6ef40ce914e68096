// SessionTransports: the two transports of a session. Internal.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/async/mutex.hpp"
#include "cosoup/async/signal.hpp"
#include "cosoup/room/session_core.hpp"

namespace cosoup {

/// Makes and connects them, and looks after their paths to the server. They stand in the core.
/// Main-context-bound.
class SessionTransports {
 public:
  explicit SessionTransports(SessionCore& core) : core_(core) {}

  /// Loads the device and makes the transports that are needed. Throws Error and Cancelled.
  Task<> make(RoomAddress address, bool sends);
  /// The send transport, which is made for messages where there is none.
  Task<std::shared_ptr<SendTransport>> sendTransport();
  /// Lets go of what they tell.
  void clear() { connections_.clear(); }

  /// Somebody gave up a produce() at the last moment: the server has a producer too many.
  Signal<const std::string&> producerAbandoned;

 private:
  WebRtcTransportOptions whatToAskFor(bool producing) const;
  TransportOptions withIce(TransportParameters parameters) const;
  void makeSendTransport(TransportParameters parameters);
  void makeRecvTransport(TransportParameters parameters);
  ConnectHandler connectHandler(std::string id) const;
  // The server takes a producer only from a peer that has joined.
  Task<std::string> produce(std::string transportId, MediaKind kind, RtpParameters parameters,
                            Json appData);
  Task<std::string> produceData(std::string transportId, SctpStreamParameters parameters,
                                std::string label, std::string protocol, Json appData);

  void watch(const std::shared_ptr<Transport>& transport);
  Task<> connect(std::shared_ptr<Transport> transport);
  /// After the loss of its path.
  Task<> repair(std::shared_ptr<Transport> transport);
  Task<> restartIce(std::shared_ptr<Transport> transport);
  /// After the loss of the SCTP association, which nothing can bring back.
  Task<> endWithoutSctp(std::shared_ptr<Transport> transport, Error reason);

  SessionCore& core_;
  std::optional<RoomAddress> address_;  // since make()
  Mutex making_;                        // the send transport
  std::vector<Connection> connections_;
};

}  // namespace cosoup
