// What an app can ask of a consumer.
#include "cosoup/client/consumer.hpp"
#include "cosoup/client/recv_transport.hpp"
#include "support/catch.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

TEST_CASE("a consumer tells that it is paused, resumed, ended and closed, each once") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const auto consumer = co_await transport->consume(videoConsumer(1000));
    std::string said;
    const Connection first = consumer->paused.connect([&] { said += "paused "; });
    const Connection second = consumer->resumed.connect([&] { said += "resumed "; });
    const Connection third = consumer->trackEnded.connect([&] { said += "trackEnded "; });
    const Connection fourth = consumer->closed.connect([&] { said += "closed "; });
    consumer->resume();
    consumer->pause();
    consumer->pause();
    consumer->resume();
    consumer->close();
    consumer->close();
    CHECK(said == "paused resumed trackEnded closed ");
    CHECK(consumer->track()->isEnded());
    co_await transport->close();
  }());
}

TEST_CASE("a key frame is asked for only of video that is open") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const auto video = co_await transport->consume(videoConsumer(1000));
    const auto audio = co_await transport->consume(audioConsumer(2000));
    video->requestKeyFrame();
    audio->requestKeyFrame();
    CHECK(call.peer().keyFrameRequests() == std::vector<std::uint32_t>{1000});
    video->close();
    CHECK(errorOf([&] { video->requestKeyFrame(); }).code() == Error::Code::InvalidState);
    co_await transport->close();
  }());
}

TEST_CASE("how long a missing packet is waited for is an option") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    co_await transport->consume(videoConsumer(1000));
    CHECK_FALSE(call.peer().admitted().back().latency);
    ConsumeOptions impatient = videoConsumer(2000);
    impatient.latency = std::chrono::milliseconds(0);
    co_await transport->consume(std::move(impatient));
    CHECK(call.peer().admitted().back().latency == std::chrono::milliseconds(0));
    co_await transport->close();
  }());
}

TEST_CASE("a consumer's track tells how late its frames may come") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const auto consumer = co_await transport->consume(videoConsumer(1000));
    CHECK_FALSE(consumer->track()->latency());
    call.peer().admitted().back().onLatency(std::chrono::milliseconds(700));
    CHECK(consumer->track()->latency() == std::chrono::milliseconds(700));
    co_await transport->close();
  }());
}

TEST_CASE("a latency that cannot be is refused") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    for (const int latency : {-1, 10'001}) {
      ConsumeOptions options = videoConsumer(1000);
      options.latency = std::chrono::milliseconds(latency);
      const Error error = co_await errorOf(transport->consume(std::move(options)));
      CHECK(error.code() == Error::Code::InvalidArgument);
    }
    CHECK(call.peer().admitted().empty());
    co_await transport->close();
  }());
}

TEST_CASE("a consumer tells how its stream got over its line") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const auto consumer = co_await transport->consume(videoConsumer(1000));
    ReceptionReport reception;
    reception.counters.emplace();
    reception.counters->recovered = 12;
    reception.counters->freezes = 2;
    call.peer().setReception(reception);
    CHECK(consumer->counters().reception.recovered == 12);
    consumer->close();
    // What it was when it closed.
    call.peer().setReception({});
    CHECK(consumer->counters().reception.freezes == 2);
    co_await transport->close();
  }());
}

TEST_CASE("streams of one CNAME are kept in sync, whatever the app says of them") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    ConsumeOptions screen = videoConsumer(1000);
    screen.streamId = "screen";
    co_await transport->consume(std::move(screen));
    co_await transport->consume(audioConsumer(2000));
    const auto& streams = call.peer().admitted();
    CHECK(streams.front().syncGroup == streams.back().syncGroup);
    CHECK_FALSE(streams.front().syncGroup.empty());
    co_await transport->close();
  }());
}

TEST_CASE("a consumer's stream is what the app says, else the sender, else the CNAME") {
  struct Row {
    std::optional<std::string> option;
    std::optional<std::string> msid;
    std::string expected;
  };
  const std::vector<Row> rows = {
      {"mine", "theirs track", "mine"},
      {{}, "theirs track", "theirs"},
      {{}, "theirs", "theirs"},
      {{}, "- track", "cname"},
      {{}, "", "cname"},
      {{}, {}, "cname"},
  };
  runTest([](std::vector<Row> cases) -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    std::uint32_t ssrc = 1000;
    for (const Row& row : cases) {
      ConsumeOptions options = videoConsumer(ssrc);
      ssrc += 2;
      options.streamId = row.option;
      options.rtpParameters.msid = row.msid;
      options.rtpParameters.rtcp.cname = "cname";
      const auto consumer = co_await transport->consume(std::move(options));
      CHECK(consumer->streamId() == row.expected);
    }
    co_await transport->close();
  }(rows));
}
