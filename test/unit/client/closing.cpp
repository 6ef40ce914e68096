// What is left of a transport, and of those who wait for it, when it is closed.
#include "cosoup/client/transport.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// Starts the operation, closes the transport when the n-th step is reached, and tells how the
/// operation ended; false when it has no n-th step.
template <class Transport>
Task<bool> closeAt(std::size_t n, FakeCall& call, std::shared_ptr<Transport> transport,
                   Task<> operation) {
  call.steps->holdNumber(n);
  Scope scope;
  const Deferred<> ended = begin(scope, std::move(operation));
  co_await eventually("the operation waits or ends",
                      [&] { return call.steps->isHeld() || ended.isSettled(); });
  const bool reached = call.steps->isHeld();
  const Deferred<> closed = begin(scope, transport->close());
  CHECK(transport->isClosed());
  co_await sleepFor(std::chrono::milliseconds(1));
  call.steps->release();
  co_await closed.wait();
  CHECK(call.peer().isClosed());
  if (reached) {
    const Error error = co_await errorOf(ended.wait());
    INFO("step " << n << ": " << error.what());
    CHECK(error.code() == Error::Code::InvalidState);
  }
  co_await scope.close();
  co_return reached;
}

}  // namespace

TEST_CASE("closing a transport closes its producers, which tell why") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto producer = co_await transport->produce(ProduceOptions(opusTrack()));
    std::vector<std::string> heard;
    const Connection first =
        producer->transportClosed.connect([&] { heard.push_back("transportClosed"); });
    const Connection second = producer->closed.connect([&] { heard.push_back("closed"); });
    co_await transport->close();
    CHECK(producer->isClosed());
    CHECK(heard == std::vector<std::string>{"transportClosed", "closed"});
    CHECK(call.peer().isClosed());
  }());
}

TEST_CASE("closing a transport closes its consumers, which tell why, and ends their tracks") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const auto consumer = co_await transport->consume(videoConsumer(1000));
    std::vector<std::string> heard;
    const Connection first =
        consumer->transportClosed.connect([&] { heard.push_back("transportClosed"); });
    const Connection second = consumer->closed.connect([&] { heard.push_back("closed"); });
    const Connection third = consumer->track()->ended.connect([&] { heard.push_back("ended"); });
    co_await transport->close();
    CHECK(consumer->isClosed());
    CHECK(heard == std::vector<std::string>{"transportClosed", "ended", "closed"});
  }());
}

TEST_CASE("a transport is closed once") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    co_await transport->connect();
    co_await transport->close();
    co_await transport->close();
    CHECK(call.steps->count("close") >= 1);
    CHECK(transport->isClosed());
    CHECK(transport->connectionState() == ConnectionState::closed);
  }());
}

TEST_CASE("a transport that was never connected closes") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto send = call.sendTransport();
    const auto recv = call.recvTransport();
    co_await send->close();
    co_await recv->close();
    CHECK(call.connected.empty());
  }());
}

TEST_CASE("a closed transport does nothing any more") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto send = call.sendTransport();
    const auto recv = call.recvTransport();
    co_await send->close();
    co_await recv->close();
    const Error produce = co_await errorOf(send->produce(ProduceOptions(opusTrack())));
    const Error consume = co_await errorOf(recv->consume(audioConsumer(1000)));
    const Error sending = co_await errorOf(send->connect());
    const Error receiving = co_await errorOf(recv->connect());
    for (const Error& error : {produce, consume, sending, receiving}) {
      CHECK(error.code() == Error::Code::InvalidState);
      CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("the transport is closed"));
    }
    CHECK(call.connected.empty());
    CHECK(call.produced.empty());
  }());
}

TEST_CASE("a transport that is dropped without being closed is closed by the loop") {
  runTest([]() -> Task<> {
    FakeCall call;
    auto transport = call.sendTransport();
    const auto producer = co_await transport->produce(ProduceOptions(opusTrack()));
    transport.reset();
    co_await eventually("it is closed", [&] { return call.peer().isClosed(); });
    CHECK(producer->isClosed());
  }());
}

TEST_CASE("producers and consumers outlive their transport") {
  runTest([]() -> Task<> {
    std::shared_ptr<Producer> producer;
    std::shared_ptr<Consumer> consumer;
    {
      FakeCall call;
      auto send = call.sendTransport();
      auto recv = call.recvTransport();
      producer = co_await send->produce(ProduceOptions(opusTrack()));
      consumer = co_await recv->consume(audioConsumer(1000));
      co_await send->close();
      co_await recv->close();
    }
    producer->close();
    consumer->close();
    CHECK(producer->counters().packets == 0);
    CHECK(consumer->counters().packets == 0);
  }());
}

TEST_CASE("closing a transport at any step of produce ends it with InvalidState") {
  bool reached = true;
  for (std::size_t n = 1; reached; ++n) {
    runTest([](std::size_t step, bool& wasReached) -> Task<> {
      FakeCall call;
      const auto transport = call.sendTransport();
      Task<> produce = discard(transport->produce(ProduceOptions(vp8Track())));
      wasReached = co_await closeAt(step, call, transport, std::move(produce));
      if (wasReached) CHECK(call.produced.size() <= 1);
    }(n, reached));
    REQUIRE(n < 30);
    if (!reached) CHECK(n > 8);
  }
}

TEST_CASE("closing a transport before its server is asked for a producer leaves none there") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    call.steps->hold("setRemoteDescription");
    Scope scope;
    const Deferred<> ended = begin(scope, discard(transport->produce(ProduceOptions(opusTrack()))));
    co_await call.steps->untilHeld();
    const Deferred<> closed = begin(scope, transport->close());
    call.steps->release();
    const Error error = co_await errorOf(ended.wait());
    CHECK(error.code() == Error::Code::InvalidState);
    CHECK(call.produced.empty());
    co_await closed.wait();
    co_await scope.close();
  }());
}

TEST_CASE("closing a transport at any step of consume ends it with InvalidState") {
  bool reached = true;
  for (std::size_t n = 1; reached; ++n) {
    runTest([](std::size_t step, bool& wasReached) -> Task<> {
      FakeCall call;
      const auto transport = call.recvTransport();
      Task<> consume = discard(transport->consume(videoConsumer(1000)));
      wasReached = co_await closeAt(step, call, transport, std::move(consume));
    }(n, reached));
    REQUIRE(n < 30);
    if (!reached) CHECK(n > 6);
  }
}

TEST_CASE("closing a transport at any step of connect ends it with InvalidState") {
  bool reached = true;
  for (std::size_t n = 1; reached; ++n) {
    runTest([](std::size_t step, bool& wasReached) -> Task<> {
      FakeCall call;
      const auto transport = call.sendTransport();
      wasReached = co_await closeAt(step, call, transport, transport->connect());
    }(n, reached));
    REQUIRE(n < 30);
    if (!reached) CHECK(n > 4);
  }
}

TEST_CASE("those who wait for their turn when a transport is closed get InvalidState, too") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    call.steps->hold("createOffer");
    Scope scope;
    std::vector<Deferred<>> waiting;
    for (int i = 0; i < 3; ++i) {
      waiting.push_back(begin(scope, discard(transport->produce(ProduceOptions(opusTrack())))));
    }
    co_await call.steps->untilHeld();
    const Deferred<> closed = begin(scope, transport->close());
    call.steps->release();
    for (const Deferred<>& each : waiting) {
      const Error error = co_await errorOf(each.wait());
      CHECK(error.code() == Error::Code::InvalidState);
    }
    CHECK(call.produced.empty());
    co_await closed.wait();
    co_await scope.close();
  }());
}
