// Transport: one ICE, DTLS and SRTP connection to the server; see send_transport.hpp and
// recv_transport.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/core/error.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/rtc/connection_state.hpp"
#include "cosoup/rtc/ice_server.hpp"
#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/stats.hpp"

namespace cosoup {

/// Tells the server our DTLS parameters (the `connect` event of mediasoup-client). Called exactly
/// once per transport. What it throws fails every produce() and consume() of the transport.
/// The function is kept for the life of the transport, as are the other handlers; a lambda that
/// captures may *call* a coroutine but must not be one.
using ConnectHandler = std::function<Task<>(DtlsParameters)>;

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

/// What both directions have in common. Close it before it is destroyed: a transport that was not
/// closed is ended by the loop in the background. Main-context-bound.
class COSOUP_API Transport {
 public:
  struct Internals;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport();

  const std::string& id() const;
  TransportDirection direction() const;
  const Json& appData() const;
  /// Throws Error(InvalidArgument) for anything but an object.
  void setAppData(Json appData);
  ConnectionState connectionState() const;
  IceGatheringState iceGatheringState() const;
  bool isClosed() const;
  /// Why the connection has failed for good: Error(Untrusted) when the DTLS certificate that the
  /// server has shown is not the one that it announced (RFC 8827, section 6.5). Nothing has been
  /// sent to it or taken from it then; restartIce(), produce() and the others throw this. Absent
  /// otherwise, also in the state `failed` that a restartIce() may mend.
  std::optional<Error> failure() const;

  /// Connects now instead of at the first produce() or consume(); returns when the descriptions are
  /// set and the server has been told, while ICE and DTLS go on. Throws Error(Media), what the
  /// handler throws, and Cancelled. Without SCTP at the server there is nothing to connect with
  /// before any media, and it returns at once.
  Task<> connect();

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

  /// The largest message that its data producers send or its data consumers receive, in bytes: as
  /// large as the server takes, up to 1 MiB, or sends, up to 5 MiB. Absent: no SCTP at the server.
  std::optional<std::uint32_t> dataChannelMaxMessageSize() const;

  /// Closes its producers or consumers, too. Not cancellable, never throws. Idempotent.
  Task<> close();

  // The events of mediasoup-client's Transport and of its observer; each tells of what has been
  // done. Of states only changes are told, and nothing of them by close().
  Signal<ConnectionState>& connectionStateChanged;
  Signal<IceGatheringState>& iceGatheringStateChanged;
  /// No TURN server gave us an address (mediasoup-client's `icecandidateerror`): once for each of
  /// them, when the search for addresses is over, up to 20 s after it began. Other ways may still
  /// lead to the server.
  Signal<IceCandidateError>& iceCandidateError;
  /// The SCTP association is lost while the rest goes on: the data producers or data consumers of
  /// this transport have failed, and no others can be had from it.
  Signal<const Error&>& sctpFailed;
  Signal<>& closed;

 protected:
  explicit Transport(std::shared_ptr<Internals> internals);

  const std::shared_ptr<Internals> internals_;
};

}  // namespace cosoup
