#include "unit/sweep/world.hpp"

#include <algorithm>
#include "cosoup/client/device_internals.hpp"
#include "support/eventually.hpp"

namespace cosoup::test {

using namespace std::chrono_literals;
using testing::FakePeerConnection;

std::string toString(Fate fate) {
  switch (fate) {
    case Fate::cancelled:
      return "cancelled";
    case Fate::lost:
      return "lost";
    case Fate::refused:
      return "refused";
    case Fate::destroyed:
      break;
  }
  return "destroyed";
}

Task<> SteppedSource::open(Ref<GstCaps>) {
  co_await steps_->pass("open the source");
  tracks_.push_back(silentTrack(MediaKind::audio));
  tracks_.push_back(silentTrack(MediaKind::video));
}

Task<> SteppedSource::close() {
  closed_ = true;
  co_await shielded(steps_->pass("close the source"));
}

void SteppedSink::addTrack(TrackOrigin origin, std::shared_ptr<Track> track) {
  CHECK_FALSE(closed_);
  CHECK(tracks.emplace(origin.consumerId, std::move(track)).second);
}

Task<> SteppedSink::close() {
  closed_ = true;
  tracks.clear();
  co_await shielded(steps_->pass("close the sink"));
}

World::World() {
  wire->steps = steps;
  wire->router = testing::fakeRouterRtpCapabilities();
  wire->transport = testing::fakeTransportParameters();
  wire->peers.push_back(described("bob"));
  wire->joined = [this] { offer(); };
  client = std::make_unique<MediasoupClient>(std::make_unique<FakeSignaler>(wire));
  client->reconnect.minDelay = 1ms;
  client->reconnect.maxDelay = 2ms;
  DeviceOptions::Internals::setPeerConnections(client->device, [this](bool receives) {
    peers.push_back(std::make_shared<FakePeerConnection>(receives, steps));
    peers.back()->dataChannels().comeUp();
    return peers.back();
  });
  RoomEvents& events = client->events();
  connections_.push_back(events.on<event::Produced>(
      [this](const event::Produced& told) { producers_.push_back(told.producer); }));
  connections_.push_back(events.on<event::Consuming>(
      [this](const event::Consuming& told) { consumers_.push_back(told.consumer); }));
}

void World::offer() {
  std::uint32_t ssrc = 1000;
  for (const MediaKind kind : {MediaKind::audio, MediaKind::video}) {
    NewConsumer offered;
    offered.peerId = "bob";
    offered.id = cosoup::toString(kind) + " consumer";
    offered.producerId = "bob's " + cosoup::toString(kind);
    offered.kind = kind;
    offered.rtpParameters = testing::fakeConsumerRtpParameters(kind, ssrc += 1000);
    wire->events.push(ServerRequest(std::move(offered), [](int, const std::string&) {}));
  }
  NewDataConsumer chat;
  chat.peerId = "bob";
  chat.id = "chat consumer";
  chat.dataProducerId = "bob's chat";
  chat.label = "chat";
  wire->events.push(ServerRequest(std::move(chat), [](int, const std::string&) {}));
}

ProduceConfig World::produce() {
  return ProduceConfig::from([this]() -> std::shared_ptr<Source> {
    return sources.emplace_back(std::make_shared<SteppedSource>(steps));
  });
}

ConsumeConfig World::consume() {
  return ConsumeConfig::into([this]() -> std::shared_ptr<Sink> {
    return sinks.emplace_back(std::make_shared<SteppedSink>(steps));
  });
}

ConsumeConfig World::record() { return ConsumeConfig::record(directory_.path().string()); }

Task<> World::join(ProduceConfig produce, ConsumeConfig consume) {
  RoomAddress address("ws://nowhere", "room");
  PeerInfo me("ada", "Ada");
  return client->joinRoom(std::move(address), std::move(me), std::move(produce),
                          std::move(consume));
}

Task<> World::joinAll() {
  co_await join(produce(), consume());
  co_await hasConsumers();
}

Task<> World::hasConsumers() {
  const auto isThere = [this] {
    return consumers_.size() > 1 && !client->room()->peer("bob")->dataConsumers().empty();
  };
  while (client && client->room() && !isThere()) co_await sleepFor(1ms);
}

std::shared_ptr<Producer> World::producer(MediaKind kind) const {
  const auto found = std::find_if(producers_.begin(), producers_.end(),
                                  [&](const auto& each) { return each->kind() == kind; });
  return found == producers_.end() ? nullptr : *found;
}

std::shared_ptr<Consumer> World::consumer() const { return consumers_.front(); }

void World::lose() {
  Channel<SignalerEvent> broken = std::exchange(wire->events, Channel<SignalerEvent>());
  SignalerClosed closed;
  closed.code = 1006;
  broken.push(closed);
  broken.close();
}

void World::befall(Fate fate, Scope& operation) {
  switch (fate) {
    case Fate::cancelled:
      return operation.requestStop();
    case Fate::lost:
      lose();
      return steps->fail(steps->held(), Error(Error::Code::Disconnected, "the connection is lost"));
    case Fate::refused:
      return steps->fail(steps->held(), Error(Error::Code::Rejected, "no", 500));
    case Fate::destroyed:
      return client.reset();
  }
}

Task<> World::takeMessages() {
  while (true) {
    co_await sleepFor(1ms);
    const auto now = peers;
    for (const auto& peer : now) {
      const auto senders = peer->dataChannels().senders;
      for (const auto& sender : senders) sender->take(sender->waiting.size());
    }
  }
}

void World::checkNothingIsLeft() const {
  for (const auto& peer : peers) CHECK(peer->isClosed());
  for (const auto& source : sources) {
    CHECK(source->isClosed());
    for (const auto& track : source->tracks()) CHECK_FALSE(track->hasReceivers());
  }
  for (const auto& sink : sinks) {
    CHECK(sink->isClosed());
    CHECK(sink->tracks.empty());
  }
}

namespace {

/// How an operation ended.
struct Result {
  bool ended = false;
  bool cancelled = false;
  std::string error;
};

Task<> watch(Task<> operation, std::shared_ptr<Result> result) {
  try {
    co_await std::move(operation);
  } catch (const Cancelled&) {
    result->cancelled = true;
  } catch (const std::exception& error) {
    result->error = error.what();
  }
  result->ended = true;
}

template <class T>
Task<> discard(Task<T> task) {
  co_await std::move(task);
}

/// It can be joined again, and with `fully` sent in as well.
Task<> goesOn(World& world, bool fully) {
  co_await withTimeout(10s, world.join(world.produce(), world.consume()), "join again");
  if (!fully) co_return;
  DataProduceOptions options("telemetry");
  co_await withTimeout(10s, discard(world.client->produceData(std::move(options))), "produceData");
  co_await withTimeout(10s, world.client->stop(), "stop");
  co_await withTimeout(10s, world.client->play(), "play");
}

Task<> once(const Operation& operation, Fate fate, std::size_t n, bool& reached) {
  World world;
  co_await operation.prepare(world);
  world.steps->holdNumber(n);
  Scope scope;
  const auto result = std::make_shared<Result>();
  scope.spawn(watch(operation.run(world), result));
  co_await eventually("the operation waits or ends",
                      [&] { return world.steps->isHeld() || result->ended; });
  reached = world.steps->isHeld() && !result->ended;
  INFO("at '" << world.steps->held() << "'");
  if (reached) world.befall(fate, scope);
  world.steps->release();
  co_await eventually("the operation ends", [&] { return result->ended; });
  co_await scope.close();
  INFO("ended with '" << result->error << "'");
  if (!reached) CHECK(result->error.empty());
  if (fate != Fate::cancelled) CHECK_FALSE(result->cancelled);
  if (world.client) {
    co_await goesOn(world, fate == Fate::cancelled);
    co_await withTimeout(10s, world.client->close(), "close");
  }
  co_await eventually("all is given back",
                      [&] { return cosoup::detail::backgroundScope().running() == 0; });
  world.checkNothingIsLeft();
}

}  // namespace

int sweep(const Operation& operation, Fate fate) {
  bool reached = true;
  int n = 0;
  while (reached) {
    ++n;
    INFO(operation.name << ", " << toString(fate) << " at step " << n);
    REQUIRE(n < 200);
    runTest(once(operation, fate, static_cast<std::size_t>(n), reached), 60s);
  }
  return n - 1;
}

}  // namespace cosoup::test
