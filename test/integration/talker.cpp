#include "integration/talker.hpp"

#include <algorithm>
#include <span>

#include "support/eventually.hpp"

namespace cosoup::test {

using namespace std::chrono_literals;

Task<DataMessage> EchoLine::hear() {
  std::optional<DataMessage> message = co_await withTimeout(30s, messages.next(), "hear an echo");
  if (!message) throw Error(Error::Code::InvalidState, "hear an echo: the channel is closed");
  co_return std::move(*message);
}

namespace {

Task<bool> isOpen(EchoLine& line) {
  co_return line.consumer->readyState() == DataChannelState::open;
}

/// What the bot of 2025 says to each newcomer.
bool isGreeting(const event::Message& received) {
  return !received.peer && received.message.text().starts_with("Welcome ");
}

}  // namespace

Talker::Talker(std::string room, std::string id, RoomServer& server)
    : member(server, std::move(room), std::move(id)), client(member.client) {
  RoomEvents& events = client.events();
  connections_.push_back(events.on<event::Message>([this](const event::Message& received) {
    if (!isGreeting(received)) heard.push_back(received);
  }));
  connections_.push_back(events.on<event::DataConsuming>(
      [this](const event::DataConsuming& told) { consumers.push_back(told.dataConsumer); }));
  connections_.push_back(events.on<event::DataConsumerClosed>(
      [this](const event::DataConsumerClosed& told) { std::erase(consumers, told.dataConsumer); }));
}

Task<EchoLine> Talker::echo(DataProduceOptions options, Json reliability) {
  EchoLine line;
  line.producer = co_await client.produceData(std::move(options));
  Json body = Json::object({{"roomId", member.room},
                            {"peerId", member.id},
                            {"dataProducerId", line.producer->id()},
                            {"reliability", reliability}});
  co_await member.server.post("/test/echo", std::move(body));
  // Offered in the order of the calls; the answer to this one comes after the offer was taken.
  if (consumers.empty() || consumers.back()->label() != "echo") {
    throw Error(Error::Code::InvalidState, "echo: no data consumer was offered");
  }
  line.consumer = consumers.back();
  line.messages = line.consumer->messages();
  co_await eventually("the way back is open", [&] { return isOpen(line); });
  co_return line;
}

Task<> Talker::hears(std::size_t count) {
  const std::string description = member.id + " hears " + std::to_string(count) + " messages";
  return eventually(description, [this, count] { return hasHeard(count); });
}

Task<int> Talker::countAtServer(std::string dataProducerId) {
  const Json seen = co_await member.asServerSees();
  for (const Json& producer : seen.list("dataProducers")) {
    if (producer.get<std::string>("id") != dataProducerId) continue;
    const Json stats = producer.get<Json>("stats");
    co_return stats.get<int>("messagesReceived");
  }
  co_return 0;
}

bool areOpen(const std::vector<std::shared_ptr<DataConsumer>>& consumers) {
  return std::all_of(consumers.begin(), consumers.end(), [](const auto& consumer) {
    return consumer->readyState() == DataChannelState::open;
  });
}

Task<Error> thrownBy(Task<> task) {
  try {
    co_await std::move(task);
  } catch (const Error& error) {
    co_return error;
  }
  co_return Error(Error::Code::Media, "nothing was thrown");
}

std::string patternOf(std::size_t size) {
  std::string text;
  for (unsigned i = 0; text.size() < size; ++i) text += std::to_string(i) + ",";
  text.resize(size);
  return text;
}

Task<> sendAndCompare(EchoLine& line, std::size_t size) {
  const std::string content = patternOf(size);
  line.producer->send(content);
  const DataMessage text = co_await line.hear();
  CHECK(text.isText());
  CHECK((text.text() == content));  // in brackets: not to be printed
  line.producer->send(std::as_bytes(std::span(content)));
  const DataMessage binary = co_await line.hear();
  CHECK_FALSE(binary.isText());
  CHECK((binary.text() == content));
}

Task<bool> isCountAtServer(Talker& talker, std::string dataProducerId, int wanted) {
  co_return co_await talker.countAtServer(std::move(dataProducerId)) == wanted;
}

}  // namespace cosoup::test
