// TransportCore: what send and receive transports have in common. Internal.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/mutex.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/client/transport.hpp"
#include "cosoup/rtc/sdp_write.hpp"
#include "cosoup/webrtc/peer_connection.hpp"

namespace cosoup {

/// The peer connection of a transport, its fabricated remote description, and the one message to
/// the server that connects it. Main-context-bound.
class TransportCore {
 public:
  /// `localRole`: which one we take when the server leaves it to us.
  TransportCore(std::shared_ptr<PeerConnection> peer, TransportOptions options, DtlsRole localRole,
                ConnectHandler onConnect);

  const std::string& id() const { return parameters_.id; }
  const Json& appData() const { return appData_; }
  void setAppData(Json appData);
  bool hasData() const { return parameters_.sctpParameters.has_value(); }
  /// Client or server.
  DtlsRole localRole() const { return localRole_; }
  /// Absent: the server has no SCTP on this transport.
  const std::optional<SctpParameters>& sctpParameters() const { return parameters_.sctpParameters; }
  /// The largest message that we send: as large as the server takes, and GStreamer sends.
  std::uint32_t maxSentMessageSize() const;
  /// The largest message that we receive: as large as the server sends, within reason.
  std::uint32_t maxReceivedMessageSize() const;
  PeerConnection& peer() { return *peer_; }
  std::shared_ptr<PeerConnection> sharedPeer() const { return peer_; }
  const sdp::RemoteSdp& remote() const { return remote_; }
  /// Keeps a description that has been negotiated.
  void keep(sdp::RemoteSdp negotiated) { remote_ = std::move(negotiated); }

  /// Only one negotiation at a time.
  Mutex& negotiation() { return negotiation_; }
  Scope& scope() { return scope_; }

  /// Sends our DTLS parameters to the server, once; they are known before any description is, so
  /// that the server may answer while we negotiate.
  void tellServer();
  /// Waits for the server's answer and throws what the connect handler threw.
  Task<> serverTold() { return told_.wait(); }

  /// The elements are up and know where to look for the server.
  Task<> start();
  ConnectionState connectionState() const;
  IceGatheringState iceGatheringState() const { return peer_->iceGatheringState(); }

  Task<> restartIce(IceParameters iceParameters);
  void updateIceServers(const std::vector<IceServer>& iceServers);
  Task<RtcStatsReport> getStats();
  /// A function that gives PeerConnection::rtpSources(), nothing once that is gone.
  std::function<std::vector<Json>()> rtpSources() const;

  bool isClosed() const { return closed_; }
  /// Why the connection has failed for good; absent while it has not.
  const std::optional<Error>& failure() const { return failure_; }
  /// Throws in the name of `operation`: Error(InvalidState) when closed, what failure() says when
  /// that is there.
  void ensureOpen(const char* operation) const;
  /// Throws what went wrong with `operation`; of a transport that is closed, that it is: whatever
  /// else went wrong then came of it. Cancelled stays Cancelled.
  [[noreturn]] void rethrow(std::exception_ptr failure, const char* operation) const;
  /// Throws Error(Unsupported) likewise when there is no SCTP.
  void ensureData(const char* operation) const;
  /// Ends the changes of state, too; false: it was closed already.
  bool markClosed() { return !std::exchange(closed_, true); }
  Task<> close();

  // Only while open.
  Signal<ConnectionState> connectionStateChanged;
  Signal<IceGatheringState> iceGatheringStateChanged;
  Signal<IceCandidateError> iceCandidateError;
  Signal<const Error&> sctpFailed;
  Signal<> closed;

 private:
  Task<> runConnectHandler();
  Task<> tellSctpFailed(Error error);
  Task<> fallBackToTcp(std::vector<IceCandidate> candidates);
  void watchPeer();

  const TransportParameters parameters_;
  Json appData_;
  DtlsRole localRole_;
  ConnectHandler onConnect_;
  std::shared_ptr<PeerConnection> peer_;
  sdp::RemoteSdp remote_;
  std::vector<IceCandidate> candidates_;  ///< those in use
  std::vector<IceCandidate> fallback_;    ///< TCP candidates that wait for UDP to fail
  Mutex negotiation_;
  Scope scope_;
  Deferred<> told_;
  bool telling_ = false;
  bool closed_ = false;
  std::optional<Error> failure_;
  std::vector<Connection> connections_;
};

}  // namespace cosoup
