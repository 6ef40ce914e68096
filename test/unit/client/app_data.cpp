// appData: what an app keeps with the objects of the low-level API.
#include "cosoup/client/transport.hpp"
#include "support/catch.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

template <class Object>
void checkAppDataOf(Object& object) {
  CHECK(object.appData() == Json::object());
  const Json mine = Json::object({{"row", 3}});
  object.setAppData(mine);
  CHECK(object.appData() == mine);
  for (const Json& other : {Json(), Json("text"), Json::array()}) {
    const Error error = errorOf([&] { object.setAppData(other); });
    CHECK(error.code() == Error::Code::InvalidArgument);
    CHECK(error.what() == std::string("setAppData: 'appData' is not an object"));
  }
  CHECK(object.appData() == mine);
}

DataConsumeOptions chat() {
  return DataConsumeOptions("data consumer", "data producer", SctpStreamParameters());
}

}  // namespace

TEST_CASE("appData can be set, to an object, and nobody else is told") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto send = call.sendTransport();
    const auto producer = co_await send->produce(ProduceOptions(opusTrack()));
    DataProduceOptions options("chat");
    const auto dataProducer = co_await send->produceData(std::move(options));
    const auto recv = call.recvTransport();
    const auto consumer = co_await recv->consume(audioConsumer(1000));
    const auto dataConsumer = co_await recv->consumeData(chat());
    const std::size_t asked = call.steps->noted().size();
    checkAppDataOf(*send);
    checkAppDataOf(*recv);
    checkAppDataOf(*producer);
    checkAppDataOf(*consumer);
    checkAppDataOf(*dataProducer);
    checkAppDataOf(*dataConsumer);
    CHECK(call.steps->noted().size() == asked);
    CHECK(call.produced.at(0).appData == Json::object());
    co_await send->close();
    co_await recv->close();
    producer->setAppData(Json::object({{"closed", true}}));
    CHECK(producer->appData() == Json::object({{"closed", true}}));
  }());
}
