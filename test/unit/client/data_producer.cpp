#include "cosoup/client/data_producer.hpp"

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/client/send_transport.hpp"
#include "support/catch.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

Task<Error> refusalOf(FakeCall& call, DataProduceOptions options) {
  const auto transport = call.sendTransport();
  const Error error = co_await errorOf(transport->produceData(std::move(options)));
  CHECK(call.peer().dataChannels().senders.empty());
  CHECK(call.producedData.empty());
  co_await transport->close();
  co_return error;
}

}  // namespace

TEST_CASE("a data producer is what was produced") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    std::shared_ptr<DataProducer> told;
    const Connection connection =
        transport->newDataProducer.connect([&](const auto& made) { told = made; });
    DataProduceOptions options("chat", "lines");
    options.maxRetransmits = 3;
    options.appData = Json::object({{"color", "red"}});
    const auto producer = co_await transport->produceData(std::move(options));
    CHECK(told == producer);
    CHECK(producer->id() == "data producer 1");
    CHECK(producer->label() == "chat");
    CHECK(producer->protocol() == "lines");
    CHECK(producer->appData().get<std::string>("color") == "red");
    CHECK(producer->sctpStreamParameters().streamId == 0);
    CHECK(producer->sctpStreamParameters().ordered == false);
    CHECK(producer->sctpStreamParameters().maxRetransmits == 3);
    CHECK(producer->maxMessageSize() == 262144);
    CHECK_FALSE(producer->isClosed());
    const FakeCall::ProducedData& asked = call.producedData.at(0);
    CHECK(asked.parameters == producer->sctpStreamParameters());
    CHECK(asked.label == "chat");
    CHECK(asked.protocol == "lines");
    CHECK(asked.appData == producer->appData());
    CHECK(call.peer().dataChannels().senders.at(0)->parameters == asked.parameters);
    co_await transport->close();
  }());
}

TEST_CASE("a channel is ordered and reliable unless something else is asked for") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    DataProduceOptions plain;
    co_await transport->produceData(std::move(plain));
    DataProduceOptions unordered;
    unordered.ordered = false;
    co_await transport->produceData(std::move(unordered));
    DataProduceOptions shortLived;
    shortLived.maxPacketLifeTime = 500ms;
    co_await transport->produceData(std::move(shortLived));
    CHECK(call.producedData.at(0).parameters == SctpStreamParameters{0, true, {}, {}});
    CHECK(call.producedData.at(1).parameters == SctpStreamParameters{1, false, {}, {}});
    CHECK(call.producedData.at(2).parameters == SctpStreamParameters{2, false, 500, {}});
    co_await transport->close();
  }());
}

TEST_CASE("options that contradict each other are refused before anything is done") {
  runTest([]() -> Task<> {
    FakeCall call;
    DataProduceOptions both;
    both.maxPacketLifeTime = 100ms;
    both.maxRetransmits = 1;
    const Error twoLimits = co_await refusalOf(call, std::move(both));
    CHECK(twoLimits.code() == Error::Code::InvalidArgument);
    CHECK(std::string(twoLimits.what()) ==
          "produceData: maxPacketLifeTime and maxRetransmits exclude each other");
    DataProduceOptions ordered;
    ordered.ordered = true;
    ordered.maxRetransmits = 1;
    const Error orderedLimit = co_await refusalOf(call, std::move(ordered));
    CHECK(orderedLimit.code() == Error::Code::InvalidArgument);
    constexpr std::chrono::milliseconds kOutOfRange[] = {-1ms, 65536ms};
    for (const auto lifeTime : kOutOfRange) {
      DataProduceOptions endless;
      endless.maxPacketLifeTime = lifeTime;
      const Error refused = co_await refusalOf(call, std::move(endless));
      CHECK(refused.code() == Error::Code::InvalidArgument);
    }
    DataProduceOptions list;
    list.appData = Json::array();
    const Error noObject = co_await refusalOf(call, std::move(list));
    CHECK(std::string(noObject.what()) == "produceData: 'appData' is not an object");
  }());
}

