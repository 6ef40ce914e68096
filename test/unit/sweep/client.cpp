// Every operation of a client is given up, refused, cut off and left without its client at each of
// its steps. Afterwards nothing is left of it, and the client works.
#include "unit/sweep/world.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

Task<> outside(World&) { co_return; }
Task<> inside(World& world) { return world.joinAll(); }
Task<> insideWithoutSending(World& world) {
  ProduceConfig produce = world.produce();
  produce.autoProduce = false;
  co_await world.join(std::move(produce), world.consume());
}
Task<> insideRecording(World& world) {
  co_await world.join(ProduceConfig::none(), world.record());
  co_await world.hasConsumers();
}
Task<> insideMuted(World& world) {
  co_await world.joinAll();
  co_await world.client->pauseProducer(world.producer(MediaKind::audio));
  co_await world.client->pauseConsumer(world.consumer());
  DataProduceOptions options("telemetry");
  co_await world.client->produceData(std::move(options));
}

template <class T>
Task<> discard(Task<T> task) {
  co_await std::move(task);
}

Task<> joinFor(World& world, ProduceConfig produce, ConsumeConfig consume) {
  return world.join(std::move(produce), std::move(consume));
}

/// With somebody who takes what is sent.
Task<> withNetwork(World& world, Task<> task) {
  Scope network;
  network.spawn(world.takeMessages());
  std::exception_ptr failure;
  try {
    co_await std::move(task);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await network.close();
  if (failure) std::rethrow_exception(failure);
}

/// Until the client is back by itself, or gone.
Task<> comeBack(World& world) {
  Channel<RoomEvent> events = world.client->events().channel();
  world.lose();
  while (const auto happened = co_await events.next()) {
    if (std::holds_alternative<event::Reconnected>(*happened)) co_return;
    if (std::holds_alternative<event::Disconnected>(*happened)) co_return;
  }
}

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = {
      {"join without media", &outside,
       [](World& w) { return joinFor(w, ProduceConfig::none(), ConsumeConfig::none()); }},
      {"join to send", &outside,
       [](World& w) { return joinFor(w, w.produce(), ConsumeConfig::none()); }},
      {"join to receive", &outside,
       [](World& w) { return joinFor(w, ProduceConfig::none(), w.consume()); }},
      {"join for data", &outside,
       [](World& w) { return joinFor(w, ProduceConfig::none(), ConsumeConfig::dataOnly()); }},
      {"join to record", &outside,
       [](World& w) { return joinFor(w, ProduceConfig::none(), w.record()); }},
      {"join for all", &outside, [](World& w) { return w.joinAll(); }},
      {"join again", &inside, [](World& w) { return joinFor(w, w.produce(), w.consume()); }},
      {"play", &insideWithoutSending, [](World& w) { return w.client->play(); }},
      {"stop", &inside, [](World& w) { return w.client->stop(); }},
      {"exitRoom", &inside, [](World& w) { return w.client->exitRoom(); }},
      {"exitRoom while recording", &insideRecording, [](World& w) { return w.client->exitRoom(); }},
      {"closeProducer", &inside,
       [](World& w) { return w.client->closeProducer(w.producer(MediaKind::video)); }},
      {"pauseProducer", &inside,
       [](World& w) { return w.client->pauseProducer(w.producer(MediaKind::audio)); }},
      {"resumeProducer", &insideMuted,
       [](World& w) { return w.client->resumeProducer(w.producer(MediaKind::audio)); }},
      {"pauseConsumer", &inside, [](World& w) { return w.client->pauseConsumer(w.consumer()); }},
      {"resumeConsumer", &insideMuted,
       [](World& w) { return w.client->resumeConsumer(w.consumer()); }},
      {"setPreferredLayers", &inside,
       [](World& w) { return w.client->setPreferredLayers(w.consumer(), 1, 1); }},
      {"setPriority", &inside, [](World& w) { return w.client->setPriority(w.consumer(), 2); }},
      {"requestKeyFrame", &inside,
       [](World& w) { return w.client->requestKeyFrame(w.consumer()); }},
      {"sendChat", &inside, [](World& w) { return withNetwork(w, w.client->sendChat("hello")); }},
      {"sendToBot", &inside, [](World& w) { return withNetwork(w, w.client->sendToBot("hello")); }},
      {"produceData", &inside,
       [](World& w) { return discard(w.client->produceData(DataProduceOptions("drawing"))); }},
      {"changeDisplayName", &inside,
       [](World& w) { return w.client->changeDisplayName("Countess"); }},
      {"getServerStats", &inside,
       [](World& w) { return discard(w.client->getServerStats(w.producer(MediaKind::video))); }},
      {"restartIce", &inside,
       [](World& w) {
         return w.client->sendTransport()->restartIce(w.wire->transport.iceParameters);
       }},
      {"getStats", &inside,
       [](World& w) { return discard(w.client->sendTransport()->getStats()); }},
      {"come back", &insideMuted, &comeBack},
  };
  return all;
}

void sweepAll(Fate fate) {
  int steps = 0;
  for (const Operation& operation : operations()) steps += sweep(operation, fate);
  // A join has some twenty alone.
  CHECK(steps > 150);
}

}  // namespace

TEST_CASE("every operation can be cancelled at every step") { sweepAll(Fate::cancelled); }

TEST_CASE("the connection can die at every step of every operation") { sweepAll(Fate::lost); }

TEST_CASE("every step of every operation can be refused") { sweepAll(Fate::refused); }

TEST_CASE("a client can be destroyed at every step of every operation") {
  sweepAll(Fate::destroyed);
}
