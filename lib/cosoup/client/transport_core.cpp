#include "cosoup/client/transport_core.hpp"

#include "cosoup/webrtc/certificate.hpp"

namespace cosoup {
namespace {

DtlsRole opposite(DtlsRole role) {
  return role == DtlsRole::client ? DtlsRole::server : DtlsRole::client;
}

}  // namespace

TransportCore::TransportCore(bool receives, TransportParameters parameters, DtlsRole localRole,
                             ConnectHandler onConnect)
    : parameters_(std::move(parameters)),
      localRole_(localRole),
      onConnect_(std::move(onConnect)),
      peer_(receives ? "recv-transport" : "send-transport", receives),
      remote_(parameters_.iceParameters, parameters_.iceCandidates, parameters_.dtlsParameters,
              parameters_.sctpParameters) {
  // A server that insists on a role forces ours.
  const DtlsRole serverRole = parameters_.dtlsParameters.role;
  if (serverRole != DtlsRole::automatic) localRole_ = opposite(serverRole);
  remote_.setDtlsRole(opposite(localRole_));
  peer_.prepareFor(parameters_.iceCandidates);
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

Task<> TransportCore::start() { return peer_.start(); }

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
