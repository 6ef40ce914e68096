#include "cosoup/client/recv_transport.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/emit_signal.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/client/check_fields.hpp"
#include "cosoup/client/consumer_internals.hpp"
#include "cosoup/client/data_consumer_internals.hpp"
#include "cosoup/client/hold_until_closed.hpp"
#include "cosoup/client/make_transport.hpp"
#include "cosoup/client/recv_handler.hpp"
#include "cosoup/client/transport_internals.hpp"
#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/rtc/ortc.hpp"

namespace cosoup {
namespace {

bool isOfKind(const RtpParameters& parameters, MediaKind kind) {
  const std::string& mimeType = parameters.codecs.front().mimeType;
  return ortc::equalsIgnoringCase(mimeType.substr(0, mimeType.find('/')), toString(kind));
}

/// What a server says of a consumer is not trusted.
void ensureConsumable(const ConsumeOptions& options,
                      const ortc::ExtendedRtpCapabilities& capabilities) {
  const auto refuse = [](const std::string& reason) {
    throw Error(Error::Code::InvalidArgument, "consume: " + reason);
  };
  if (options.id.empty()) refuse("'id' is empty");
  if (options.producerId.empty()) refuse("'producerId' is empty");
  checkAppData("consume", options.appData);
  try {
    ortc::validateConsumerRtpParameters(options.rtpParameters);
  } catch (const Error& error) {
    throw error.within("consume");
  }
  if (!isOfKind(options.rtpParameters, options.kind)) {
    refuse("the first codec is not " + toString(options.kind));
  }
  if (!ortc::canReceive(options.rtpParameters, capabilities)) {
    throw Error(Error::Code::Unsupported, "consume: no codec for producer " + options.producerId);
  }
}

/// Ends when nobody speaks any more. Silence may send no packets, hence the polling.
Task<> watchSpeech(std::shared_ptr<ReceivedTrack> track) {
  constexpr std::chrono::milliseconds kStep{200};
  while (track->level->isSpeaking()) {
    co_await sleepFor(kStep);
    track->level->wait();
  }
  track->watchesSpeech = false;
}

}  // namespace

struct RecvTransport::Internals : Transport::Internals {
  struct Request {
    ConsumeOptions options;
    Deferred<std::shared_ptr<Consumer>> made;
  };

  Internals(std::shared_ptr<PeerConnection> peer, TransportOptions options,
            ortc::ExtendedRtpCapabilities supported, ConnectHandler connect);

  TransportDirection direction() const override { return TransportDirection::recv; }
  std::uint32_t maxMessageSize() const override { return core.maxReceivedMessageSize(); }
  Task<> negotiate() override { return handler.connect(); }
  void closeChildren() override;
  void rejectPending() override;

  Task<std::shared_ptr<Consumer>> consume(ConsumeOptions options);
  Task<std::shared_ptr<DataConsumer>> consumeData(DataConsumeOptions options);

  Task<> negotiatePending();
  Task<> receive(std::vector<Request> batch);
  std::shared_ptr<Consumer> makeConsumer(const ConsumeOptions& options,
                                         std::shared_ptr<ReceivedTrack> track);
  Task<> release(std::shared_ptr<ReceivedTrack> track);
  Task<> closeWhenMade(Deferred<std::shared_ptr<Consumer>> made);
  Task<> connectForData();
  void checkDataOptions(const DataConsumeOptions& options) const;
  void endDataConsumers(const Error& error);
  std::shared_ptr<Internals> self() {
    return std::static_pointer_cast<Internals>(shared_from_this());
  }

