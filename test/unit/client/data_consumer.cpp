#include "cosoup/client/data_consumer.hpp"

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/client/recv_transport.hpp"
#include "support/catch.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

DataConsumeOptions offer(const std::string& id, std::uint16_t streamId) {
  SctpStreamParameters parameters;
  parameters.streamId = streamId;
  parameters.ordered = false;
  DataConsumeOptions options("data consumer " + id, "data producer " + id, parameters);
  options.label = "chat";
  options.protocol = "lines";
  return options;
}

/// A data consumer on stream 7, and what is beneath it.
struct Line {
  Task<> open() {
    transport = call.recvTransport();
    consumer = co_await transport->consumeData(offer("1", 7));
  }
  bool deliver(const std::string& text, std::uint16_t streamId = 7) {
    return channels().deliver(streamId, DataMessage::text(text));
  }
  FakeDataChannels& channels() { return call.peer().dataChannels(); }

  FakeCall call;
  std::shared_ptr<RecvTransport> transport;
  std::shared_ptr<DataConsumer> consumer;
};

}  // namespace

TEST_CASE("a data consumer is what the server made") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    CHECK(line.consumer->id() == "data consumer 1");
    CHECK(line.consumer->dataProducerId() == "data producer 1");
    CHECK(line.consumer->label() == "chat");
    CHECK(line.consumer->protocol() == "lines");
    CHECK(line.consumer->sctpStreamParameters().streamId == 7);
    CHECK(line.consumer->sctpStreamParameters().ordered == false);
    CHECK(line.consumer->appData() == Json::object());
    CHECK(line.consumer->readyState() == DataChannelState::connecting);
    int opened = 0;
    const Connection connection = line.consumer->opened.connect([&] { ++opened; });
    line.channels().comeUp();
    CHECK(opened == 1);
    CHECK(line.consumer->readyState() == DataChannelState::open);
    CHECK(line.call.steps->count("connect") == 1);
    co_await line.transport->close();
  }());
}

TEST_CASE("a transport tells of its data consumers") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    std::shared_ptr<DataConsumer> told;
    const Connection connection =
        transport->newDataConsumer.connect([&](const auto& made) { told = made; });
    const auto consumer = co_await transport->consumeData(offer("1", 7));
    CHECK(told == consumer);
    co_await transport->close();
  }());
}

TEST_CASE("messages come as callbacks and in queues, each from when it was asked for") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    std::vector<std::string> heard;
    const Connection connection = line.consumer->message.connect(
        [&](const DataMessage& message) { heard.push_back(message.text()); });
    Channel<DataMessage> first = line.consumer->messages();
    line.deliver("one");
    Channel<DataMessage> second = line.consumer->messages();
    line.deliver("two");
    CHECK(heard == std::vector<std::string>{"one", "two"});
    CHECK(first.size() == 2);
    CHECK(second.size() == 1);
    first.close();
    line.deliver("three");
    CHECK(second.size() == 2);
    CHECK(line.consumer->counters().messages == 3);
    CHECK(line.consumer->counters().bytes == 11);
    line.consumer->close();
    CHECK(second.isClosed());
    CHECK(line.consumer->messages().isClosed());
    co_await line.transport->close();
  }());
}

TEST_CASE("a paused data consumer hears nothing") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    line.consumer->pause();
    CHECK(line.consumer->isPaused());
    line.deliver("unheard");
    line.consumer->resume();
    line.deliver("heard");
    CHECK(line.consumer->counters().messages == 1);
    line.consumer->close();
    const Error pausing = errorOf([&] { line.consumer->pause(); });
    CHECK(pausing.code() == Error::Code::InvalidState);
    const Error resuming = errorOf([&] { line.consumer->resume(); });
    CHECK(resuming.code() == Error::Code::InvalidState);
    co_await line.transport->close();
  }());
}

TEST_CASE("a closed data consumer gives its stream back") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    int closed = 0;
    const Connection connection = line.consumer->closed.connect([&] { ++closed; });
    line.consumer->close();
    line.consumer->close();
    CHECK(closed == 1);
    CHECK_FALSE(line.deliver("to nobody"));
    const auto next = co_await line.transport->consumeData(offer("2", 7));
    CHECK(line.deliver("to the next"));
    CHECK(next->counters().messages == 1);
    CHECK(line.consumer->counters().messages == 0);
    co_await line.transport->close();
  }());
}

TEST_CASE("a handler may close the data consumer that it hears") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    const Connection connection =
        line.consumer->message.connect([&](const DataMessage&) { line.consumer->close(); });
    line.deliver("the last");
    line.deliver("one too many");
    CHECK(line.consumer->counters().messages == 1);
    co_await line.transport->close();
  }());
}

