#include "cosoup/client/transport.hpp"

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/client/transport_internals.hpp"

namespace cosoup {

Transport::Internals::Internals(std::shared_ptr<PeerConnection> peer, TransportOptions options,
                                DtlsRole localRole, ConnectHandler connect)
    : core(std::move(peer), std::move(options), localRole, std::move(connect)) {}

Transport::Internals::~Internals() = default;

Task<> Transport::Internals::connect() {
  const auto self = shared_from_this();
  core.ensureOpen("connect");
  if (!core.hasData()) co_return;
  core.tellServer();
  std::exception_ptr failure;
  try {
    co_await negotiateDataSlot("connect");
    co_await core.serverTold();
    core.ensureOpen("connect");
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) core.rethrow(failure, "connect");
}

Task<> Transport::Internals::negotiateDataSlot(const char* operation) {
  const auto turn = co_await core.negotiation().lock();
  core.ensureOpen(operation);
  // Half a negotiation would leave webrtcbin and us with different ideas of the sections.
  co_await shielded(negotiate());
}

Task<> Transport::Internals::restartIce(IceParameters iceParameters) {
  const auto self = shared_from_this();
  co_await core.restartIce(std::move(iceParameters));
}

Task<RtcStatsReport> Transport::Internals::getStats() {
  const auto self = shared_from_this();
  co_return co_await core.getStats();
}

Task<> Transport::Internals::close() {
  const auto self = shared_from_this();
  const bool wasOpen = core.markClosed();
  closeChildren();
  if (wasOpen) emitSignal(core.closed);
  co_await shielded(core.close());
  rejectPending();
}

Transport::Transport(std::shared_ptr<Internals> internals)
    : connectionStateChanged(internals->core.connectionStateChanged),
      iceGatheringStateChanged(internals->core.iceGatheringStateChanged),
      iceCandidateError(internals->core.iceCandidateError),
      sctpFailed(internals->core.sctpFailed),
      closed(internals->core.closed),
      internals_(std::move(internals)) {}

Transport::~Transport() {
  if (!isClosed()) finishInBackground(internals_->close());
}

const std::string& Transport::id() const { return internals_->core.id(); }

TransportDirection Transport::direction() const { return internals_->direction(); }

const Json& Transport::appData() const { return internals_->core.appData(); }

void Transport::setAppData(Json appData) { internals_->core.setAppData(std::move(appData)); }

ConnectionState Transport::connectionState() const { return internals_->core.connectionState(); }

IceGatheringState Transport::iceGatheringState() const {
  return internals_->core.iceGatheringState();
}

bool Transport::isClosed() const { return internals_->core.isClosed(); }

std::optional<Error> Transport::failure() const { return internals_->core.failure(); }

Task<> Transport::connect() { return internals_->connect(); }

Task<> Transport::restartIce(IceParameters iceParameters) {
  return internals_->restartIce(std::move(iceParameters));
}

void Transport::updateIceServers(const std::vector<IceServer>& iceServers) {
  internals_->core.updateIceServers(iceServers);
}

Task<RtcStatsReport> Transport::getStats() { return internals_->getStats(); }

std::optional<std::uint32_t> Transport::dataChannelMaxMessageSize() const {
  if (!internals_->core.hasData()) return std::nullopt;
  return internals_->maxMessageSize();
}

Task<> Transport::close() { return internals_->close(); }

}  // namespace cosoup