  RecvHandler handler;
  const ortc::ExtendedRtpCapabilities capabilities;
  std::vector<std::shared_ptr<Consumer>> consumers;
  std::vector<std::shared_ptr<DataConsumer>> dataConsumers;
  Signal<std::shared_ptr<Consumer>> newConsumer;
  Signal<std::shared_ptr<DataConsumer>> newDataConsumer;
  Connection dataFailed;
  std::vector<Request> pending;
  bool negotiating = false;
};

RecvTransport::Internals::Internals(std::shared_ptr<PeerConnection> peer, TransportOptions options,
                                    ortc::ExtendedRtpCapabilities supported, ConnectHandler connect)
    : Transport::Internals(std::move(peer), std::move(options), DtlsRole::client,
                           std::move(connect)),
      handler(core),
      capabilities(std::move(supported)) {
  dataFailed = core.peer().dataChannels().failed.connect(
      [this](const Error& error) { endDataConsumers(error); });
}

// ---- media -------------------------------------------------------------------------------------

Task<std::shared_ptr<Consumer>> RecvTransport::Internals::consume(ConsumeOptions options) {
  const auto alive = self();
  core.ensureOpen("consume");
  ensureConsumable(options, capabilities);
  core.tellServer();
  Request request{std::move(options), {}};
  const Deferred<std::shared_ptr<Consumer>> made = request.made;
  pending.push_back(std::move(request));
  if (!negotiating) {
    negotiating = true;
    core.scope().spawn(negotiatePending());
  }
  std::shared_ptr<Consumer> consumer;
  std::exception_ptr failure;
  try {
    consumer = co_await made.wait();
    co_await core.serverTold();
    core.ensureOpen("consume");
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    // Cancelled while the negotiation goes on: the consumer is closed as soon as it is there.
    if (!consumer) core.scope().spawn(closeWhenMade(made));
    if (consumer) consumer->close();
    core.rethrow(failure, "consume");
  }
  co_return consumer;
}

Task<> RecvTransport::Internals::closeWhenMade(Deferred<std::shared_ptr<Consumer>> made) {
  try {
    const std::shared_ptr<Consumer> consumer = co_await made.wait();
    consumer->close();
  } catch (const Error&) {
    // It was never made.
  }
}

Task<> RecvTransport::Internals::negotiatePending() {
  const auto alive = self();
  while (!pending.empty()) {
    // A turn of the loop, so that consumers that arrive together are negotiated together.
    co_await sleepFor(std::chrono::milliseconds(0));
    const auto turn = co_await core.negotiation().lock();
    std::vector<Request> batch = std::exchange(pending, {});
    co_await shielded(receive(std::move(batch)));
  }
  negotiating = false;
}

Task<> RecvTransport::Internals::receive(std::vector<Request> batch) {
  std::vector<ConsumeOptions> options;
  for (const Request& request : batch) options.push_back(request.options);
  std::exception_ptr failure;
  std::vector<std::shared_ptr<ReceivedTrack>> tracks;
  try {
    core.ensureOpen("consume");
    tracks = co_await handler.receive(std::move(options));
    core.ensureOpen("consume");
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      batch[i].made.resolve(makeConsumer(batch[i].options, tracks[i]));
    }
  } else if (batch.size() == 1) {
    batch.front().made.reject(failure);
  } else {
    // One bad consumer must not take the others with it.
    for (Request& request : batch) {
      std::vector<Request> alone;
      alone.push_back(std::move(request));
      co_await receive(std::move(alone));
    }
  }
}

std::shared_ptr<Consumer> RecvTransport::Internals::makeConsumer(
    const ConsumeOptions& options, std::shared_ptr<ReceivedTrack> track) {
  auto made = std::make_unique<Consumer::Internals>(options);
  made->received = track;
  made->rtpSources = core.rtpSources();
  made->packetsLost = [weak = std::weak_ptr(self()), ssrc = track->stream.ssrc]() -> std::int64_t {
    const auto alive = weak.lock();
    return alive ? alive->core.peer().packetsLost(ssrc) : 0;
  };
  made->reception = [weak = std::weak_ptr(self()), ssrc = track->stream.ssrc] {
    const auto alive = weak.lock();
    return alive ? alive->core.peer().reception(ssrc) : std::nullopt;
  };
  made->release = [weak = std::weak_ptr(self()), track] {
    const auto alive = weak.lock();
    if (alive && !alive->core.isClosed()) alive->core.scope().spawn(alive->release(track));
  };
  track->speechChanged
      .connect([weak = std::weak_ptr(self()), held = std::weak_ptr(track)] {
        const auto alive = weak.lock();
        const auto speaker = held.lock();
        if (!alive || !speaker || alive->core.isClosed()) return;
        if (std::exchange(speaker->watchesSpeech, true)) return;
        alive->core.scope().spawn(watchSpeech(speaker));
      })
      .release();
  auto consumer = std::make_shared<Consumer>(std::move(made));
  holdUntilClosed(self(), &Internals::consumers, consumer);
  emitSignal(newConsumer, consumer);
  return consumer;
}

