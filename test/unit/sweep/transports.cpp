// Every operation of the transports is given up, refused, and left without its transport at each of
// its steps.
#include "support/eventually.hpp"
#include "support/sections.hpp"
#include "unit/async/cancelling.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

enum class Fate { cancelled, refused, closed, destroyed };

struct Pair {
  Pair() : send(call.sendTransport()), recv(call.recvTransport()) {}

  FakeCall call;
  std::shared_ptr<SendTransport> send;
  std::shared_ptr<RecvTransport> recv;
  std::shared_ptr<Track> track = vp8Track();
};

struct Operation {
  const char* name;
  Task<> (*run)(Pair& pair);
};

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = {
      {"connect to send", [](Pair& p) { return p.send->connect(); }},
      {"connect to receive", [](Pair& p) { return p.recv->connect(); }},
      {"produce", [](Pair& p) { return discard(p.send->produce(ProduceOptions(p.track))); }},
      {"produceData",
       [](Pair& p) { return discard(p.send->produceData(DataProduceOptions("chat"))); }},
      {"consume", [](Pair& p) { return discard(p.recv->consume(videoConsumer(1000))); }},
      {"consumeData",
       [](Pair& p) { return discard(p.recv->consumeData(fakeDataConsumeOptions(1))); }},
      {"restartIce",
       [](Pair& p) { return p.send->restartIce(transportParameters().iceParameters); }},
      {"getStats", [](Pair& p) { return discard(p.recv->getStats()); }},
      {"close to send", [](Pair& p) { return p.send->close(); }},
      {"close to receive", [](Pair& p) { return p.recv->close(); }},
  };
  return all;
}

Task<> watch(Task<> operation, std::shared_ptr<Ending> ending) {
  try {
    co_await std::move(operation);
  } catch (const Cancelled&) {
    ending->cancelled = true;
  } catch (const Error&) {
  }
  ending->wentOn = true;
}

Task<> befall(Fate fate, Pair& pair, Scope& operation, Scope& closing) {
  Steps& steps = *pair.call.steps;
  switch (fate) {
    case Fate::cancelled:
      operation.requestStop();
      break;
    case Fate::refused:
      steps.fail(steps.held(), Error(Error::Code::Rejected, "no", 500));
      break;
    case Fate::closed:
      closing.spawn(pair.send->close());
      closing.spawn(pair.recv->close());
      break;
    case Fate::destroyed:
      pair.send.reset();
      pair.recv.reset();
      break;
  }
  co_await sleepFor(std::chrono::milliseconds(1));
}

/// All of it works, with no more slots than were asked for.
Task<> goesOn(Pair& pair) {
  if (!pair.send->isClosed()) {
    CHECK_FALSE(pair.track->hasReceivers());
    const auto producer = co_await pair.send->produce(ProduceOptions(pair.track));
    producer->close();
    co_await pair.send->produce(ProduceOptions(pair.track));
    co_await pair.send->produceData(DataProduceOptions("drawing"));
    CHECK(pair.call.peers.at(0)->local().sections.size() <= 3);
  }
  if (!pair.recv->isClosed()) {
    const auto consumer = co_await pair.recv->consume(videoConsumer(3000));
    CHECK_FALSE(consumer->isClosed());
    co_await pair.recv->consumeData(fakeDataConsumeOptions(2));
    CHECK(sectionsOf(*pair.recv) <= 3);
  }
}

Task<> once(const Operation& operation, Fate fate, std::size_t n, bool& reached) {
  Pair pair;
  pair.call.steps->holdNumber(n);
  Scope scope;
  Scope closing;
  const auto ending = std::make_shared<Ending>();
  scope.spawn(watch(operation.run(pair), ending));
  co_await eventually("the operation waits or ends",
                      [&] { return pair.call.steps->isHeld() || ending->wentOn; });
  reached = pair.call.steps->isHeld() && !ending->wentOn;
  INFO("at '" << pair.call.steps->held() << "'");
  if (reached) co_await befall(fate, pair, scope, closing);
  pair.call.steps->release();
  co_await eventually("the operation ends", [&] { return ending->wentOn; });
  if (fate != Fate::cancelled) CHECK_FALSE(ending->cancelled);
  co_await scope.close();
  co_await closing.join();
  if (pair.send) {
    // A transport whose server does not know it is of no use.
    const bool isDead = fate == Fate::closed || pair.call.steps->held() == "connect";
    if (reached && (fate == Fate::cancelled || !isDead)) co_await goesOn(pair);
    co_await pair.send->close();
    co_await pair.recv->close();
  }
  co_await eventually("all is closed",
                      [] { return cosoup::detail::backgroundScope().running() == 0; });
  CHECK_FALSE(pair.track->hasReceivers());
  for (const auto& peer : pair.call.peers) CHECK(peer->isClosed());
}

void sweepAll(Fate fate) {
  int steps = 0;
  for (const Operation& operation : operations()) {
    bool reached = true;
    for (int n = 1; reached; ++n) {
      INFO(operation.name << " at step " << n);
      REQUIRE(n < 50);
      runTest(once(operation, fate, static_cast<std::size_t>(n), reached));
      if (reached) ++steps;
    }
  }
  CHECK(steps > 40);
}

}  // namespace

TEST_CASE("every operation of the transports can be cancelled at every step") {
  sweepAll(Fate::cancelled);
}

TEST_CASE("every step of the transports can be refused") { sweepAll(Fate::refused); }

TEST_CASE("the transports can be closed at every step") { sweepAll(Fate::closed); }

TEST_CASE("the transports can be let go of at every step") { sweepAll(Fate::destroyed); }
