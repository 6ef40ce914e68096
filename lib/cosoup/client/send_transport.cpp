#include <algorithm>

#include "cosoup/client/check_fields.hpp"
#include "cosoup/client/producer_internals.hpp"
#include "cosoup/client/transport.hpp"
#include "cosoup/client/transport_internals.hpp"
#include "cosoup/rtc/extension_values.hpp"

namespace cosoup {
namespace {

/// As many as either side can; a server that does not say takes as many as there are.
std::uint16_t streamCount(const std::optional<SctpParameters>& server) {
  const std::uint16_t ours = SctpCapabilities().numStreams.OS;
  return server ? std::min(ours, server->MIS.value_or(ours)) : ours;
}

}  // namespace

SendTransport::Internals::Internals(std::shared_ptr<PeerConnection> peer, TransportOptions options,
                                    ortc::ExtendedRtpCapabilities capabilities,
                                    ConnectHandler connect, ProduceHandler produce,
                                    ProduceDataHandler produceData)
    // As the DTLS server we may send with our last flight, as the client only when the server's has
    // come: a round trip later.
    : core(std::move(peer), std::move(options), DtlsRole::server, std::move(connect)),
      handler(core, std::move(capabilities)),
      onProduce(std::move(produce)),
      onProduceData(std::move(produceData)),
      dataStreams(core.peer(), streamCount(core.sctpParameters())) {}

Task<> SendTransport::Internals::connect() {
  const auto self = shared_from_this();
  std::function<Task<>()> negotiate = [this] { return handler.connect(); };
  co_await core.connect(std::move(negotiate));
}

Task<Sending> SendTransport::Internals::send(ProduceOptions options) {
  const auto turn = co_await core.negotiation().lock();
  core.ensureOpen("produce");
  // Half a negotiation would leave webrtcbin and us with different ideas of the sections.
  co_return co_await shielded(handler.send(std::move(options)));
}

namespace {

void check(const ProduceOptions& options) {
  if (!options.track) throw Error(Error::Code::InvalidArgument, "produce: no track");
  if (!options.track->caps()) {
    throw Error(Error::Code::InvalidArgument, "produce: the format of the track is not known");
  }
  if (options.track->isEnded()) {
    throw Error(Error::Code::InvalidArgument, "produce: the track has ended");
  }
  checkAppData("produce", options.appData);
  try {
    if (options.playoutDelay) playoutDelayBytes(*options.playoutDelay);
  } catch (const Error& error) {
    throw error.within("produce");
  }
}

}  // namespace

Task<std::shared_ptr<Producer>> SendTransport::Internals::produce(ProduceOptions options) {
  const auto self = shared_from_this();
  core.ensureOpen("produce");
  check(options);
  core.tellServer();
  std::unique_ptr<Producer::Internals> made;
  std::exception_ptr failure;
  try {
    Sending sending = co_await send(options);
    made = std::make_unique<Producer::Internals>(options, std::move(sending));
    made->rtpSources = core.rtpSources();
    // The negotiation cannot be cancelled; nobody is asked any more in the name of a caller that
    // was, nor of a transport that was closed meanwhile.
    co_await checkCancelled();
    core.ensureOpen("produce");
    // The connect message went out first, so that both can be under way at the same time.
    made->id = co_await onProduce(made->slot->kind, made->rtpParameters, made->appData);
    co_await core.serverTold();
    core.ensureOpen("produce");
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    if (made) made->slot->feed.reset();
    core.rethrow(failure, "produce");
  }
  auto producer = std::make_shared<Producer>(std::move(made));
  producers.push_back(producer);
  producer->closed
      .connect([weak = weak_from_this(), raw = producer.get()] {
        const auto alive = weak.lock();
        if (!alive) return;
        std::erase_if(alive->producers, [&](const auto& held) { return held.get() == raw; });
      })
      .release();
  newProducer.emit(producer);
  co_return producer;
}

Task<> SendTransport::Internals::restartIce(IceParameters iceParameters) {
  const auto self = shared_from_this();
  co_await core.restartIce(std::move(iceParameters));
}

Task<RtcStatsReport> SendTransport::Internals::getStats() {
  const auto self = shared_from_this();
  co_return co_await core.getStats();
}

Task<> SendTransport::Internals::close() {
  const auto self = shared_from_this();
  const bool wasOpen = core.markClosed();
  const auto endingData = dataProducers;
  for (const auto& producer : endingData) producer->closeByTransport();
  const auto ending = producers;
  for (const auto& producer : ending) producer->closeByTransport();
  if (wasOpen) core.closed.emit();
  co_await shielded(core.close());
}

SendTransport::SendTransport(std::shared_ptr<Internals> internals)
    : internals_(std::move(internals)) {}

SendTransport::~SendTransport() {
  if (!internals_->core.isClosed()) finishInBackground(internals_->close());
}

const std::string& SendTransport::id() const { return internals_->core.id(); }

const Json& SendTransport::appData() const { return internals_->core.appData(); }
void SendTransport::setAppData(Json appData) { internals_->core.setAppData(std::move(appData)); }

ConnectionState SendTransport::connectionState() const {
  return internals_->core.connectionState();
}

bool SendTransport::isClosed() const { return internals_->core.isClosed(); }

Task<> SendTransport::connect() { return internals_->connect(); }

Task<std::shared_ptr<Producer>> SendTransport::produce(ProduceOptions options) {
  return internals_->produce(std::move(options));
}

Task<> SendTransport::close() { return internals_->close(); }

IceGatheringState SendTransport::iceGatheringState() const {
  return internals_->core.iceGatheringState();
}

Task<> SendTransport::restartIce(IceParameters iceParameters) {
  return internals_->restartIce(std::move(iceParameters));
}

void SendTransport::updateIceServers(const std::vector<IceServer>& iceServers) {
  internals_->core.updateIceServers(iceServers);
}

Task<RtcStatsReport> SendTransport::getStats() { return internals_->getStats(); }

Signal<ConnectionState>& SendTransport::connectionStateChanged() {
  return internals_->core.connectionStateChanged;
}

Signal<IceGatheringState>& SendTransport::iceGatheringStateChanged() {
  return internals_->core.iceGatheringStateChanged;
}
Signal<IceCandidateError>& SendTransport::iceCandidateError() {
  return internals_->core.iceCandidateError;
}

Signal<>& SendTransport::closed() { return internals_->core.closed; }

Signal<std::shared_ptr<Producer>>& SendTransport::newProducer() { return internals_->newProducer; }

}  // namespace cosoup