Task<> RecvTransport::Internals::release(std::shared_ptr<ReceivedTrack> track) {
  const auto alive = self();
  const auto turn = co_await core.negotiation().lock();
  co_await handler.stop(track);
}

// ---- messages ----------------------------------------------------------------------------------

void RecvTransport::Internals::checkDataOptions(const DataConsumeOptions& options) const {
  const auto refuse = [](const std::string& reason) {
    throw Error(Error::Code::InvalidArgument, "consumeData: " + reason);
  };
  if (options.id.empty()) refuse("'id' is empty");
  if (options.dataProducerId.empty()) refuse("'dataProducerId' is empty");
  checkAppData("consumeData", options.appData);
  checkFields("consumeData", options.sctpStreamParameters);
  const std::uint16_t streamId = options.sctpStreamParameters.streamId;
  const bool inUse =
      std::any_of(dataConsumers.begin(), dataConsumers.end(), [streamId](const auto& consumer) {
        return consumer->sctpStreamParameters().streamId == streamId;
      });
  if (inUse) refuse("stream " + std::to_string(streamId) + " is in use");
}

Task<> RecvTransport::Internals::connectForData() {
  std::exception_ptr failure;
  try {
    co_await negotiateDataSlot("consumeData");
    co_await core.serverTold();
    core.ensureOpen("consumeData");
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) core.rethrow(failure, "consumeData");
}

Task<std::shared_ptr<DataConsumer>> RecvTransport::Internals::consumeData(
    DataConsumeOptions options) {
  const auto alive = self();
  core.ensureOpen("consumeData");
  checkDataOptions(options);
  core.ensureData("consumeData");
  core.tellServer();
  co_await connectForData();
  checkDataOptions(options);  // another one may have taken the stream meanwhile
  const std::uint16_t streamId = options.sctpStreamParameters.streamId;
  auto made = std::make_unique<DataConsumer::Internals>(std::move(options), core.sharedPeer());
  auto consumer = std::make_shared<DataConsumer>(std::move(made));
  holdUntilClosed(self(), &Internals::dataConsumers, consumer);
  core.peer().dataChannels().receive(streamId,
                                     [weak = std::weak_ptr(consumer)](const DataMessage& message) {
                                       if (const auto alive = weak.lock()) alive->take(message);
                                     });
  emitSignal(newDataConsumer, consumer);
  co_return consumer;
}

void RecvTransport::Internals::endDataConsumers(const Error& error) {
  const auto ending = dataConsumers;
  for (const auto& consumer : ending) {
    emitSignal(consumer->failed, error);
    consumer->close();
  }
}

// ---- the transport -----------------------------------------------------------------------------

void RecvTransport::Internals::closeChildren() {
  dataFailed.disconnect();
  const auto endingData = dataConsumers;
  for (const auto& consumer : endingData) consumer->closeByTransport();
  const auto ending = consumers;
  for (const auto& consumer : ending) consumer->closeByTransport();
}

void RecvTransport::Internals::rejectPending() {
  for (const Request& request : std::exchange(pending, {})) {
    Deferred<std::shared_ptr<Consumer>> made = request.made;
    made.reject(std::make_exception_ptr(
        Error(Error::Code::InvalidState, "consume: the transport was closed")));
  }
}

std::shared_ptr<RecvTransport> makeRecvTransport(std::shared_ptr<PeerConnection> peer,
                                                 TransportOptions options,
                                                 ortc::ExtendedRtpCapabilities capabilities,
                                                 ConnectHandler connect) {
  return std::make_shared<RecvTransport>(std::make_shared<RecvTransport::Internals>(
      std::move(peer), std::move(options), std::move(capabilities), std::move(connect)));
}

RecvTransport::RecvTransport(std::shared_ptr<Internals> internals)
    : Transport(internals),
      newConsumer(internals->newConsumer),
      newDataConsumer(internals->newDataConsumer) {}

RecvTransport::Internals& RecvTransport::internals() const {
  return static_cast<Internals&>(*internals_);
}

Task<std::shared_ptr<Consumer>> RecvTransport::consume(ConsumeOptions options) {
  return internals().consume(std::move(options));
}

Task<std::shared_ptr<DataConsumer>> RecvTransport::consumeData(DataConsumeOptions options) {
  return internals().consumeData(std::move(options));
}

}  // namespace cosoup
