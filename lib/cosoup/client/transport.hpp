// SendTransport and RecvTransport: one ICE, DTLS and SRTP connection to the server each.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/client/consumer.hpp"
#include "cosoup/client/producer.hpp"
#include "cosoup/rtc/connection_state.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

class Device;

/// Tells the server our DTLS parameters (the `connect` event of mediasoup-client). Called exactly
/// once per transport. What it throws fails every produce() and consume() of the transport.
using ConnectHandler = std::function<Task<>(DtlsParameters)>;

/// Makes the producer at the server and gives its id (the `produce` event of mediasoup-client).
using ProduceHandler =
    std::function<Task<std::string>(MediaKind kind, RtpParameters parameters, Json appData)>;

// The functions are kept for the life of the transport; a lambda that captures may *call* a
// coroutine but must not be one.

/// Sends. Made by Device::createSendTransport(). Close it before it is destroyed: a transport that
/// was not closed is ended by the loop in the background. Main-context-bound.
class SendTransport {
 public:
  struct Internals;
  explicit SendTransport(std::shared_ptr<Internals> internals);
  SendTransport(const SendTransport&) = delete;
  SendTransport& operator=(const SendTransport&) = delete;
  ~SendTransport();

  const std::string& id() const;
  ConnectionState connectionState() const;
  bool isClosed() const;

  /// Connects now instead of at the first produce(); returns when the descriptions are set and the
  /// server has been told, while ICE and DTLS go on. Throws Error(Media), what the handler throws,
  /// and Cancelled. Without SCTP at the server there is nothing to connect with before the first
  /// produce(), and it returns at once.
  Task<> connect();

  /// Sends a track. Resolves once the server has the producer; media may flow a little earlier.
  /// Throws Error: InvalidArgument (no track, no caps), InvalidState (closed), Unsupported (no
  /// codec), Media, what the handlers throw; and Cancelled. After a throw nothing is left behind
  /// here; a producer that the server made in the meantime is for the caller to undo.
  Task<std::shared_ptr<Producer>> produce(ProduceOptions options);

  /// Closes the producers, too. Not cancellable, never throws. Idempotent.
  Task<> close();

  Signal<ConnectionState>& connectionStateChanged();

 private:
  std::shared_ptr<Internals> internals_;
};

/// Receives. Made by Device::createRecvTransport(). Otherwise as SendTransport.
class RecvTransport {
 public:
  struct Internals;
  explicit RecvTransport(std::shared_ptr<Internals> internals);
  RecvTransport(const RecvTransport&) = delete;
  RecvTransport& operator=(const RecvTransport&) = delete;
  ~RecvTransport();

  const std::string& id() const;
  ConnectionState connectionState() const;
  bool isClosed() const;

  Task<> connect();

  /// Takes a consumer that the server has made, best paused, to be resumed when this has resolved.
  /// Calls made in the same turn of the loop are negotiated together. Throws Error: InvalidArgument
  /// (malformed parameters), Unsupported (codec), InvalidState (closed), Media, what the connect
  /// handler throws; and Cancelled.
  Task<std::shared_ptr<Consumer>> consume(ConsumeOptions options);

  /// Closes the consumers, too. Not cancellable, never throws. Idempotent.
  Task<> close();

  /// How many m-sections the session has; it never exceeds one more than the largest number of
  /// consumers held at once.
  std::size_t sections() const;

  Signal<ConnectionState>& connectionStateChanged();

 private:
  std::shared_ptr<Internals> internals_;
};

}  // namespace cosoup
