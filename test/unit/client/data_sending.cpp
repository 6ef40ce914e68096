// What a data producer does with messages.
#include "cosoup/client/data_producer.hpp"

#include "cosoup/client/send_transport.hpp"
#include "support/catch.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// A data producer of an ordered channel, and what is beneath it.
struct Line {
  Task<> open() {
    transport = call.sendTransport();
    DataProduceOptions options("chat");
    producer = co_await transport->produceData(std::move(options));
    call.peer().dataChannels().comeUp();
  }
  FakeDataSender& sender() { return *call.peer().dataChannels().senders.back(); }

  FakeCall call;
  std::shared_ptr<SendTransport> transport;
  std::shared_ptr<DataProducer> producer;
};

}  // namespace

TEST_CASE("text and bytes are sent as such, and counted") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    const std::vector<std::byte> bytes{std::byte{1}, std::byte{0}};
    line.producer->send("Grüße");
    line.producer->send(bytes);
    line.producer->send("");
    CHECK(line.producer->bufferedAmount() == 9);
    line.sender().take(3);
    CHECK(line.producer->bufferedAmount() == 0);
    CHECK(line.sender().taken.at(0) == DataMessage::text("Grüße"));
    CHECK(line.sender().taken.at(1) == DataMessage::binary(bytes));
    CHECK(line.sender().taken.at(2) == DataMessage::text(""));
    CHECK(line.producer->counters().messages == 3);
    CHECK(line.producer->counters().bytes == 9);
    co_await line.transport->close();
  }());
}

TEST_CASE("what cannot be sent is refused at once") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    line.producer->send(std::string(262144, 'x'));
    const std::string tooLarge(262145, 'x');
    const Error large = errorOf([&] { line.producer->send(tooLarge); });
    CHECK(large.code() == Error::Code::InvalidArgument);
    const Error noText = errorOf([&] { line.producer->send("\x80"); });
    CHECK(noText.code() == Error::Code::InvalidArgument);
    line.producer->close();
    const Error late = errorOf([&] { line.producer->send("x"); });
    CHECK(late.code() == Error::Code::InvalidState);
    CHECK(line.producer->counters().messages == 1);
    co_await line.transport->close();
  }());
}

TEST_CASE("a server that receives any size is sent what GStreamer can send") {
  runTest([]() -> Task<> {
    FakeCall call;
    TransportParameters parameters = transportParameters();
    parameters.sctpParameters->maxReceiveMessageSize = 0;
    const auto transport = call.device.createSendTransport(
        parameters, call.connectHandler(), call.produceHandler(), call.produceDataHandler());
    CHECK(transport->dataChannelMaxMessageSize() == 1048576u);
    DataProduceOptions options("chat");
    const auto producer = co_await transport->produceData(std::move(options));
    producer->send(std::string(1048576, 'x'));
    CHECK(producer->bufferedAmount() == 1048576);
    const std::string tooLarge(1048577, 'x');
    const Error large = errorOf([&] { producer->send(tooLarge); });
    CHECK(large.what() == std::string("send: a message of 1048577 bytes; the largest is 1048576"));
    co_await transport->close();
  }());
}

TEST_CASE("a server of today is sent what it receives, not what it sends") {
  runTest([]() -> Task<> {
    FakeCall call;
    TransportParameters parameters = transportParameters();
    SctpParameters sctp;
    sctp.maxSendMessageSize = 100;
    sctp.maxReceiveMessageSize = 200;
    parameters.sctpParameters = sctp;
    const auto transport = call.device.createSendTransport(
        parameters, call.connectHandler(), call.produceHandler(), call.produceDataHandler());
    CHECK(transport->dataChannelMaxMessageSize() == 200u);
    DataProduceOptions options("chat");
    const auto producer = co_await transport->produceData(std::move(options));
    CHECK(producer->maxMessageSize() == 200);
    producer->send(std::string(200, 'x'));
    const std::string tooLarge(201, 'x');
    const Error large = errorOf([&] { producer->send(tooLarge); });
    CHECK(large.code() == Error::Code::InvalidArgument);
    CHECK(call.peer().local().sections.at(0).maxMessageSize == 100u);
    CHECK(call.peer().remote().sections.at(0).maxMessageSize == 200u);
    co_await transport->close();
  }());
}

