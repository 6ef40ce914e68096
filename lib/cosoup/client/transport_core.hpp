// TransportCore: what send and receive transports have in common.
#pragma once

#include <functional>
#include <string>
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
  TransportCore(bool receives, TransportParameters parameters, DtlsRole localRole,
                ConnectHandler onConnect);

  const std::string& id() const { return parameters_.id; }
  bool hasData() const { return parameters_.sctpParameters.has_value(); }
  PeerConnection& peer() { return peer_; }
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
  /// Tells the server and negotiates the data slot at the same time.
  Task<> connect(std::function<Task<>()> negotiateDataSlot);
  ConnectionState connectionState() const;

  bool isClosed() const { return closed_; }
  /// Throws Error(InvalidState) in the name of `operation` when closed.
  void ensureOpen(const char* operation) const;
  void markClosed() { closed_ = true; }
  Task<> close();

 private:
  Task<> runConnectHandler();
  Task<> fallBackToTcp(std::vector<IceCandidate> candidates);

  TransportParameters parameters_;
  DtlsRole localRole_;
  ConnectHandler onConnect_;
  PeerConnection peer_;
  sdp::RemoteSdp remote_;
  std::vector<IceCandidate> fallback_;  ///< TCP candidates that wait for UDP to fail
  Mutex negotiation_;
  Scope scope_;
  Deferred<> told_;
  bool telling_ = false;
  bool closed_ = false;
};

}  // namespace cosoup
