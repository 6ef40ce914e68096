#include "cosoup/client/send_transport.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/client/check_fields.hpp"
#include "cosoup/client/data_producer_internals.hpp"
#include "cosoup/client/data_streams.hpp"
#include "cosoup/client/hold_until_closed.hpp"
#include "cosoup/client/make_transport.hpp"
#include "cosoup/client/producer_internals.hpp"
#include "cosoup/client/send_handler.hpp"
#include "cosoup/client/transport_internals.hpp"
#include "cosoup/rtc/extension_values.hpp"

namespace cosoup {
namespace {

/// As many as either side can; a server that does not say takes as many as there are.
std::uint16_t streamCount(const std::optional<SctpParameters>& server) {
  const std::uint16_t ours = SctpCapabilities().numStreams.OS;
  return server ? std::min(ours, server->MIS.value_or(ours)) : ours;
}

void check(const ProduceOptions& options) {
  if (!options.track) throw Error(Error::Code::InvalidArgument, "produce: no track");
  if (!options.track->caps()) {
    throw Error(Error::Code::InvalidArgument, "produce: the format of the track is not known");
  }
  if (options.track->isEnded()) {
    throw Error(Error::Code::InvalidArgument, "produce: the track has ended");
  }
  checkAppData("produce", options.appData);
  if (options.maxSpatialLayer && options.track->kind() != MediaKind::video) {
    throw Error(Error::Code::Unsupported, "produce: maxSpatialLayer is for video");
  }
  if (options.maxSpatialLayer.value_or(0) < 0) {
    throw Error(Error::Code::InvalidArgument, "produce: maxSpatialLayer is negative");
  }
  try {
    if (options.playoutDelay) playoutDelayBytes(*options.playoutDelay);
  } catch (const Error& error) {
    throw error.within("produce");
  }
}

}  // namespace

struct SendTransport::Internals : Transport::Internals {
  Internals(std::shared_ptr<PeerConnection> peer, TransportOptions options,
            ortc::ExtendedRtpCapabilities capabilities, SendHandlers handlers);

  TransportDirection direction() const override { return TransportDirection::send; }
  std::uint32_t maxMessageSize() const override { return core.maxSentMessageSize(); }
  Task<> negotiate() override { return handler.connect(); }
  void closeChildren() override;

  Task<std::shared_ptr<Producer>> produce(ProduceOptions options);
  Task<std::shared_ptr<DataProducer>> produceData(DataProduceOptions options);

  Task<Sending> send(ProduceOptions options, bool fresh);
  Task<std::unique_ptr<Producer::Internals>> make(ProduceOptions options, bool fresh);
  /// Whether the server has it now; false: it refused a slot that it knows already.
  Task<bool> produceAtServer(Producer::Internals& made);
  Task<std::unique_ptr<Producer::Internals>> makeAtServer(ProduceOptions options);
  Task<std::string> produceDataAtServer(const DataProducer::Internals& producer);
  std::shared_ptr<Internals> self() {
    return std::static_pointer_cast<Internals>(shared_from_this());
  }

