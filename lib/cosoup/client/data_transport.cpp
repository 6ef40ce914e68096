// The part of the transports that carries data.
#include <algorithm>

#include "cosoup/client/check_fields.hpp"
#include "cosoup/client/data_consumer_internals.hpp"
#include "cosoup/client/data_producer_internals.hpp"
#include "cosoup/client/transport_internals.hpp"

namespace cosoup {

Task<> SendTransport::Internals::negotiateDataSlot() {
  const auto turn = co_await core.negotiation().lock();
  core.ensureOpen("produceData");
  co_await shielded(handler.connect());
}

Task<std::string> SendTransport::Internals::produceDataAtServer(
    const DataProducer::Internals& producer) {
  return onProduceData(producer.parameters, producer.options.label, producer.options.protocol,
                       producer.options.appData);
}

Task<std::shared_ptr<DataProducer>> SendTransport::Internals::produceData(
    DataProduceOptions options) {
  const auto self = shared_from_this();
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
    co_await negotiateDataSlot();
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
  dataProducers.push_back(producer);
  producer->closed
      .connect([weak = weak_from_this(), raw = producer.get()] {
        const auto alive = weak.lock();
        if (!alive) return;
        std::erase_if(alive->dataProducers, [&](const auto& held) { return held.get() == raw; });
      })
      .release();
  newDataProducer.emit(producer);
  co_return producer;
}

Task<std::shared_ptr<DataProducer>> SendTransport::produceData(DataProduceOptions options) {
  return internals_->produceData(std::move(options));
}

std::optional<std::uint32_t> SendTransport::dataChannelMaxMessageSize() const {
  if (!internals_->core.hasData()) return std::nullopt;
  return internals_->core.maxSentMessageSize();
}

Signal<std::shared_ptr<DataProducer>>& SendTransport::newDataProducer() {
  return internals_->newDataProducer;
}

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

Task<> RecvTransport::Internals::negotiateDataSlot() {
  const auto turn = co_await core.negotiation().lock();
  core.ensureOpen("consumeData");
  co_await shielded(handler.connect());
}

Task<> RecvTransport::Internals::connectForData() {
  std::exception_ptr failure;
  try {
    co_await negotiateDataSlot();
    co_await core.serverTold();
    core.ensureOpen("consumeData");
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) core.rethrow(failure, "consumeData");
}

Task<std::shared_ptr<DataConsumer>> RecvTransport::Internals::consumeData(
    DataConsumeOptions options) {
  const auto self = shared_from_this();
  core.ensureOpen("consumeData");
  checkDataOptions(options);
  core.ensureData("consumeData");
  core.tellServer();
  co_await connectForData();
  checkDataOptions(options);  // another one may have taken the stream meanwhile
  const std::uint16_t streamId = options.sctpStreamParameters.streamId;
  auto made = std::make_unique<DataConsumer::Internals>(std::move(options), core.sharedPeer());
  auto consumer = std::make_shared<DataConsumer>(std::move(made));
  dataConsumers.push_back(consumer);
  consumer->closed
      .connect([weak = weak_from_this(), raw = consumer.get()] {
        const auto alive = weak.lock();
        if (!alive) return;
        std::erase_if(alive->dataConsumers, [&](const auto& held) { return held.get() == raw; });
      })
      .release();
  core.peer().dataChannels().receive(streamId,
                                     [weak = std::weak_ptr(consumer)](const DataMessage& message) {
                                       if (const auto alive = weak.lock()) alive->take(message);
                                     });
  newDataConsumer.emit(consumer);
  co_return consumer;
}

void RecvTransport::Internals::endDataConsumers(const Error& error) {
  const auto ending = dataConsumers;
  for (const auto& consumer : ending) {
    consumer->failed.emit(error);
    consumer->close();
  }
}

Task<std::shared_ptr<DataConsumer>> RecvTransport::consumeData(DataConsumeOptions options) {
  return internals_->consumeData(std::move(options));
}

std::optional<std::uint32_t> RecvTransport::dataChannelMaxMessageSize() const {
  if (!internals_->core.hasData()) return std::nullopt;
  return internals_->core.maxReceivedMessageSize();
}

Signal<std::shared_ptr<DataConsumer>>& RecvTransport::newDataConsumer() {
  return internals_->newDataConsumer;
}

}  // namespace cosoup
