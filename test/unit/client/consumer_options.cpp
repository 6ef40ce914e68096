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
