// Cancellation at every await of the object model: nothing is left behind, and the transport is
// usable afterwards.
#include "unit/async/cancelling.hpp"
#include "support/eventually.hpp"
#include "support/sections.hpp"

#include "cosoup/client/transport.hpp"
#include "support/catch.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// Starts the operation and cancels it at the n-th step; false when it has no n-th step.
Task<bool> cancelAt(std::size_t n, FakeCall& call, Task<> operation) {
  call.steps->holdNumber(n);
  Scope scope;
  Ending ending;
  scope.spawn(cosoup::test::detail::watch(std::move(operation), ending));
  co_await eventually("the operation waits or ends",
                      [&] { return call.steps->isHeld() || ending.wentOn; });
  const bool reached = call.steps->isHeld();
  const std::size_t asked = call.produced.size();
  scope.requestStop();
  co_await sleepFor(std::chrono::milliseconds(1));
  call.steps->release();
  co_await scope.join();
  CHECK(ending.wentOn);
  CHECK(ending.cancelled == reached);
  // Nobody is asked in the name of a caller that was cancelled before.
  CHECK(call.produced.size() == asked);
  co_return reached;
}

/// Runs the attempt for the first step, the second and so on, until there is no such step.
template <class Attempt>
void forEveryStep(std::size_t atLeast, Attempt attempt) {
  bool reached = true;
  std::size_t n = 0;
  while (reached) {
    ++n;
    INFO("step " << n);
    REQUIRE(n < 40);
    runTest(attempt(n, reached));
  }
  CHECK(n > atLeast);
}

/// Nothing of a producer is left, and the next one takes the slot that the cancelled one made,
/// unless the server has been asked for a producer in it.
Task<> checkSendingGoesOn(FakeCall& call, std::shared_ptr<SendTransport> transport,
                          std::shared_ptr<Track> track) {
  CHECK_FALSE(track->hasReceivers());
  const std::size_t slots = 1 + call.produced.size();
  const auto producer = co_await transport->produce(ProduceOptions(track));
  CHECK_FALSE(producer->isClosed());
  CHECK(track->hasReceivers());
  CHECK(call.peer().local().sections.size() == 1 + slots);
  CHECK(call.peer().elements() == 1 + 2 * slots);
  CHECK(call.connected.size() == 1);
  co_await transport->close();
}

Task<> produceCancelledAt(std::size_t n, bool& reached) {
  FakeCall call;
  const auto transport = call.sendTransport();
  const std::shared_ptr<Track> track = vp8Track();
  Task<> produce = discard(transport->produce(ProduceOptions(track)));
  reached = co_await cancelAt(n, call, std::move(produce));
  if (!reached) {
    co_await transport->close();
    co_return;
  }
  co_await checkSendingGoesOn(call, transport, track);
}

Task<> sendConnectCancelledAt(std::size_t n, bool& reached) {
  FakeCall call;
  const auto transport = call.sendTransport();
  reached = co_await cancelAt(n, call, transport->connect());
  co_await checkSendingGoesOn(call, transport, opusTrack());
}

Task<> recvConnectCancelledAt(std::size_t n, bool& reached) {
  FakeCall call;
  const auto transport = call.recvTransport();
  reached = co_await cancelAt(n, call, transport->connect());
  co_await transport->consume(audioConsumer(1000));
  CHECK(sectionsOf(*transport) == 2);
  CHECK(call.connected.size() == 1);
  co_await transport->close();
}

Task<> consumeCancelledAt(std::size_t n, bool& reached) {
  FakeCall call;
  const auto transport = call.recvTransport();
  Task<> consume = discard(transport->consume(videoConsumer(1000)));
  reached = co_await cancelAt(n, call, std::move(consume));
  if (reached) {
    co_await eventually("the stream is let in no more", [&] {
      return call.peer().releasedStreams().size() == 1 && !call.peer().receivePacket(1000);
    });
    CHECK_FALSE(call.peer().makeStream(1000));
    const auto consumer = co_await transport->consume(videoConsumer(2000));
    CHECK(call.peer().receivePacket(2000));
    CHECK(sectionsOf(*transport) == 2);
    CHECK(call.connected.size() == 1);
  }
  co_await transport->close();
}

