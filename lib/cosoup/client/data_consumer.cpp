#include "cosoup/client/data_consumer.hpp"

#include <utility>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/client/check_fields.hpp"
#include "cosoup/client/data_consumer_internals.hpp"

namespace cosoup {

DataConsumer::DataConsumer(std::unique_ptr<Internals> internals)
    : internals_(std::move(internals)) {
  DataChannels& channels = internals_->peer->dataChannels();
  auto& connections = internals_->connections;
  connections.push_back(channels.opened.connect([this] { emitSignal(opened); }));
  connections.push_back(
      channels.dropped.connect([this](std::uint16_t streamId, const Error& error) {
        if (streamId == sctpStreamParameters().streamId) emitSignal(failed, error);
      }));
}

DataConsumer::~DataConsumer() {
  if (!isClosed()) internals_->peer->dataChannels().ignore(sctpStreamParameters().streamId);
  internals_->channels.close();
}

const std::string& DataConsumer::id() const { return internals_->options.id; }
const std::string& DataConsumer::dataProducerId() const {
  return internals_->options.dataProducerId;
}
const std::string& DataConsumer::label() const { return internals_->options.label; }
const std::string& DataConsumer::protocol() const { return internals_->options.protocol; }
const Json& DataConsumer::appData() const { return internals_->options.appData; }
void DataConsumer::setAppData(Json appData) {
  checkAppData("setAppData", appData);
  internals_->options.appData = std::move(appData);
}
const SctpStreamParameters& DataConsumer::sctpStreamParameters() const {
  return internals_->options.sctpStreamParameters;
}
bool DataConsumer::isClosed() const { return internals_->closed; }
bool DataConsumer::isPaused() const { return internals_->paused; }
DataConsumerCounters DataConsumer::counters() const { return internals_->stats; }

DataChannelState DataConsumer::readyState() const {
  if (isClosed()) return DataChannelState::closed;
  return internals_->peer->dataChannels().isOpen() ? DataChannelState::open
                                                   : DataChannelState::connecting;
}

void DataConsumer::pause() {
  if (isClosed()) throw Error(Error::Code::InvalidState, "pause: the data consumer is closed");
  internals_->paused = true;
}

void DataConsumer::resume() {
  if (isClosed()) throw Error(Error::Code::InvalidState, "resume: the data consumer is closed");
  internals_->paused = false;
}

Channel<DataMessage> DataConsumer::messages() { return internals_->channels.open(); }

void DataConsumer::take(const DataMessage& received) {
  if (isClosed() || isPaused()) return;
  ++internals_->stats.messages;
  internals_->stats.bytes += received.size();
  const bool isLost = internals_->channels.push(received);
  emitSignal(message, received);
  if (!isLost) return;
  emitSignal(failed, Error(Error::Code::InvalidState,
                           "data consumer: too many messages wait to be read, others are lost"));
}

void DataConsumer::close() {
  if (isClosed()) return;
  internals_->closed = true;
  internals_->connections.clear();
  internals_->peer->dataChannels().ignore(sctpStreamParameters().streamId);
  internals_->channels.close();
  emitSignal(closed);
}

void DataConsumer::closeByTransport() {
  if (isClosed()) return;
  emitSignal(transportClosed);
  close();
}

}  // namespace cosoup
