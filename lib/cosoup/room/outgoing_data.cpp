#include "cosoup/room/outgoing_data.hpp"

#include <utility>

namespace cosoup {

Task<std::shared_ptr<DataProducer>> OutgoingData::open(DataProduceOptions options) {
  const std::shared_ptr<SendTransport> transport = co_await makeTransport_();
  co_return co_await transport->produceData(std::move(options));
}

Task<std::shared_ptr<DataProducer>> OutgoingData::produce(DataProduceOptions options) {
  const auto wish = std::make_shared<DataProducerWish>(options);
  std::shared_ptr<DataProducer> producer = co_await open(std::move(options));
  core_.context.wishes->dataProducers.push_back(wish);
  follow(producer, wish);
  co_return producer;
}

Task<> OutgoingData::restore() {
  Scope restoring;
  for (const auto& wish : core_.context.wishes->dataProducers) restoring.spawn(restoreOne(wish));
  co_await restoring.join();
}

Task<> OutgoingData::restoreOne(std::shared_ptr<DataProducerWish> wish) {
  try {
    std::shared_ptr<DataProducer> producer = co_await open(wish->options);
    if (wish->appData) producer->setAppData(*wish->appData);
    producer->setBufferedAmountLowThreshold(wish->lowThreshold);
    follow(producer, wish);
  } catch (const Error& error) {
    // Also media can do without it. A lost connection is found out otherwise.
    if (error.code() == Error::Code::Disconnected) throw;
    core_.tell(event::Failed{error});
  }
}

void OutgoingData::follow(const std::shared_ptr<DataProducer>& producer,
                          const std::shared_ptr<DataProducerWish>& wish) {
  const std::shared_ptr<DataProducer> previous = wish->lineage.last();
  wish->lineage.add(producer);
  Sent& sent = producers_[producer.get()];
  sent.producer = producer;
  sent.wish = wish;
  const auto fail = [&sent](const Error&) { sent.isLost = true; };
  const auto end = [this, key = producer.get()] {
    const Sent ended = std::move(producers_[key]);
    producers_.erase(key);
    // One that has failed comes back with the next session.
    if (!ended.isLost) std::erase(core_.context.wishes->dataProducers, ended.wish);
  };
  sent.connections.push_back(producer->failed.connect(fail));
  sent.connections.push_back(producer->closed.connect(end));
  core_.tell(event::DataProduced{producer, previous});
}

Task<> OutgoingData::say(Line& line, DataProduceOptions options, std::string text) {
  std::shared_ptr<DataProducer> producer;
  {
    const auto turn = co_await line.making.lock();
    if (!line.producer || line.producer->isClosed()) {
      line.producer = co_await open(std::move(options));
    }
    producer = line.producer;
  }
  producer->send(text);
  bool isLost = false;
  try {
    co_await producer->drained();
  } catch (const Error&) {
    isLost = producer->isClosed();
    if (!isLost) throw;
  }
  if (isLost) {
    throw Error(Error::Code::Disconnected,
                "chat: the connection was lost before the text had gone out");
  }
}

Task<> OutgoingData::sendChat(std::string text) {
  return say(chat_, DataProduceOptions("chat"), std::move(text));
}

Task<> OutgoingData::sendToBot(std::string text) {
  return say(bot_, DataProduceOptions("bot"), std::move(text));
}

void OutgoingData::keepWishes() {
  for (const auto& [key, sent] : std::exchange(producers_, {})) {
    sent.wish->lowThreshold = sent.producer->bufferedAmountLowThreshold();
    if (sent.producer->appData() != sent.wish->options.appData) {
      sent.wish->appData = sent.producer->appData();
    }
  }
}

}  // namespace cosoup
