#include "cosoup/client/recv_transport.hpp"

#include "support/catch.hpp"
#include "support/sections.hpp"
#include "unit/client/fake_call.hpp"
#include "unit/rtc/remote_sides.hpp"

using namespace cosoup;
using namespace cosoup::test;
using example::mids;

namespace {

constexpr std::uint32_t kProbationSsrc = 1234;

using Change = std::function<void(ConsumeOptions&)>;

/// Consumers that a server of ours never makes.
std::vector<std::pair<Change, Error::Code>> refusedChanges() {
  return {
      {[](auto& options) { options.id.clear(); }, Error::Code::InvalidArgument},
      {[](auto& options) { options.producerId.clear(); }, Error::Code::InvalidArgument},
      {[](auto& options) { options.kind = MediaKind::audio; }, Error::Code::InvalidArgument},
      {[](auto& options) { options.appData = Json::array(); }, Error::Code::InvalidArgument},
      {[](auto& options) { options.rtpParameters = RtpParameters(); },
       Error::Code::InvalidArgument},
      {[](auto& options) { options.rtpParameters.codecs.clear(); }, Error::Code::InvalidArgument},
      {[](auto& options) { options.rtpParameters.encodings.clear(); },
       Error::Code::InvalidArgument},
      {[](auto& options) { options.rtpParameters.encodings[0].ssrc.reset(); },
       Error::Code::InvalidArgument},
      {[](auto& options) { options.rtpParameters.headerExtensions[0].id = 0; },
       Error::Code::InvalidArgument},
      {[](auto& options) { options.rtpParameters.codecs[1].parameters.clear(); },
       Error::Code::InvalidArgument},
      {[](auto& options) { options.rtpParameters.codecs[0].payloadType = 77; },
       Error::Code::InvalidArgument},  // the rtx codec points at no codec
      {[](auto& options) {
         options.rtpParameters.codecs.resize(1);
         options.rtpParameters.codecs[0].payloadType = 77;
       },
       Error::Code::Unsupported},
      {[](auto& options) { options.rtpParameters.codecs[0].mimeType = "video/H264"; },
       Error::Code::Unsupported},
  };
}

/// Lets one step of the first call of consume() fail, and checks that the second one succeeds.
Task<> recoverFrom(std::string step, bool connectFirst) {
  FakeCall call;
  const auto transport = call.recvTransport();
  if (connectFirst) co_await transport->connect();
  call.steps->fail(step, Error(Error::Code::Media, "broken"));
  const Error error = co_await errorOf(transport->consume(videoConsumer(1000)));
  CHECK(error.code() == Error::Code::Media);
  CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("broken"));
  CHECK_FALSE(call.peer().receivePacket(1000));
  CHECK_FALSE(call.peer().makeStream(1000));
  const auto consumer = co_await transport->consume(videoConsumer(1000));
  CHECK(call.peer().receivePacket(1000));
  CHECK(sectionsOf(*transport) == 2);
  CHECK(mids(call.peer().local()) == mids(call.peer().remote()));
  co_await transport->close();
}

}  // namespace

TEST_CASE("a consumer is as the server made it") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    ConsumeOptions options = videoConsumer(1000);
    options.appData.set("share", true);
    const auto consumer = co_await transport->consume(options);
    CHECK(consumer->id() == "consumer 1000");
    CHECK(consumer->producerId() == "producer 1000");
    CHECK(consumer->kind() == MediaKind::video);
    CHECK(consumer->mimeType() == "video/VP8");
    CHECK(consumer->rtpParameters() == options.rtpParameters);
    CHECK(consumer->appData().text() == R"({"share":true})");
    CHECK(consumer->track()->kind() == MediaKind::video);
    CHECK_FALSE(consumer->isPaused());
    CHECK_FALSE(consumer->isClosed());
    co_await transport->close();
  }());
}

