// States and statistics of transports, and what they tell of what they carry.
#include "cosoup/client/device.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

TEST_CASE("a transport tells of its states only when they change and while it is open") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    std::vector<ConnectionState> states;
    std::vector<IceGatheringState> gathering;
    int closed = 0;
    const Connection first = transport->connectionStateChanged.connect(
        [&](ConnectionState now) { states.push_back(now); });
    const Connection second = transport->iceGatheringStateChanged.connect(
        [&](IceGatheringState now) { gathering.push_back(now); });
    const Connection third = transport->closed.connect([&] { ++closed; });
    CHECK(transport->iceGatheringState() == IceGatheringState::fresh);
    FakePeerConnection& peer = call.peer();
    peer.changeConnectionState(ConnectionState::fresh);
    peer.changeConnectionState(ConnectionState::connecting);
    peer.changeConnectionState(ConnectionState::connecting);
    peer.changeIceGatheringState(IceGatheringState::gathering);
    peer.changeIceGatheringState(IceGatheringState::complete);
    peer.changeIceGatheringState(IceGatheringState::complete);
    CHECK(states == std::vector{ConnectionState::connecting});
    CHECK(gathering == std::vector{IceGatheringState::gathering, IceGatheringState::complete});
    CHECK(transport->iceGatheringState() == IceGatheringState::complete);
    co_await transport->close();
    peer.changeConnectionState(ConnectionState::failed);
    peer.changeIceGatheringState(IceGatheringState::gathering);
    co_await transport->close();
    CHECK(states.size() == 1);
    CHECK(gathering.size() == 2);
    CHECK(closed == 1);
    CHECK(transport->connectionState() == ConnectionState::closed);
  }());
}

TEST_CASE("transports tell of their producers and consumers") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto send = call.sendTransport();
    const auto recv = call.recvTransport();
    std::shared_ptr<Producer> producer;
    std::shared_ptr<Consumer> consumer;
    const Connection first = send->newProducer.connect(
        [&](std::shared_ptr<Producer> made) { producer = std::move(made); });
    const Connection second = recv->newConsumer.connect(
        [&](std::shared_ptr<Consumer> made) { consumer = std::move(made); });
    ProduceOptions options(opusTrack());
    const auto produced = co_await send->produce(std::move(options));
    CHECK(producer == produced);
    const auto consumed = co_await recv->consume(audioConsumer(1000));
    CHECK(consumer == consumed);
    co_await send->close();
    co_await recv->close();
  }());
}

TEST_CASE("several consumers that close in one turn of the loop need no negotiation at all") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    std::vector<std::shared_ptr<Consumer>> consumers;
    for (std::uint32_t ssrc = 1000; ssrc < 1010; ssrc += 2) {
      consumers.push_back(co_await transport->consume(videoConsumer(ssrc)));
    }
    const std::size_t before = call.peer().descriptions().size();
    for (const auto& consumer : consumers) consumer->close();
    co_await eventually("all streams are free",
                        [&] { return call.peer().releasedStreams().size() == 5; });
    CHECK(call.peer().descriptions().size() == before);
    co_await transport->close();
  }());
}

TEST_CASE("a transport's statistics are of all streams, a producer's of its own") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    ProduceOptions options(opusTrack());
    const auto producer = co_await transport->produce(std::move(options));
    const std::uint32_t ssrc = producer->rtpParameters().encodings.at(0).ssrc.value();
    const auto source = [](std::uint32_t of) {
      return Json::object({{"ssrc", of}, {"internal", true}, {"packets-sent", 3}});
    };
    call.peer().setRtpSources({source(ssrc), source(ssrc + 1)});
    const RtcStatsReport all = co_await transport->getStats();
    CHECK(all.outbound.size() == 2);
    CHECK(all.raw == Json::object({{"id", "everything"}}));
    const RtcStatsReport own = producer->getStats();
    REQUIRE(own.outbound.size() == 1);
    CHECK(own.outbound[0].ssrc == ssrc);
    producer->close();
    CHECK(errorOf([&] { producer->getStats(); }).code() == Error::Code::InvalidState);
    co_await transport->close();
  }());
}

TEST_CASE("statistics that a transport's closing overtakes fail") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    call.steps->hold("stats");
    Scope scope;
    const auto stats = begin(scope, transport->getStats());
    co_await call.steps->untilHeld();
    co_await transport->close();
    call.steps->release();
    const Error error = co_await errorOf(stats.wait());
    CHECK(error.code() == Error::Code::InvalidState);
    co_await scope.join();
  }());
}
