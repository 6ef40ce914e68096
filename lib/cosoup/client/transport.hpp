// SendTransport and RecvTransport: one ICE, DTLS and SRTP connection to the server each.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/client/consumer.hpp"
#include "cosoup/client/data_consumer.hpp"
#include "cosoup/client/data_producer.hpp"
#include "cosoup/client/producer.hpp"
#include "cosoup/rtc/connection_state.hpp"
#include "cosoup/rtc/ice_server.hpp"
#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/stats.hpp"

namespace cosoup {

class Device;

/// Tells the server our DTLS parameters (the `connect` event of mediasoup-client). Called exactly
/// once per transport. What it throws fails every produce() and consume() of the transport.
using ConnectHandler = std::function<Task<>(DtlsParameters)>;

/// Makes the producer at the server and gives its id (the `produce` event of mediasoup-client).
using ProduceHandler =
    std::function<Task<std::string>(MediaKind kind, RtpParameters parameters, Json appData)>;

/// Makes the data producer at the server and gives its id (mediasoup-client's `producedata` event).
using ProduceDataHandler = std::function<Task<std::string>(
    SctpStreamParameters parameters, std::string label, std::string protocol, Json appData)>;

// The functions are kept for the life of the transport; a lambda that captures may *call* a
// coroutine but must not be one.

/// What a transport is made of (mediasoup-client's TransportOptions).
struct TransportOptions {
  /// Implicit: what the server has answered is enough.
  TransportOptions(TransportParameters parameters_) : parameters(std::move(parameters_)) {}

  TransportParameters parameters;  ///< as the server made it
  /// mediasoup needs none (it has a public address itself); for networks that let nothing else out.
  std::vector<IceServer> iceServers;
  IceTransportPolicy iceTransportPolicy = IceTransportPolicy::all;
  /// The app's own; an object.
  Json appData = Json::object();
};

enum class TransportDirection { send, recv };

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
  TransportDirection direction() const { return TransportDirection::send; }
  const Json& appData() const;
  /// Throws Error(InvalidArgument) for anything but an object.
  void setAppData(Json appData);
  ConnectionState connectionState() const;
  IceGatheringState iceGatheringState() const;
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

  /// Finds another way to the server, with the ICE parameters that it gave for that; media goes on,
  /// and DTLS stays as it is. Before the first negotiation it only changes what that will use.
  /// Returns when the search has begun; connectionState() tells how it goes. Throws Error:
  /// InvalidArgument, InvalidState (closed), Media; and Cancelled.
  Task<> restartIce(IceParameters iceParameters);
  /// TURN servers for the first negotiation or, after it, for the next restartIce(); the STUN
  /// server only for the former. Throws Error: InvalidArgument, Unsupported, InvalidState (closed).
  void updateIceServers(const std::vector<IceServer>& iceServers);
  /// What has been sent and received, all streams. With many streams it costs some ms of CPU for
  /// each, because of `raw`; of a Producer or Consumer alone it costs next to nothing. Throws
  /// Error: InvalidState (closed), Media; and Cancelled.
  Task<RtcStatsReport> getStats();
  /// Opens a channel for messages. Resolves once the server has the data producer; the channel may
  /// still be connecting. Throws Error: InvalidArgument (options that contradict each other),
  /// InvalidState (closed, no handler, all streams in use), Unsupported (no SCTP at the server),
  /// Media, what the handlers throw; and Cancelled. After a throw the channel is undone.
  Task<std::shared_ptr<DataProducer>> produceData(DataProduceOptions options);

  /// The largest message of its data producers, in bytes: as large as the server takes, up to 1
  /// MiB. Absent: no SCTP at the server.
  std::optional<std::uint32_t> dataChannelMaxMessageSize() const;

  /// Closes the producers, too. Not cancellable, never throws. Idempotent.
  Task<> close();

  // The events of mediasoup-client's Transport and of its observer; each tells of what has been
  // done. Of states only changes are told, and nothing of them by close().
  Signal<ConnectionState>& connectionStateChanged();
  Signal<IceGatheringState>& iceGatheringStateChanged();
  /// No TURN server gave us an address (mediasoup-client's `icecandidateerror`): once for each of
  /// them, when the search for addresses is over, up to 20 s after it began. Other ways may still
  /// lead to the server.
  Signal<IceCandidateError>& iceCandidateError();
  Signal<>& closed();
  Signal<std::shared_ptr<Producer>>& newProducer();
  Signal<std::shared_ptr<DataProducer>>& newDataProducer();

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
  TransportDirection direction() const { return TransportDirection::recv; }
  const Json& appData() const;
  void setAppData(Json appData);
  ConnectionState connectionState() const;
  IceGatheringState iceGatheringState() const;
  bool isClosed() const;

  /// As SendTransport::connect(), before the first consume().
  Task<> connect();

  /// Takes a consumer that the server has made, best paused, to be resumed when this has resolved.
  /// Calls made in the same turn of the loop are negotiated together. Throws Error: InvalidArgument
  /// (malformed parameters), Unsupported (codec), InvalidState (closed), Media, what the connect
  /// handler throws; and Cancelled.
  Task<std::shared_ptr<Consumer>> consume(ConsumeOptions options);

  // As those of SendTransport.
  Task<> restartIce(IceParameters iceParameters);
  void updateIceServers(const std::vector<IceServer>& iceServers);
  Task<RtcStatsReport> getStats();
  /// Takes a data consumer that the server has made. What the server sent before is delivered when
  /// this has resolved. Throws Error: InvalidArgument (malformed options, a stream in use),
  /// InvalidState (closed), Unsupported (no SCTP at the server), Media, what the connect handler
  /// throws; and Cancelled.
  Task<std::shared_ptr<DataConsumer>> consumeData(DataConsumeOptions options);

  /// The largest message that its data consumers receive, in bytes: as large as the server sends,
  /// up to 5 MiB. Absent: no SCTP at the server.
  std::optional<std::uint32_t> dataChannelMaxMessageSize() const;

  /// Closes the consumers, too. Not cancellable, never throws. Idempotent.
  Task<> close();

  /// How many m-sections the session has; it never exceeds one more than the largest number of
  /// consumers held at once.
  std::size_t sections() const;

  // As those of SendTransport.
  Signal<ConnectionState>& connectionStateChanged();
  Signal<IceGatheringState>& iceGatheringStateChanged();
  Signal<IceCandidateError>& iceCandidateError();
  Signal<>& closed();
  Signal<std::shared_ptr<Consumer>>& newConsumer();
  Signal<std::shared_ptr<DataConsumer>>& newDataConsumer();

 private:
  std::shared_ptr<Internals> internals_;
};

}  // namespace cosoup