TEST_CASE("the state of the channel is that of the association, until it is closed") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto producer = co_await transport->produceData(DataProduceOptions());
    int opened = 0;
    const Connection connection = producer->opened.connect([&] { ++opened; });
    CHECK(producer->readyState() == DataChannelState::connecting);
    call.peer().dataChannels().comeUp();
    CHECK(opened == 1);
    CHECK(producer->readyState() == DataChannelState::open);
    producer->send("still to go");
    producer->close();
    CHECK(producer->readyState() == DataChannelState::closing);
    call.peer().dataChannels().senders.at(0)->take(1);
    CHECK(producer->readyState() == DataChannelState::closed);
    co_await transport->close();
  }());
}

TEST_CASE("bufferedAmountLow is told when the amount comes down to the threshold") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    int lows = 0;
    const Connection connection = line.producer->bufferedAmountLow.connect([&] { ++lows; });
    line.producer->setBufferedAmountLowThreshold(10);
    for (int i = 0; i < 4; ++i) line.producer->send("12345");
    line.sender().take(1);
    CHECK(lows == 0);
    line.sender().take(1);
    CHECK(lows == 1);
    line.sender().take(2);
    CHECK(lows == 1);
    line.producer->send("12345");
    line.sender().take(1);
    CHECK(lows == 1);  // it was not above
    co_await line.transport->close();
  }());
}

TEST_CASE("drained waits for the threshold") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    co_await line.producer->drained();  // at once
    line.producer->setBufferedAmountLowThreshold(5);
    for (int i = 0; i < 3; ++i) line.producer->send("12345");
    Scope scope;
    const Deferred<> drained = begin(scope, line.producer->drained());
    line.sender().take(1);
    co_await sleepFor(std::chrono::milliseconds(0));
    CHECK_FALSE(drained.isSettled());
    line.sender().take(1);
    co_await drained.wait();
    co_await scope.join();
    co_await line.transport->close();
  }());
}

TEST_CASE("drained ends with the channel") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    Scope scope;
    line.producer->send("x");
    const Deferred<> closed = begin(scope, line.producer->drained());
    line.producer->close();
    const Error error = co_await errorOf(closed.wait());
    CHECK(error.code() == Error::Code::InvalidState);
    DataProduceOptions options("another");
    const auto another = co_await line.transport->produceData(std::move(options));
    another->send("x");
    const Deferred<> failed = begin(scope, another->drained());
    line.sender().fail();
    const Error failure = co_await errorOf(failed.wait());
    CHECK(failure.code() == Error::Code::Media);
    co_await scope.join();
    co_await line.transport->close();
  }());
}

TEST_CASE("drained can be cancelled") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    line.producer->send("x");
    Scope scope;
    scope.spawn(line.producer->drained());
    co_await scope.close();
    CHECK(line.producer->bufferedAmount() == 1);
    co_await line.transport->close();
  }());
}

TEST_CASE("a channel that fails closes its data producer, and no other") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    const auto other = co_await line.transport->produceData(DataProduceOptions());
    std::vector<std::string> told;
    const Connection failed =
        line.producer->failed.connect([&](const Error&) { told.push_back("failed"); });
    const Connection closed = line.producer->closed.connect([&] { told.push_back("closed"); });
    line.call.peer().dataChannels().senders.at(0)->fail();
    CHECK(told == std::vector<std::string>{"failed", "closed"});
    CHECK(line.producer->isClosed());
    CHECK_FALSE(other->isClosed());
    co_await line.transport->close();
  }());
}

TEST_CASE("a data producer closes once, and with its transport") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    const auto other = co_await line.transport->produceData(DataProduceOptions());
    int closed = 0;
    int transportClosed = 0;
    const Connection first = line.producer->closed.connect([&] { ++closed; });
    const Connection second = other->closed.connect([&] { ++closed; });
    const Connection third = other->transportClosed.connect([&] { ++transportClosed; });
    line.producer->close();
    line.producer->close();
    CHECK(closed == 1);
    co_await line.transport->close();
    CHECK(closed == 2);
    CHECK(transportClosed == 1);
    CHECK(other->isClosed());
  }());
}
