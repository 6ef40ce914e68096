#include "cosoup/client/data_producer.hpp"

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/client/check_fields.hpp"
#include "cosoup/client/data_producer_internals.hpp"
#include "cosoup/core/utf8.hpp"
#include "cosoup/rtc/validate.hpp"

namespace cosoup {

SctpStreamParameters sctpStreamParameters(const DataProduceOptions& options) {
  checkAppData("produceData", options.appData);
  SctpStreamParameters parameters;
  parameters.ordered = options.ordered;
  if (const auto lifeTime = options.maxPacketLifeTime) {
    const auto count = lifeTime->count();
    if (count < 0 || count > UINT16_MAX) {
      throw Error(Error::Code::InvalidArgument, "produceData: maxPacketLifeTime is out of range");
    }
    parameters.maxPacketLifeTime = static_cast<std::uint16_t>(count);
  }
  parameters.maxRetransmits = options.maxRetransmits;
  try {
    ortc::validateSctpStreamParameters(parameters);
  } catch (const Error& error) {
    throw error.within("produceData");
  }
  return parameters;
}

DataProducer::DataProducer(std::shared_ptr<Internals> internals)
    : internals_(std::move(internals)) {
  auto& connections = internals_->connections;
  connections.push_back(internals_->sender->sent.connect([this] { onSent(); }));
  connections.push_back(
      internals_->sender->failed.connect([this](const Error& error) { onFailed(error); }));
  connections.push_back(
      internals_->peer->dataChannels().opened.connect([this] { emitSignal(opened); }));
}

DataProducer::~DataProducer() {
  internals_->connections.clear();
  if (!isClosed()) internals_->sender->close();
}

const std::string& DataProducer::id() const { return internals_->id; }
const std::string& DataProducer::label() const { return internals_->options.label; }
const std::string& DataProducer::protocol() const { return internals_->options.protocol; }
const Json& DataProducer::appData() const { return internals_->options.appData; }
void DataProducer::setAppData(Json appData) {
  checkAppData("setAppData", appData);
  internals_->options.appData = std::move(appData);
}
const SctpStreamParameters& DataProducer::sctpStreamParameters() const {
  return internals_->parameters;
}
bool DataProducer::isClosed() const { return internals_->closed; }
std::size_t DataProducer::maxMessageSize() const { return internals_->maxMessageSize; }
std::size_t DataProducer::bufferedAmount() const { return internals_->sender->bufferedAmount(); }
std::size_t DataProducer::bufferedAmountLowThreshold() const { return internals_->lowThreshold; }
DataProducerCounters DataProducer::counters() const { return internals_->stats; }

DataChannelState DataProducer::readyState() const {
  if (isClosed()) {
    return bufferedAmount() > 0 ? DataChannelState::closing : DataChannelState::closed;
  }
  return internals_->peer->dataChannels().isOpen() ? DataChannelState::open
                                                   : DataChannelState::connecting;
}

void DataProducer::setBufferedAmountLowThreshold(std::size_t bytes) {
  internals_->lowThreshold = bytes;
  internals_->isAbove = bufferedAmount() > bytes;
  internals_->changed.notify();
}

void DataProducer::send(std::string_view text) {
  if (!isUtf8(text)) throw Error(Error::Code::InvalidArgument, "send: the text is not UTF-8");
  send(DataMessage::text(text));
}

void DataProducer::send(std::span<const std::byte> bytes) { send(DataMessage::binary(bytes)); }

void DataProducer::send(DataMessage message) {
  if (isClosed()) throw Error(Error::Code::InvalidState, "send: the data producer is closed");
  if (message.size() > maxMessageSize()) {
    throw Error(Error::Code::InvalidArgument,
                "send: a message of " + std::to_string(message.size()) + " bytes; the largest is " +
                    std::to_string(maxMessageSize()));
  }
  ++internals_->stats.messages;
  internals_->stats.bytes += message.size();
  internals_->sender->send(std::move(message));
  if (bufferedAmount() > internals_->lowThreshold) internals_->isAbove = true;
}

Task<> DataProducer::drained() { return waitUntilDrained(internals_); }

Task<> DataProducer::waitUntilDrained(std::shared_ptr<Internals> internals) {
  co_await checkCancelled();
  while (true) {
    if (internals->failure) throw internals->failure->within("drained");
    if (internals->closed) {
      throw Error(Error::Code::InvalidState, "drained: the data producer is closed");
    }
    if (internals->sender->bufferedAmount() <= internals->lowThreshold) co_return;
    co_await internals->changed.wait();
  }
}

void DataProducer::onSent() {
  if (bufferedAmount() > internals_->lowThreshold) return;
  internals_->changed.notify();
  if (std::exchange(internals_->isAbove, false)) emitSignal(bufferedAmountLow);
}

void DataProducer::onFailed(const Error& error) {
  const std::shared_ptr<Internals> alive = internals_;
  internals_->failure = error;
  emitSignal(failed, error);
  if (!alive->closed) close();
}

void DataProducer::close() {
  if (isClosed()) return;
  internals_->closed = true;
  internals_->connections.clear();
  internals_->sender->close();
  internals_->changed.notify();
  emitSignal(closed);
}

void DataProducer::closeByTransport() {
  if (isClosed()) return;
  emitSignal(transportClosed);
  close();
}

}  // namespace cosoup
