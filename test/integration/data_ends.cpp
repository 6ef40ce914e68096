// Channels that end, pause or are left while messages are under way.
#include "integration/talker.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/log_capture.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

Task<> closesWhileSending() {
  constexpr int count = 40;
  const std::string content = patternOf(100'000);
  Talker ada;
  co_await ada.join();
  DataProduceOptions options("closing");
  const auto producer = co_await ada.client.produceData(std::move(options));
  for (int i = 0; i < count; ++i) producer->send(content);
  producer->close();
  CHECK(producer->isClosed());
  co_await eventually("what was queued has arrived",
                      [&] { return isCountAtServer(ada, producer->id(), count); });
  DataProduceOptions others("other");
  EchoLine line = co_await ada.echo(std::move(others));
  co_await sendAndCompare(line, 100'000);
  co_await ada.leave();
}

Task<bool> hasSent(std::shared_ptr<DataProducer> producer, std::size_t total, std::size_t wanted) {
  co_return producer->bufferedAmount() + wanted <= total;
}

Task<> leavesWhileSending() {
  constexpr std::size_t count = 100;
  const std::string content = patternOf(200'000);
  Talker ada;
  co_await ada.join();
  DataProduceOptions options("leaving");
  const auto producer = co_await ada.client.produceData(std::move(options));
  for (std::size_t i = 0; i < count; ++i) producer->send(content);
  // By then the association is full, and sending waits for the server.
  co_await eventually("some has been sent", [&] {
    return hasSent(producer, count * content.size(), 5 * content.size());
  });
  CHECK(producer->bufferedAmount() > 0);
  int transportClosed = 0;
  const Connection connection = producer->transportClosed.connect([&] { ++transportClosed; });
  const LogCapture log;
  co_await withTimeout(20s, ada.leave(), "leave");
  CHECK(log.messages().empty());  // nor was anything left to itself
  CHECK(producer->isClosed());
  CHECK(transportClosed == 1);
}

Task<> survivesTheEndOfItsLastStream() {
  Talker ada;
  co_await ada.join();
  DataProduceOptions first("first");
  EchoLine line = co_await ada.echo(std::move(first));
  co_await sendAndCompare(line, 1024);
  // The streams of both data consumers are reset; sctpdec has none left then.
  const auto ending = ada.consumers;
  for (const auto& consumer : ending) {
    co_await ada.member.server.post("/test/dataConsumers/" + consumer->id() + "/close",
                                    Json::object());
  }
  DataProduceOptions second("second");
  EchoLine another = co_await ada.echo(std::move(second));
  co_await sendAndCompare(another, 100'000);
  CHECK(ada.client.recvTransport()->connectionState() == ConnectionState::connected);
  co_await ada.leave();
}

Task<> pausesADataConsumer() {
  Talker ada;
  co_await ada.join();
  DataProduceOptions options("pausing");
  EchoLine line = co_await ada.echo(std::move(options));
  DataProduceOptions others("other");
  EchoLine other = co_await ada.echo(std::move(others));
  line.consumer->pause();
  line.producer->send("unheard");
  co_await eventually("it has arrived",
                      [&] { return isCountAtServer(ada, line.producer->id(), 1); });
  // What comes on another channel of the association came after it.
  co_await sendAndCompare(other, 10);
  line.consumer->resume();
  line.producer->send("heard");
  const DataMessage message = co_await line.hear();
  CHECK(message.text() == "heard");
  CHECK(line.consumer->counters().messages == 1);
  co_await ada.leave();
}

}  // namespace

TEST_CASE("what was sent before the close arrives, and other channels go on") {
  runTest(closesWhileSending(), 120s);
}

TEST_CASE("a client leaves in time although it has much to send") {
  runTest(leavesWhileSending(), 60s);
}

TEST_CASE("the end of the last stream does not end the transport") {
  runTest(survivesTheEndOfItsLastStream(), 60s);
}

TEST_CASE("a paused data consumer drops what comes") { runTest(pausesADataConsumer(), 60s); }
