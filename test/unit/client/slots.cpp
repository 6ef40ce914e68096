// Slots for sending whose end the server may not know of.
#include "cosoup/client/send_transport.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "unit/async/cancelling.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

std::uint32_t ssrcOf(const Producer& producer) {
  return *producer.rtpParameters().encodings.at(0).ssrc;
}

std::size_t sectionsOf(FakeCall& call) { return call.peer().local().sections.size(); }

/// A server that keeps what it has made, and refuses the same SSRC a second time.
class Strict {
 public:
  std::shared_ptr<SendTransport> sendTransport() {
    return call.device.createSendTransport(transportParameters(), call.connectHandler(),
                                           [this](MediaKind, RtpParameters parameters, Json) {
                                             return produce(std::move(parameters));
                                           });
  }

  FakeCall call;
  std::vector<std::uint32_t> asked;
  std::set<std::uint32_t> held;

 private:
  Task<std::string> produce(RtpParameters parameters) {
    const std::uint32_t ssrc = *parameters.encodings.at(0).ssrc;
    asked.push_back(ssrc);
    const bool isNew = held.insert(ssrc).second;  // also for one who does not wait for the answer
    co_await call.steps->pass("produce");
    if (!isNew) {
      throw Error(Error::Code::Rejected, "produce: ssrc already exists in RTP listener", 500);
    }
    co_return "producer " + std::to_string(asked.size());
  }
};

/// Gives up while the server is asked.
Task<> giveUp(Strict& server, std::shared_ptr<SendTransport> transport) {
  server.call.steps->hold("produce");
  Scope scope;
  Ending ending;
  Task<> produce = discard(transport->produce(ProduceOptions(opusTrack())));
  scope.spawn(cosoup::test::detail::watch(std::move(produce), ending));
  co_await server.call.steps->untilHeld();
  co_await scope.close();
  CHECK(ending.cancelled);
  server.call.steps->release();
}

}  // namespace

TEST_CASE("after a produce that was given up the next one of its shape has another slot") {
  runTest([]() -> Task<> {
    Strict server;
    const auto transport = server.sendTransport();
    co_await giveUp(server, transport);
    const auto producer = co_await transport->produce(ProduceOptions(opusTrack()));
    CHECK(server.asked.size() == 2);
    CHECK(server.asked[0] != server.asked[1]);
    CHECK(sectionsOf(server.call) == 3);
    co_await transport->close();
  }());
}

TEST_CASE("slots that were given up are tried again, so that there are not ever more of them") {
  runTest([]() -> Task<> {
    Strict server;
    const auto transport = server.sendTransport();
    for (int i = 0; i < 20; ++i) {
      co_await giveUp(server, transport);
      server.held.clear();  // it has undone the late one
      const auto producer = co_await transport->produce(ProduceOptions(opusTrack()));
      producer->close();
      server.held.clear();
    }
    CHECK(sectionsOf(server.call) <= 6);
    co_await transport->close();
  }());
}

TEST_CASE("a slot that was given up and is still taken at the server costs one more request") {
  runTest([]() -> Task<> {
    Strict server;
    const auto transport = server.sendTransport();
    for (int i = 0; i < 8; ++i) {
      co_await giveUp(server, transport);
      const auto producer = co_await transport->produce(ProduceOptions(opusTrack()));
      CHECK(server.held.contains(ssrcOf(*producer)));
      producer->close();
      server.held.erase(ssrcOf(*producer));
    }
    co_await transport->close();
  }());
}

TEST_CASE("after a close that the server was not told of, the next of the shape has another slot") {
  runTest([]() -> Task<> {
    Strict server;
    const auto transport = server.sendTransport();
    const auto first = co_await transport->produce(ProduceOptions(opusTrack()));
    first->close();
    const auto second = co_await transport->produce(ProduceOptions(opusTrack()));
    CHECK(ssrcOf(*second) != ssrcOf(*first));
    CHECK_FALSE(second->isClosed());
    CHECK(server.asked.size() == 3);
    co_await transport->close();
  }());
}

TEST_CASE("a producer that the server refuses for itself is not asked for twice") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    for (int i = 0; i < 3; ++i) {
      call.steps->fail("produce", Error(Error::Code::Rejected, "produce: no", 403));
      const Error refused = co_await errorOf(transport->produce(ProduceOptions(opusTrack())));
      CHECK(refused.code() == Error::Code::Rejected);
    }
    CHECK(call.produced.size() == 3);
    const auto producer = co_await transport->produce(ProduceOptions(opusTrack()));
    CHECK(sectionsOf(call) == 2);
    co_await transport->close();
  }());
}

TEST_CASE("a producer that the server has made for one who gave up at the last moment is named") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    std::vector<std::string> abandoned;
    const Connection listening = transport->producerAbandoned.connect(
        [&](const std::string& id) { abandoned.push_back(id); });
    call.steps->hold("connect");
    Scope scope;
    Ending ending;
    Task<> produce = discard(transport->produce(ProduceOptions(opusTrack())));
    scope.spawn(cosoup::test::detail::watch(std::move(produce), ending));
    co_await eventually("the server is asked", [&] { return call.steps->count("produce") == 1; });
    co_await letLoopTurn();
    co_await scope.close();
    CHECK(ending.cancelled);
    CHECK(abandoned == std::vector<std::string>{"producer 1"});
    call.steps->release();
    co_await transport->close();
  }());
}

namespace {

/// Gives the track pictures, until the producer has sent so many packets.
Task<> sendUntil(std::shared_ptr<Track> track, std::shared_ptr<Producer> producer,
                 std::uint64_t packets) {
  GstClock* clock = gst_system_clock_obtain();
  const auto send = [&] {
    Frame frame;
    frame.buffer =
        Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, 64 * 48 * 3 / 2, nullptr));
    frame.caps = track->caps();
    frame.time = gst_clock_get_time(clock);
    track->deliver(frame);
    return producer->counters().packets >= packets;
  };
  co_await eventually("packets are sent", send);
  gst_object_unref(clock);
}

}  // namespace

TEST_CASE("a producer that begins paused sends nothing before it is resumed") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto track = rawVideoTrack();
    ProduceOptions options(track);
    options.paused = true;
    options.maxSpatialLayer = 0;
    const auto silent = co_await transport->produce(std::move(options));
    const auto other = co_await transport->produce(ProduceOptions(track));
    CHECK(silent->maxSpatialLayer() == 0);
    co_await sendUntil(track, other, 10);
    CHECK(silent->counters().packets == 0);
    silent->resume();
    co_await sendUntil(track, silent, 3);
    silent->pause();  // black pictures from now on
    co_await sendUntil(track, silent, silent->counters().packets + 3);
    co_await transport->close();
  }());
}

TEST_CASE("a lost association closes the data producers and is told by the transport") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    DataProduceOptions options("chat");
    const auto chat = co_await transport->produceData(std::move(options));
    std::string told;
    const Connection listening = transport->sctpFailed.connect([&](const Error& error) {
      told = error.what();
      CHECK(chat->isClosed());
    });
    call.peer().dataChannels().comeUp();
    call.peer().dataChannels().breakDown();
    co_await eventually("it is told", [&] { return !told.empty(); });
    CHECK(told == "data channels: the association has ended");
    co_await transport->close();
  }());
}
