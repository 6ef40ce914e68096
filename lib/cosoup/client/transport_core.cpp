#include "cosoup/client/transport_core.hpp"

#include <algorithm>
#include <iterator>

#include "cosoup/async/loop.hpp"
#include "cosoup/webrtc/certificate.hpp"

namespace cosoup {
namespace {

DtlsRole opposite(DtlsRole role) {
  return role == DtlsRole::client ? DtlsRole::server : DtlsRole::client;
}

// How long UDP may take before TCP is tried, too. A second is a slow path already; the server gives
// up on ICE only after many.
constexpr std::chrono::milliseconds kUdpPatience{2000};

bool isTcp(const IceCandidate& candidate) { return candidate.protocol == "tcp"; }

/// With TCP candidates in the first description libnice would confirm every pair by a second check,
/// which costs a round trip, so they come later, where they are needed at all.
std::vector<IceCandidate> firstCandidates(const std::vector<IceCandidate>& candidates) {
  std::vector<IceCandidate> first;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(first),
               [](const IceCandidate& candidate) { return !isTcp(candidate); });
  return first.empty() ? candidates : first;
}

}  // namespace

TransportCore::TransportCore(bool receives, TransportParameters parameters, DtlsRole localRole,
                             ConnectHandler onConnect)
    : parameters_(std::move(parameters)),
      localRole_(localRole),
      onConnect_(std::move(onConnect)),
      peer_(receives ? "recv-transport" : "send-transport", receives),
      remote_(parameters_.iceParameters, firstCandidates(parameters_.iceCandidates),
              parameters_.dtlsParameters, parameters_.sctpParameters) {
  // A server that insists on a role forces ours.
  const DtlsRole serverRole = parameters_.dtlsParameters.role;
  if (serverRole != DtlsRole::automatic) localRole_ = opposite(serverRole);
  remote_.setDtlsRole(opposite(localRole_));
  const std::vector<IceCandidate> first = firstCandidates(parameters_.iceCandidates);
  peer_.prepareFor(first);
  if (first.size() == parameters_.iceCandidates.size()) return;
  std::copy_if(parameters_.iceCandidates.begin(), parameters_.iceCandidates.end(),
               std::back_inserter(fallback_), &isTcp);
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
    told_.reject(std::current_exception());
  }
}

Task<> TransportCore::start() {
  co_await peer_.start();
  std::vector<IceCandidate> candidates = std::exchange(fallback_, {});
  if (!candidates.empty()) scope_.spawn(fallBackToTcp(std::move(candidates)));
}

Task<> TransportCore::connect(std::function<Task<>()> negotiateDataSlot) {
  ensureOpen("connect");
  if (!hasData()) co_return;
  tellServer();
  {
    const auto turn = co_await negotiation_.lock();
    ensureOpen("connect");
    // Half a negotiation would leave webrtcbin and us with different ideas of the sections.
    co_await shielded(negotiateDataSlot());
  }
  co_await serverTold();
}

ConnectionState TransportCore::connectionState() const {
  return closed_ ? ConnectionState::closed : peer_.connectionState();
}

Task<> TransportCore::fallBackToTcp(std::vector<IceCandidate> candidates) {
  do {
    co_await sleepFor(kUdpPatience);
  } while (peer_.connectionState() == ConnectionState::fresh);
  if (peer_.connectionState() == ConnectionState::connecting) peer_.addCandidates(candidates);
}

void TransportCore::ensureOpen(const char* operation) const {
  if (closed_) {
    throw Error(Error::Code::InvalidState, std::string(operation) + ": the transport is closed");
  }
}

Task<> TransportCore::close() {
  closed_ = true;
  co_await scope_.close();
  co_await peer_.close();
}

}  // namespace cosoup