Task<> consumeAgainAfterCancelAt(std::size_t n, bool& reached) {
  FakeCall call;
  const auto transport = call.recvTransport();
  Task<> consume = discard(transport->consume(videoConsumer(1000)));
  reached = co_await cancelAt(n, call, std::move(consume));
  if (reached) {
    const auto consumer = co_await transport->consume(videoConsumer(1000));
    co_await letLoopTurn();
    CHECK_FALSE(consumer->isClosed());
    CHECK(call.peer().receivePacket(1000));
    CHECK(sectionsOf(*transport) == 2);
  }
  co_await transport->close();
}

Task<> closeCancelledAt(std::size_t n, bool& reached) {
  FakeCall call;
  const auto transport = call.sendTransport();
  const auto producer = co_await transport->produce(ProduceOptions(opusTrack()));
  call.steps->holdNumber(n);
  Scope scope;
  Ending ending;
  scope.spawn(cosoup::test::detail::watch(transport->close(), ending));
  co_await eventually("closing waits or ends",
                      [&] { return call.steps->isHeld() || ending.wentOn; });
  reached = call.steps->isHeld();
  scope.requestStop();
  call.steps->release();
  co_await scope.join();
  CHECK_FALSE(ending.cancelled);
  CHECK(ending.wentOn);
  CHECK(transport->isClosed());
  CHECK(call.peer().isClosed());
  CHECK(producer->isClosed());
}

}  // namespace

TEST_CASE("produce can be cancelled at every step") { forEveryStep(8, produceCancelledAt); }

TEST_CASE("connecting to send can be cancelled at every step") {
  forEveryStep(5, sendConnectCancelledAt);
}

TEST_CASE("connecting to receive can be cancelled at every step") {
  forEveryStep(5, recvConnectCancelledAt);
}

TEST_CASE("consume can be cancelled at every step") { forEveryStep(7, consumeCancelledAt); }

TEST_CASE("a consumer that was cancelled at any step can be had again at once") {
  forEveryStep(7, consumeAgainAfterCancelAt);
}

TEST_CASE("closing cannot be cancelled") { forEveryStep(1, closeCancelledAt); }

TEST_CASE("produce can be cancelled while it waits for its turn") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    call.steps->hold("createOffer");
    Scope first;
    const auto made = begin(first, transport->produce(ProduceOptions(opusTrack())));
    co_await call.steps->untilHeld();
    const Ending ending =
        co_await cancelWhileWaiting(discard(transport->produce(ProduceOptions(vp8Track()))));
    CHECK(ending.cancelled);
    call.steps->release();
    const auto producer = co_await made.wait();
    CHECK(call.produced.size() == 1);
    CHECK(call.peer().sendSlots().size() == 1);
    co_await first.join();
    co_await transport->close();
  }());
}

TEST_CASE("produce can be cancelled while it waits for the server to know the transport") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const std::shared_ptr<Track> track = opusTrack();
    call.steps->hold("connect");
    Scope scope;
    Ending ending;
    Task<> produce = discard(transport->produce(ProduceOptions(track)));
    scope.spawn(cosoup::test::detail::watch(std::move(produce), ending));
    co_await eventually("the server is asked", [&] { return call.steps->count("produce") == 1; });
    co_await letLoopTurn();
    scope.requestStop();
    co_await scope.join();
    CHECK(ending.cancelled);
    call.steps->release();
    co_await checkSendingGoesOn(call, transport, track);
  }());
}

TEST_CASE("one consume of several can be cancelled") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    call.steps->hold("createAnswer");
    Scope scope;
    const auto kept = begin(scope, transport->consume(audioConsumer(1000)));
    const Ending ending =
        co_await cancelWhileWaiting(discard(transport->consume(videoConsumer(2000))));
    CHECK(ending.cancelled);
    call.steps->release();
    const auto consumer = co_await kept.wait();
    CHECK(call.peer().receivePacket(1000));
    co_await eventually("the other stream is let in no more",
                        [&] { return !call.peer().receivePacket(2000); });
    co_await scope.join();
    co_await transport->close();
  }());
}

TEST_CASE("nothing happens in the name of a caller that is cancelled already") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const Ending ending =
        co_await cancelBefore(discard(transport->produce(ProduceOptions(opusTrack()))));
    CHECK(ending.cancelled);
    CHECK(call.produced.empty());
    CHECK(call.peer().sendSlots().empty());
    co_await transport->close();
  }());
}