TEST_CASE("no data without SCTP, without a handler, or after the close") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto without = call.sendTransport(false);
    const Error noSctp = co_await errorOf(without->produceData(DataProduceOptions()));
    CHECK(noSctp.code() == Error::Code::Unsupported);
    co_await without->close();
    const Error closed = co_await errorOf(without->produceData(DataProduceOptions()));
    CHECK(closed.code() == Error::Code::InvalidState);
    CHECK(std::string(closed.what()) == "produceData: the transport is closed");
    const auto mute = call.device.createSendTransport(transportParameters(), call.connectHandler(),
                                                      call.produceHandler());
    const Error noHandler = co_await errorOf(mute->produceData(DataProduceOptions()));
    CHECK(noHandler.code() == Error::Code::InvalidState);
    co_await mute->close();
  }());
}

TEST_CASE("the server is told of the connection and of the data producer, each once") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    co_await transport->produceData(DataProduceOptions());
    co_await transport->produceData(DataProduceOptions());
    CHECK(call.peer().hasDataSlot());
    CHECK(call.steps->count("connect") == 1);
    CHECK(call.steps->count("produceData") == 2);
    CHECK(call.steps->count("createOffer") == 1);
    co_await transport->close();
  }());
}

TEST_CASE("a data producer that the server refuses is undone, and the next one is made") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    call.steps->fail("produceData", Error(Error::Code::Rejected, "no more of them", 403));
    const Error error = co_await errorOf(transport->produceData(DataProduceOptions()));
    CHECK(error.code() == Error::Code::Rejected);
    CHECK(call.peer().dataChannels().senders.at(0)->closing);
    const auto producer = co_await transport->produceData(DataProduceOptions());
    CHECK(producer->sctpStreamParameters().streamId == 1);
    co_await transport->close();
  }());
}

TEST_CASE("a data producer that is cancelled while it is made leaves no channel open") {
  runTest([]() -> Task<> {
    for (const char* step : {"connect", "createOffer", "produceData"}) {
      FakeCall call;
      const auto transport = call.sendTransport();
      call.steps->hold(step);
      Scope producing;
      producing.spawn(discard(transport->produceData(DataProduceOptions())));
      co_await call.steps->untilHeld();
      producing.requestStop();
      call.steps->release();
      co_await producing.close();
      CHECK(call.peer().dataChannels().senders.at(0)->closing);
      co_await transport->close();
    }
  }());
}

TEST_CASE("stream ids go round, past those that are not yet free") {
  runTest([]() -> Task<> {
    FakeCall call;
    TransportParameters parameters = transportParameters();
    parameters.sctpParameters->MIS = 3;
    const auto transport = call.device.createSendTransport(
        parameters, call.connectHandler(), call.produceHandler(), call.produceDataHandler());
    std::vector<std::shared_ptr<DataProducer>> producers;
    for (int i = 0; i < 3; ++i) {
      producers.push_back(co_await transport->produceData(DataProduceOptions()));
    }
    const Error full = co_await errorOf(transport->produceData(DataProduceOptions()));
    CHECK(std::string(full.what()) == "produceData: all 3 streams are in use");
    auto& senders = call.peer().dataChannels().senders;
    producers[0]->close();
    producers[1]->close();
    // What was closed first need not be free first.
    const auto second = senders[1];
    emitSignal(second->closed);
    const auto fourth = co_await transport->produceData(DataProduceOptions());
    CHECK(fourth->sctpStreamParameters().streamId == 1);
    const auto first = senders[0];
    emitSignal(first->closed);
    const auto fifth = co_await transport->produceData(DataProduceOptions());
    CHECK(fifth->sctpStreamParameters().streamId == 0);
    co_await transport->close();
  }());
}