TEST_CASE("only of a consumer whose codec has nack what is lost may be asked for") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    ConsumeOptions withNack = audioConsumer(2000);
    withNack.rtpParameters.codecs[0].rtcpFeedback.push_back({"nack", ""});
    ConsumeOptions onlyPli = videoConsumer(3000);
    auto& feedback = onlyPli.rtpParameters.codecs[0].rtcpFeedback;
    std::erase(feedback, RtcpFeedback{"nack", ""});
    CHECK_FALSE(feedback.empty());
    const auto opus = co_await transport->consume(withNack);
    co_await transport->consume(audioConsumer(2001));
    co_await transport->consume(onlyPli);
    co_await transport->consume(videoConsumer(3100));
    const ReceiveGuard& guard = call.peer().guard();
    CHECK(guard.mayNack(2000));
    CHECK_FALSE(guard.mayNack(2001));
    CHECK_FALSE(guard.mayNack(3000));
    CHECK(guard.mayNack(3100));
    CHECK_FALSE(guard.mayNack(kProbationSsrc));
    opus->close();
    CHECK_FALSE(guard.mayNack(2000));
    co_await transport->close();
  }());
}

TEST_CASE("the offer for a consumer names its streams, codecs and extensions") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    co_await transport->consume(videoConsumer(1000));
    const sdp::SessionDescription offer = call.peer().remote();
    REQUIRE(offer.sections.size() == 2);
    const sdp::MediaSection& video = offer.sections[1];
    CHECK(video.direction == sdp::MediaDirection::sendonly);
    CHECK(video.setup == "actpass");
    CHECK(video.ssrcs == std::vector<std::uint32_t>{1000, 1001});
    CHECK(video.cname == "ada");
    CHECK(video.codecs.size() == 2);
    const sdp::MediaSection answered = call.peer().local().section(video.mid);
    CHECK(answered.direction == sdp::MediaDirection::recvonly);
    CHECK(answered.setup == "active");
    co_await transport->close();
  }());
}

TEST_CASE("a consumer's stereo and bandwidth extension are written into the answer") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    ConsumeOptions options = audioConsumer(1000);
    const std::string transportCc =
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    options.rtpParameters.headerExtensions.push_back({transportCc, 5, false, {}});
    co_await transport->consume(std::move(options));
    const sdp::MediaSection audio = call.peer().local().sections.at(1);
    CHECK(audio.codecs.at(0).parameters.at("stereo") == ParameterValue(std::int64_t{1}));
    REQUIRE(audio.headerExtensions.size() == 1);
    CHECK(audio.headerExtensions[0].uri == transportCc);
    CHECK(audio.headerExtensions[0].id == 5);
    co_await transport->close();
  }());
}

TEST_CASE("consume refuses what makes no sense, and goes on") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    for (const auto& [change, code] : refusedChanges()) {
      ConsumeOptions options = videoConsumer(1000);
      change(options);
      const Error error = co_await errorOf(transport->consume(std::move(options)));
      CHECK(error.code() == code);
      CHECK_THAT(error.what(), Catch::Matchers::StartsWith("consume: "));
    }
    CHECK(sectionsOf(*transport) <= 1);
    const auto consumer = co_await transport->consume(videoConsumer(1000));
    CHECK(consumer->id() == "consumer 1000");
    CHECK(sectionsOf(*transport) == 2);
    co_await transport->close();
  }());
}

TEST_CASE("a stream is taken by one consumer at a time") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const auto consumer = co_await transport->consume(videoConsumer(1000));
    const Error same = co_await errorOf(transport->consume(videoConsumer(1000)));
    CHECK(same.code() == Error::Code::InvalidArgument);
    const Error asRtx = co_await errorOf(transport->consume(audioConsumer(1001)));
    CHECK(asRtx.code() == Error::Code::InvalidArgument);
    CHECK(call.peer().receivePacket(1000));
    CHECK(call.peer().receivePacket(1001));
    CHECK(call.peer().releasedStreams().empty());
    co_await transport->close();
  }());
}

TEST_CASE("only negotiated streams are let in, and probation as soon as there is one") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    co_await transport->connect();
    CHECK_FALSE(call.peer().receivePacket(1000));
    CHECK_FALSE(call.peer().receivePacket(kProbationSsrc));
    call.steps->hold("setLocalDescription");
    Scope scope;
    const auto made = begin(scope, transport->consume(videoConsumer(1000)));
    co_await call.steps->untilHeld();
    CHECK_FALSE(call.peer().receivePacket(1000));
    call.steps->release();
    const auto consumer = co_await made.wait();
    CHECK(call.peer().receivePacket(1000));
    CHECK(call.peer().receivePacket(1001));
    CHECK(call.peer().receivePacket(kProbationSsrc));
    CHECK_FALSE(call.peer().receivePacket(2000));
    co_await scope.join();
    co_await transport->close();
  }());
}

