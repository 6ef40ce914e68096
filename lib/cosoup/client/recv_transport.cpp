#include "cosoup/async/loop.hpp"
#include "cosoup/client/check_fields.hpp"
#include "cosoup/client/consumer_internals.hpp"
#include "cosoup/client/transport.hpp"
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

RecvTransport::Internals::Internals(std::shared_ptr<PeerConnection> peer, TransportOptions options,
                                    ortc::ExtendedRtpCapabilities supported, ConnectHandler connect)
    : core(std::move(peer), std::move(options), DtlsRole::client, std::move(connect)),
      handler(core),
      capabilities(std::move(supported)) {
  dataFailed = core.peer().dataChannels().failed.connect(
      [this](const Error& error) { endDataConsumers(error); });
}

Task<> RecvTransport::Internals::connect() {
  const auto self = shared_from_this();
  std::function<Task<>()> negotiate = [this] { return handler.connect(); };
  co_await core.connect(std::move(negotiate));
}

Task<std::shared_ptr<Consumer>> RecvTransport::Internals::consume(ConsumeOptions options) {
  const auto self = shared_from_this();
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
  const auto self = shared_from_this();
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
  made->packetsLost = [weak = weak_from_this(), ssrc = track->ssrc]() -> std::int64_t {
    const auto alive = weak.lock();
    return alive ? alive->core.peer().packetsLost(ssrc) : 0;
  };
  made->release = [weak = weak_from_this(), track] {
    const auto alive = weak.lock();
    if (alive && !alive->core.isClosed()) alive->core.scope().spawn(alive->release(track));
  };
  track->speechChanged
      .connect([weak = weak_from_this(), held = std::weak_ptr(track)] {
        const auto alive = weak.lock();
        const auto speaker = held.lock();
        if (!alive || !speaker || alive->core.isClosed()) return;
        if (std::exchange(speaker->watchesSpeech, true)) return;
        alive->core.scope().spawn(watchSpeech(speaker));
      })
      .release();
  auto consumer = std::make_shared<Consumer>(std::move(made));
  consumers.push_back(consumer);
  consumer->closed
      .connect([weak = weak_from_this(), raw = consumer.get()] {
        const auto alive = weak.lock();
        if (!alive) return;
        std::erase_if(alive->consumers, [&](const auto& held) { return held.get() == raw; });
      })
      .release();
  newConsumer.emit(consumer);
  return consumer;
}

Task<> RecvTransport::Internals::release(std::shared_ptr<ReceivedTrack> track) {
  const auto self = shared_from_this();
  const auto turn = co_await core.negotiation().lock();
  handler.stop(*track);
}

Task<> RecvTransport::Internals::restartIce(IceParameters iceParameters) {
  const auto self = shared_from_this();
  co_await core.restartIce(std::move(iceParameters));
}

Task<RtcStatsReport> RecvTransport::Internals::getStats() {
  const auto self = shared_from_this();
  co_return co_await core.getStats();
}

Task<> RecvTransport::Internals::close() {
  const auto self = shared_from_this();
  const bool wasOpen = core.markClosed();
  dataFailed.disconnect();
  const auto endingData = dataConsumers;
  for (const auto& consumer : endingData) consumer->closeByTransport();
  const auto ending = consumers;
  for (const auto& consumer : ending) consumer->closeByTransport();
  if (wasOpen) core.closed.emit();
  co_await shielded(core.close());
  for (const Request& request : std::exchange(pending, {})) {
    Deferred<std::shared_ptr<Consumer>> made = request.made;
    made.reject(std::make_exception_ptr(
        Error(Error::Code::InvalidState, "consume: the transport was closed")));
  }
}

RecvTransport::RecvTransport(std::shared_ptr<Internals> internals)
    : internals_(std::move(internals)) {}

RecvTransport::~RecvTransport() {
  if (!internals_->core.isClosed()) finishInBackground(internals_->close());
}

const std::string& RecvTransport::id() const { return internals_->core.id(); }

const Json& RecvTransport::appData() const { return internals_->core.appData(); }
void RecvTransport::setAppData(Json appData) { internals_->core.setAppData(std::move(appData)); }

ConnectionState RecvTransport::connectionState() const {
  return internals_->core.connectionState();
}

bool RecvTransport::isClosed() const { return internals_->core.isClosed(); }

Task<> RecvTransport::connect() { return internals_->connect(); }

Task<std::shared_ptr<Consumer>> RecvTransport::consume(ConsumeOptions options) {
  return internals_->consume(std::move(options));
}

Task<> RecvTransport::close() { return internals_->close(); }

std::size_t RecvTransport::sections() const { return internals_->core.remote().size(); }

IceGatheringState RecvTransport::iceGatheringState() const {
  return internals_->core.iceGatheringState();
}

Task<> RecvTransport::restartIce(IceParameters iceParameters) {
  return internals_->restartIce(std::move(iceParameters));
}

void RecvTransport::updateIceServers(const std::vector<IceServer>& iceServers) {
  internals_->core.updateIceServers(iceServers);
}

Task<RtcStatsReport> RecvTransport::getStats() { return internals_->getStats(); }

Signal<ConnectionState>& RecvTransport::connectionStateChanged() {
  return internals_->core.connectionStateChanged;
}

Signal<IceGatheringState>& RecvTransport::iceGatheringStateChanged() {
  return internals_->core.iceGatheringStateChanged;
}
Signal<IceCandidateError>& RecvTransport::iceCandidateError() {
  return internals_->core.iceCandidateError;
}

Signal<>& RecvTransport::closed() { return internals_->core.closed; }

Signal<std::shared_ptr<Consumer>>& RecvTransport::newConsumer() { return internals_->newConsumer; }

}  // namespace cosoup
