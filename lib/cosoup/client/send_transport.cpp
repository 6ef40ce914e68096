#include "cosoup/client/producer_internals.hpp"
#include "cosoup/client/transport.hpp"
#include "cosoup/client/transport_internals.hpp"

namespace cosoup {

SendTransport::Internals::Internals(TransportParameters parameters,
                                    ortc::ExtendedRtpCapabilities capabilities,
                                    ConnectHandler connect, ProduceHandler produce)
    // As the DTLS server we may send with our last flight, as the client only when the server's has
    // come: a round trip later.
    : core(false, std::move(parameters), DtlsRole::server, std::move(connect)),
      handler(core, std::move(capabilities)),
      onProduce(std::move(produce)) {}

Task<> SendTransport::Internals::connect() {
  const auto self = shared_from_this();
  std::function<Task<>()> negotiate = [this] { return handler.connect(); };
  co_await core.connect(std::move(negotiate));
}

Task<std::shared_ptr<SendSlot>> SendTransport::Internals::send(ProduceOptions options) {
  const auto turn = co_await core.negotiation().lock();
  core.ensureOpen("produce");
  // Half a negotiation would leave webrtcbin and us with different ideas of the sections.
  co_return co_await shielded(handler.send(std::move(options)));
}

Task<std::shared_ptr<Producer>> SendTransport::Internals::produce(ProduceOptions options) {
  const auto self = shared_from_this();
  core.ensureOpen("produce");
  if (!options.track) throw Error(Error::Code::InvalidArgument, "produce: no track");
  if (!options.track->caps()) {
    throw Error(Error::Code::InvalidArgument, "produce: the format of the track is not known");
  }
  if (!options.appData.isObject()) {
    throw Error(Error::Code::InvalidArgument, "produce: 'appData' is not an object");
  }
  core.tellServer();
  auto made = std::make_unique<Producer::Internals>();
  made->track = options.track;
  made->appData = options.appData;
  made->slot = co_await send(std::move(options));
  made->rtpParameters = made->slot->rtpParameters;
  std::exception_ptr failure;
  try {
    // The connect message went out first, so that both can be under way at the same time.
    made->id = co_await onProduce(made->slot->kind, made->rtpParameters, made->appData);
    co_await core.serverTold();
    core.ensureOpen("produce");
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    made->slot->feed.reset();
    std::rethrow_exception(failure);
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
  co_return producer;
}

Task<> SendTransport::Internals::close() {
  const auto self = shared_from_this();
  core.markClosed();
  const auto ending = producers;
  for (const auto& producer : ending) producer->closeByTransport();
  co_await shielded(core.close());
}

SendTransport::SendTransport(std::shared_ptr<Internals> internals)
    : internals_(std::move(internals)) {}

SendTransport::~SendTransport() {
  if (!internals_->core.isClosed()) finishInBackground(internals_->close());
}

const std::string& SendTransport::id() const { return internals_->core.id(); }

ConnectionState SendTransport::connectionState() const {
  return internals_->core.connectionState();
}

bool SendTransport::isClosed() const { return internals_->core.isClosed(); }

Task<> SendTransport::connect() { return internals_->connect(); }

Task<std::shared_ptr<Producer>> SendTransport::produce(ProduceOptions options) {
  return internals_->produce(std::move(options));
}

Task<> SendTransport::close() { return internals_->close(); }

Signal<ConnectionState>& SendTransport::connectionStateChanged() {
  return internals_->core.peer().connectionStateChanged;
}

}  // namespace cosoup