TEST_CASE("consumers that arrive together are negotiated together") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    co_await transport->connect();
    const std::size_t before = call.peer().descriptions().size();
    Scope scope;
    std::vector<Deferred<std::shared_ptr<Consumer>>> made;
    for (std::uint32_t ssrc = 1000; ssrc < 1100; ssrc += 10) {
      ConsumeOptions options = ssrc % 20 == 0 ? audioConsumer(ssrc) : videoConsumer(ssrc);
      made.push_back(begin(scope, transport->consume(std::move(options))));
    }
    for (const auto& each : made) {
      const auto consumer = co_await each.wait();
      CHECK_FALSE(consumer->isClosed());
    }
    CHECK(call.peer().descriptions().size() == before + 2);
    CHECK(sectionsOf(*transport) == 11);
    co_await scope.join();
    co_await transport->close();
  }());
}

TEST_CASE("consumers that arrive during a negotiation share the next one") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    co_await transport->connect();
    call.steps->hold("createAnswer");
    Scope scope;
    const auto first = begin(scope, transport->consume(audioConsumer(1000)));
    co_await call.steps->untilHeld();
    const auto second = begin(scope, transport->consume(audioConsumer(2000)));
    const auto third = begin(scope, transport->consume(videoConsumer(3000)));
    call.steps->release();
    co_await first.wait();
    co_await second.wait();
    co_await third.wait();
    CHECK(call.steps->count("createAnswer") == 3);
    CHECK(sectionsOf(*transport) == 4);
    co_await scope.join();
    co_await transport->close();
  }());
}

TEST_CASE("one consumer that webrtcbin refuses does not take the others with it") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    co_await transport->connect();
    Scope scope;
    const auto good = begin(scope, transport->consume(audioConsumer(1000)));
    const auto other = begin(scope, transport->consume(videoConsumer(2000)));
    call.peer().refuse("1");
    const auto first = co_await good.wait();
    const auto second = co_await other.wait();
    CHECK(call.peer().receivePacket(1000));
    CHECK(call.peer().receivePacket(2000));
    CHECK(sectionsOf(*transport) == 3);
    co_await scope.join();
    co_await transport->close();
  }());
}

TEST_CASE("a consumer that webrtcbin refuses fails alone, and its slot is used again") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    co_await transport->connect();
    call.peer().refuse("0");
    const Error error = co_await errorOf(transport->consume(videoConsumer(1000)));
    CHECK(error.code() == Error::Code::Media);
    CHECK(error.what() == std::string("consume: webrtcbin does not take video/VP8"));
    CHECK_FALSE(call.peer().receivePacket(1000));
    co_await transport->consume(videoConsumer(2000));
    CHECK(sectionsOf(*transport) == 2);
    co_await transport->close();
  }());
}

TEST_CASE("consume goes on after any step of the negotiation has failed") {
  const std::string step = GENERATE(as<std::string>(), "start", "setRemoteDescription",
                                    "createAnswer", "setLocalDescription");
  INFO(step);
  runTest(recoverFrom(step, false));
}

TEST_CASE("consume goes on after any step of a later negotiation has failed") {
  const std::string step =
      GENERATE(as<std::string>(), "setRemoteDescription", "createAnswer", "setLocalDescription");
  INFO(step);
  runTest(recoverFrom(step, true));
}

TEST_CASE("consumers of one stream id are in sync, others by their cname") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    ConsumeOptions named = audioConsumer(1000);
    named.streamId = "ada-share";
    co_await transport->consume(std::move(named));
    co_await transport->consume(videoConsumer(2000));
    const std::string offer = call.peer().descriptions().at(4).text;
    CHECK_THAT(offer, Catch::Matchers::ContainsSubstring("a=msid:ada-share consumer_1000\r\n"));
    CHECK_THAT(offer, Catch::Matchers::ContainsSubstring("a=msid:ada consumer_2000\r\n"));
    co_await transport->close();
  }());
}