TEST_CASE("an offer that makes no sense is refused, and the transport is as good as before") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    DataConsumeOptions nameless = offer("2", 8);
    nameless.id.clear();
    const Error noId = co_await errorOf(line.transport->consumeData(std::move(nameless)));
    CHECK(std::string(noId.what()) == "consumeData: 'id' is empty");
    DataConsumeOptions orphan = offer("2", 8);
    orphan.dataProducerId.clear();
    const Error noProducer = co_await errorOf(line.transport->consumeData(std::move(orphan)));
    CHECK(noProducer.code() == Error::Code::InvalidArgument);
    DataConsumeOptions list = offer("2", 8);
    list.appData = Json::array();
    const Error noObject = co_await errorOf(line.transport->consumeData(std::move(list)));
    CHECK(noObject.code() == Error::Code::InvalidArgument);
    const Error noStream = co_await errorOf(line.transport->consumeData(offer("2", 65535)));
    CHECK(std::string(noStream.what()) == "consumeData: 'streamId' is out of range");
    const Error taken = co_await errorOf(line.transport->consumeData(offer("2", 7)));
    CHECK(std::string(taken.what()) == "consumeData: stream 7 is in use");
    co_await line.transport->consumeData(offer("2", 8));
    co_await line.transport->close();
    const Error closed = co_await errorOf(line.transport->consumeData(offer("3", 9)));
    CHECK(closed.code() == Error::Code::InvalidState);
  }());
}

TEST_CASE("two offers of one stream at the same time are not both taken") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    Scope scope;
    const auto first = begin(scope, transport->consumeData(offer("1", 7)));
    const auto second = begin(scope, transport->consumeData(offer("2", 7)));
    const auto taken = co_await first.wait();
    const Error error = co_await errorOf(second.wait());
    CHECK(error.code() == Error::Code::InvalidArgument);
    CHECK_FALSE(taken->isClosed());
    co_await scope.join();
    co_await transport->close();
  }());
}

TEST_CASE("no data consumer without SCTP at the server") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport(false);
    CHECK_FALSE(transport->dataChannelMaxMessageSize());
    const Error error = co_await errorOf(transport->consumeData(offer("1", 7)));
    CHECK(error.code() == Error::Code::Unsupported);
    co_await transport->close();
  }());
}

TEST_CASE("a message that is too large is told to its data consumer, which goes on") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    const auto other = co_await line.transport->consumeData(offer("2", 8));
    int failures = 0;
    const Connection first = line.consumer->failed.connect([&](const Error&) { ++failures; });
    const Connection second = other->failed.connect([&](const Error&) { failures += 100; });
    emitSignal(line.channels().dropped, 7, Error(Error::Code::Unsupported, "too large"));
    CHECK(failures == 1);
    CHECK(line.deliver("the next"));
    co_await line.transport->close();
  }());
}

TEST_CASE("what is received follows what the server sends, up to 5 MiB") {
  struct Row {
    std::optional<std::uint32_t> old;
    std::optional<std::uint32_t> sends;
    std::uint32_t largest;
  };
  const auto row =
      GENERATE(Row{262144, {}, 262144}, Row{262144, 1000, 1000}, Row{{}, 5'000'000, 5'000'000},
               Row{{}, {}, 65536}, Row{0, {}, 5 * 1024 * 1024}, Row{1, 0, 5 * 1024 * 1024},
               Row{{}, 4294967295, 5 * 1024 * 1024});
  runTest([](Row row) -> Task<> {
    FakeCall call;
    TransportParameters parameters = transportParameters();
    SctpParameters sctp;
    sctp.maxMessageSize = row.old;
    sctp.maxSendMessageSize = row.sends;
    sctp.maxReceiveMessageSize = 1;
    parameters.sctpParameters = sctp;
    const auto transport = call.device.createRecvTransport(parameters, call.connectHandler());
    co_await transport->connect();
    CHECK(transport->dataChannelMaxMessageSize() == row.largest);
    CHECK(call.peer().dataChannels().maxMessageSize == row.largest);
    CHECK(call.peer().local().sections.at(0).maxMessageSize == row.largest);
    co_await transport->close();
  }(row));
}

TEST_CASE("data consumers end with the association and with the transport") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    std::vector<std::string> told;
    const Connection failed =
        line.consumer->failed.connect([&](const Error&) { told.push_back("failed"); });
    const Connection closed = line.consumer->closed.connect([&] { told.push_back("closed"); });
    line.channels().breakDown();
    CHECK(told == std::vector<std::string>{"failed", "closed"});

    const auto other = co_await line.transport->consumeData(offer("2", 8));
    const Connection left =
        other->transportClosed.connect([&] { told.push_back("transport closed"); });
    co_await line.transport->close();
    CHECK(told.back() == "transport closed");
    CHECK(other->isClosed());
  }());
}

TEST_CASE("the server may refuse the connection; then there is no data consumer") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    call.steps->fail("connect", Error(Error::Code::Rejected, "no", 500));
    const Error error = co_await errorOf(transport->consumeData(offer("1", 7)));
    CHECK(error.code() == Error::Code::Rejected);
    CHECK(call.peer().dataChannels().receivers.empty());
    co_await transport->close();
  }());
}
