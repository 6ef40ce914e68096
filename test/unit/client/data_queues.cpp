// How many messages wait for an app that does not read them.
#include "cosoup/client/recv_transport.hpp"
#include "cosoup/core/limits.hpp"
#include "support/catch.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// A data consumer, and how often it has failed.
struct Line {
  Task<> open() {
    transport = call.recvTransport();
    consumer = co_await transport->consumeData(fakeDataConsumeOptions(7));
    failed_ = consumer->failed.connect([this](const Error&) { ++failures; });
  }
  void hear(std::size_t messages, const std::string& text) {
    const LoopMayWait flooding;
    const DataMessage message = DataMessage::text(text);
    for (std::size_t i = 0; i < messages; ++i) call.peer().dataChannels().deliver(7, message);
  }

  FakeCall call;
  std::shared_ptr<RecvTransport> transport;
  std::shared_ptr<DataConsumer> consumer;
  int failures = 0;

 private:
  Connection failed_;
};

}  // namespace

TEST_CASE("messages that nobody reads are kept up to a limit, of which is told once") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    Channel<DataMessage> unread = line.consumer->messages();
    line.hear(limits::queuedMessages, "x");
    CHECK(line.failures == 0);
    Channel<DataMessage> read = line.consumer->messages();
    line.hear(10, "y");
    CHECK(unread.size() == limits::queuedMessages);
    CHECK(read.size() == 10);
    CHECK(line.failures == 1);
    while (unread.size() > limits::queuedMessages / 3) co_await unread.next();
    line.hear(1, "z");
    line.hear(limits::queuedMessages, "z");
    CHECK(line.failures == 2);
    co_await line.transport->close();
  }());
}

TEST_CASE("large messages that nobody reads are kept up to a limit of bytes") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    const Channel<DataMessage> unread = line.consumer->messages();
    const std::size_t size = 256 * 1024;
    line.hear(limits::queuedMessageBytes / size + 3, std::string(size, 'x'));
    CHECK(unread.size() == limits::queuedMessageBytes / size);
    CHECK(unread.weight() == limits::queuedMessageBytes);
    CHECK(line.failures == 1);
    co_await line.transport->close();
  }());
}

TEST_CASE("a channel of messages that was let go of collects nothing") {
  runTest([]() -> Task<> {
    Line line;
    co_await line.open();
    { const Channel<DataMessage> dropped = line.consumer->messages(); }
    line.hear(limits::queuedMessages + 10, "x");
    CHECK(line.failures == 0);
    co_await line.transport->close();
  }());
}
