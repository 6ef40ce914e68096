#include "cosoup/client/transport_core.hpp"

#include <algorithm>
#include <iterator>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/client/check_fields.hpp"
#include "cosoup/rtc/fingerprints.hpp"
#include "cosoup/webrtc/certificate.hpp"

namespace cosoup {
namespace {

DtlsRole opposite(DtlsRole role) {
  return role == DtlsRole::client ? DtlsRole::server : DtlsRole::client;
}

// How long UDP may take before TCP is tried, too. A second is a slow path already; the server gives
// up on ICE only after many.
constexpr std::chrono::milliseconds kUdpPatience{2000};

// So much of a message is kept until its end has come, in each transport whose server sends such
// messages. mediasoup's own is 256 KiB, what the field raises it to is 5 MB.
constexpr std::uint32_t kMostOfMessage = 5 * 1024 * 1024;

/// With TCP candidates in the first description libnice would confirm every pair by a second check,
/// which costs a round trip, so they come later, where they are needed at all.
std::vector<IceCandidate> firstCandidates(const std::vector<IceCandidate>& candidates) {
  std::vector<IceCandidate> first;
  std::ranges::copy_if(candidates, std::back_inserter(first),
                       [](const IceCandidate& candidate) { return !candidate.isTcp(); });
  return first.empty() ? candidates : first;
}

}  // namespace

TransportCore::TransportCore(std::shared_ptr<PeerConnection> peer, TransportOptions options,
                             DtlsRole localRole, ConnectHandler onConnect)
    : parameters_(std::move(options.parameters)),
      appData_(std::move(options.appData)),
      localRole_(localRole),
      onConnect_(std::move(onConnect)),
      peer_(std::move(peer)),
      remote_(parameters_.iceParameters, firstCandidates(parameters_.iceCandidates),
              parameters_.dtlsParameters, parameters_.sctpParameters) {
  // A server that insists on a role forces ours.
  const DtlsRole serverRole = parameters_.dtlsParameters.role;
  if (serverRole != DtlsRole::automatic) localRole_ = opposite(serverRole);
  remote_.setDtlsRole(opposite(localRole_));
  peer_->setIceServers(readIceServers(options.iceServers));
  peer_->setIceTransportPolicy(options.iceTransportPolicy);
  peer_->dataChannels().setMaxMessageSize(maxReceivedMessageSize());
  watchPeer();
  peer_->expectCertificate(verifiableFingerprints(parameters_.dtlsParameters));
  candidates_ = firstCandidates(parameters_.iceCandidates);
  peer_->prepareFor(candidates_);
  if (candidates_.size() == parameters_.iceCandidates.size()) return;
  std::ranges::copy_if(parameters_.iceCandidates, std::back_inserter(fallback_),
                       &IceCandidate::isTcp);
}

std::uint32_t TransportCore::maxSentMessageSize() const {
  if (!hasData()) return 0;
  return std::min(maxMessageSizeToServer(*sctpParameters()), kMaxSentMessage);
}

std::uint32_t TransportCore::maxReceivedMessageSize() const {
  if (!hasData()) return 0;
  return std::min(maxMessageSizeFromServer(*sctpParameters()), kMostOfMessage);
}

void TransportCore::setAppData(Json appData) {
  checkAppData("setAppData", appData);
  appData_ = std::move(appData);
}

void TransportCore::watchPeer() {
  connections_.push_back(
      peer_->peerRefused.connect([this](const Error& error) { failure_ = error; }));
  connections_.push_back(peer_->connectionStateChanged.connect(
      [this, last = peer_->connectionState()](ConnectionState now) mutable {
        if (!closed_ && std::exchange(last, now) != now) emitSignal(connectionStateChanged, now);
      }));
  connections_.push_back(peer_->iceGatheringStateChanged.connect(
      [this, last = peer_->iceGatheringState()](IceGatheringState now) mutable {
        if (!closed_ && std::exchange(last, now) != now) emitSignal(iceGatheringStateChanged, now);
      }));
  connections_.push_back(peer_->dataChannels().failed.connect([this](const Error& error) {
    // A little later, when those that it carried have heard of it.
    if (!closed_) scope_.spawn(tellSctpFailed(error));
  }));
  connections_.push_back(peer_->iceCandidateFailed.connect([this](const IceCandidateError& error) {
    if (!closed_) emitSignal(iceCandidateError, error);
  }));
}

Task<> TransportCore::tellSctpFailed(Error error) {
  co_await sleepFor(std::chrono::milliseconds(0));
  emitSignal(sctpFailed, error);
}

void TransportCore::tellServer() {
  if (telling_) return;
  telling_ = true;
  scope_.spawn(runConnectHandler());
}

Task<> TransportCore::runConnectHandler() {
  DtlsParameters ours;
  ours.role = localRole_;
  ours.fingerprints.push_back(dtlsCertificate().fingerprint);
  try {
    co_await onConnect_(std::move(ours));
    told_.resolve();
  } catch (...) {
    std::exception_ptr failure = std::current_exception();
    // Those who wait are not the ones who were cancelled.
    if (closed_) {
      failure = std::make_exception_ptr(
          Error(Error::Code::InvalidState, "connect: the transport is closed"));
    }
    told_.reject(failure);
  }
}

Task<> TransportCore::start() {
  co_await peer_->start();
  std::vector<IceCandidate> candidates = std::exchange(fallback_, {});
  if (!candidates.empty()) scope_.spawn(fallBackToTcp(std::move(candidates)));
}

ConnectionState TransportCore::connectionState() const {
  return closed_ ? ConnectionState::closed : peer_->connectionState();
}

Task<> TransportCore::fallBackToTcp(std::vector<IceCandidate> candidates) {
  do {
    co_await sleepFor(kUdpPatience);
  } while (peer_->connectionState() == ConnectionState::fresh);
  if (peer_->connectionState() != ConnectionState::connecting) co_return;
  peer_->addCandidates(candidates);
  candidates_.insert(candidates_.end(), candidates.begin(), candidates.end());
}

Task<> TransportCore::restartIce(IceParameters iceParameters) {
  ensureOpen("restartIce");
  checkFields("restartIce", iceParameters);
  const auto turn = co_await negotiation_.lock();
  ensureOpen("restartIce");
  // The descriptions to come name the new ones, too: webrtcbin tells libnice what they say.
  remote_.updateIceParameters(iceParameters);
  if (remote_.size() == 0) co_return;  // nothing has been negotiated yet
  peer_->restartIce(iceParameters, candidates_);
}

void TransportCore::updateIceServers(const std::vector<IceServer>& iceServers) {
  ensureOpen("updateIceServers");
  try {
    peer_->setIceServers(readIceServers(iceServers));
  } catch (const Error& error) {
    throw error.within("updateIceServers");
  }
}

Task<RtcStatsReport> TransportCore::getStats() {
  ensureOpen("getStats");
  const std::shared_ptr<PeerConnection> peer = peer_;
  Json raw = co_await peer->stats();
  ensureOpen("getStats");
  RtcStatsReport report = readRtpSources(peer->rtpSources(), [](std::uint32_t) { return true; });
  addReceptions(report, [&](std::uint32_t ssrc) { return peer->reception(ssrc); });
  report.selectedCandidatePair = peer->selectedCandidatePair();
  report.raw = std::move(raw);
  co_return report;
}

std::function<std::vector<Json>()> TransportCore::rtpSources() const {
  return [weak = std::weak_ptr(peer_)]() -> std::vector<Json> {
    const auto alive = weak.lock();
    if (!alive) return {};
    return alive->rtpSources();
  };
}

void TransportCore::ensureOpen(const char* operation) const {
  if (closed_) {
    throw Error(Error::Code::InvalidState, std::string(operation) + ": the transport is closed");
  }
  if (failure_) throw failure_->within(operation);
}

void TransportCore::rethrow(std::exception_ptr failure, const char* operation) const {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    ensureOpen(operation);
    const std::string prefix = std::string(operation) + ": ";
    if (std::string(error.what()).starts_with(prefix)) throw;
    throw error.within(operation);
  }
}

void TransportCore::ensureData(const char* operation) const {
  if (hasData()) return;
  throw Error(Error::Code::Unsupported,
              std::string(operation) + ": the server has no SCTP on this transport");
}

Task<> TransportCore::close() {
  closed_ = true;
  co_await scope_.close();
  co_await peer_->close();
}

}  // namespace cosoup