  SendHandler handler;
  const ProduceHandler onProduce;
  const ProduceDataHandler onProduceData;
  DataStreams dataStreams;
  std::vector<std::shared_ptr<Producer>> producers;
  std::vector<std::shared_ptr<DataProducer>> dataProducers;
  Signal<std::shared_ptr<Producer>> newProducer;
  Signal<const std::string&> producerAbandoned;
  Signal<std::shared_ptr<DataProducer>> newDataProducer;
};

SendTransport::Internals::Internals(std::shared_ptr<PeerConnection> peer, TransportOptions options,
                                    ortc::ExtendedRtpCapabilities capabilities,
                                    SendHandlers handlers)
    // As the DTLS server we may send with our last flight, as the client only when the server's has
    // come: a round trip later.
    : Transport::Internals(std::move(peer), std::move(options), DtlsRole::server,
                           std::move(handlers.connect)),
      handler(core, std::move(capabilities)),
      onProduce(std::move(handlers.produce)),
      onProduceData(std::move(handlers.produceData)),
      dataStreams(core.peer(), streamCount(core.sctpParameters())) {}

// ---- media -------------------------------------------------------------------------------------

Task<Sending> SendTransport::Internals::send(ProduceOptions options, bool fresh) {
  const auto turn = co_await core.negotiation().lock();
  core.ensureOpen("produce");
  // Half a negotiation would leave webrtcbin and us with different ideas of the sections.
  co_return co_await shielded(handler.send(std::move(options), fresh));
}

Task<std::unique_ptr<Producer::Internals>> SendTransport::Internals::make(ProduceOptions options,
                                                                          bool fresh) {
  Sending sending = co_await send(options, fresh);
  auto made = std::make_unique<Producer::Internals>(options, std::move(sending));
  made->rtpSources = core.rtpSources();
  co_return made;
}

Task<bool> SendTransport::Internals::produceAtServer(Producer::Internals& made) {
  SendSlot& slot = *made.slot;
  // The negotiation cannot be cancelled; nobody is asked any more in the name of a caller that
  // was, nor of a transport that was closed meanwhile.
  co_await checkCancelled();
  core.ensureOpen("produce");
  const bool wasKnown = std::exchange(slot.isKnown, true);
  try {
    // The connect message went out first, so that both can be under way at the same time.
    made.id = co_await onProduce(slot.kind, made.rtpParameters, made.appData);
    slot.isDoubtful = true;  // unless it comes to the good end
    co_await core.serverTold();
    core.ensureOpen("produce");
    slot.isDoubtful = false;
    co_return true;
  } catch (const Error& error) {
    const bool refused = error.code() == Error::Code::Rejected && made.id.empty();
    slot.isDoubtful = !refused || wasKnown;
    slot.isKnown = slot.isDoubtful;
    if (refused && wasKnown) co_return false;
    throw;
  } catch (...) {
    slot.isDoubtful = true;
    throw;
  }
}

Task<std::unique_ptr<Producer::Internals>> SendTransport::Internals::makeAtServer(
    ProduceOptions options) {
  for (bool fresh = false;; fresh = true) {
    std::unique_ptr<Producer::Internals> made = co_await make(options, fresh);
    std::exception_ptr failure;
    try {
      if (co_await produceAtServer(*made)) co_return made;
    } catch (...) {
      failure = std::current_exception();
    }
    made->slot->feed.reset();
    if (!failure) continue;
    if (!made->id.empty()) emitSignal(producerAbandoned, made->id);
    std::rethrow_exception(failure);
  }
}

Task<std::shared_ptr<Producer>> SendTransport::Internals::produce(ProduceOptions options) {
  const auto alive = self();
  core.ensureOpen("produce");
  check(options);
  core.tellServer();
  std::unique_ptr<Producer::Internals> made;
  std::exception_ptr failure;
  try {
    made = co_await makeAtServer(std::move(options));
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) core.rethrow(failure, "produce");
  auto producer = std::make_shared<Producer>(std::move(made));
  holdUntilClosed(self(), &Internals::producers, producer);
  emitSignal(newProducer, producer);
  co_return producer;
}

// ---- messages ----------------------------------------------------------------------------------

Task<std::string> SendTransport::Internals::produceDataAtServer(
    const DataProducer::Internals& producer) {
  return onProduceData(producer.parameters, producer.options.label, producer.options.protocol,
                       producer.options.appData);
}

Task<std::shared_ptr<DataProducer>> SendTransport::Internals::produceData(
    DataProduceOptions options) {
  const auto alive = self();
  core.ensureOpen("produceData");
  auto made = std::make_shared<DataProducer::Internals>(std::move(options));
  made->parameters = sctpStreamParameters(made->options);
  core.ensureData("produceData");
  if (!onProduceData) {
    throw Error(Error::Code::InvalidState, "produceData: the transport was made without a handler");
  }
  made->maxMessageSize = core.maxSentMessageSize();
  made->peer = core.sharedPeer();
  made->sender = dataStreams.open(made->parameters);
  core.tellServer();
  std::exception_ptr failure;
  try {
    co_await negotiateDataSlot("produceData");
    // The negotiation cannot be cancelled; nobody is asked any more in the name of a caller that
    // was.
    co_await checkCancelled();
    core.ensureOpen("produceData");
    made->id = co_await produceDataAtServer(*made);
    co_await core.serverTold();
    core.ensureOpen("produceData");
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    made->sender->close();
    core.rethrow(failure, "produceData");
  }
  auto producer = std::make_shared<DataProducer>(std::move(made));
  holdUntilClosed(self(), &Internals::dataProducers, producer);
  emitSignal(newDataProducer, producer);
  co_return producer;
}

void SendTransport::Internals::closeChildren() {
  const auto endingData = dataProducers;
  for (const auto& producer : endingData) producer->closeByTransport();
  const auto ending = producers;
  for (const auto& producer : ending) producer->closeByTransport();
}

// ---- the transport -----------------------------------------------------------------------------

std::shared_ptr<SendTransport> makeSendTransport(std::shared_ptr<PeerConnection> peer,
                                                 TransportOptions options,
                                                 ortc::ExtendedRtpCapabilities capabilities,
                                                 SendHandlers handlers) {
  return std::make_shared<SendTransport>(std::make_shared<SendTransport::Internals>(
      std::move(peer), std::move(options), std::move(capabilities), std::move(handlers)));
}

SendTransport::SendTransport(std::shared_ptr<Internals> internals)
    : Transport(internals),
      newProducer(internals->newProducer),
      producerAbandoned(internals->producerAbandoned),
      newDataProducer(internals->newDataProducer) {}

SendTransport::Internals& SendTransport::internals() const {
  return static_cast<Internals&>(*internals_);
}

Task<std::shared_ptr<Producer>> SendTransport::produce(ProduceOptions options) {
  return internals().produce(std::move(options));
}

Task<std::shared_ptr<DataProducer>> SendTransport::produceData(DataProduceOptions options) {
  return internals().produceData(std::move(options));
}

}  // namespace cosoup
