#include "cosoup/client/send_transport.hpp"

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "unit/client/fake_call.hpp"
#include "unit/rtc/remote_sides.hpp"

using namespace cosoup;
using namespace cosoup::test;
using example::mids;

namespace {

RtpCodecCapability vp9() {
  return {MediaKind::video, "video/VP9", std::nullopt, 90000, std::nullopt, {}, {}};
}

/// Calls of produce() that are refused before anybody is asked.
std::vector<std::pair<ProduceOptions, Error::Code>> refusedOptions() {
  ProduceOptions noObject(opusTrack());
  noObject.appData = Json::array();
  ProduceOptions otherCodec(vp8Track());
  otherCodec.codec = vp9();
  ProduceOptions noSuchCodec(vp8Track());
  noSuchCodec.codec = {MediaKind::video, "video/nope", std::nullopt, 90000, std::nullopt, {}, {}};
  return {
      {ProduceOptions(nullptr), Error::Code::InvalidArgument},
      {ProduceOptions(std::make_shared<Track>(MediaKind::audio)), Error::Code::InvalidArgument},
      {noObject, Error::Code::InvalidArgument},
      {otherCodec, Error::Code::Unsupported},
      {noSuchCodec, Error::Code::Unsupported},
      {ProduceOptions(trackOf(MediaKind::video, "video/x-theora")), Error::Code::Unsupported},
  };
}

/// Lets one step of the first call of produce() fail, and checks that the second one succeeds.
Task<> recoverFrom(std::string step, bool connectFirst) {
  FakeCall call;
  const auto transport = call.sendTransport();
  if (connectFirst) co_await transport->connect();
  call.steps->fail(step, Error(Error::Code::Media, "broken"));
  const Error error = co_await errorOf(transport->produce(ProduceOptions(opusTrack())));
  CHECK(error.code() == Error::Code::Media);
  CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("broken"));
  const auto producer = co_await transport->produce(ProduceOptions(opusTrack()));
  CHECK(producer->id() == "producer " + std::to_string(call.produced.size()));
  CHECK(mids(call.peer().local()) == mids(call.peer().remote()));
  const auto video = co_await transport->produce(ProduceOptions(vp8Track()));
  CHECK(mids(call.peer().local()) == mids(call.peer().remote()));
  co_await transport->close();
}

}  // namespace

TEST_CASE("audio is produced with exactly these parameters") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto producer = co_await transport->produce(ProduceOptions(opusTrack()));
    REQUIRE(call.produced.size() == 1);
    const RtpParameters& parameters = call.produced[0].rtpParameters;
    REQUIRE(parameters.encodings.size() == 1);
    const std::string ssrc = std::to_string(parameters.encodings[0].ssrc.value());
    auto expected = fromJson<RtpParameters>(Json::parse(R"({"mid":"audio1",
      "codecs":[{"mimeType":"audio/opus","payloadType":111,"clockRate":48000,"channels":2,
        "parameters":{"minptime":10,"useinbandfec":1},
        "rtcpFeedback":[{"type":"transport-cc","parameter":""}]}],
      "headerExtensions":[{"uri":"urn:ietf:params:rtp-hdrext:sdes:mid","id":1},{"uri":
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01","id":5},
        {"uri":"urn:ietf:params:rtp-hdrext:ssrc-audio-level","id":6},{"uri":
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time","id":10},
        {"uri":"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay","id":11}],
      "encodings":[{"ssrc":)" + ssrc + R"(}],
      "rtcp":{"cname":"user@host","reducedSize":true}})"));
    expected.msid = parameters.msid;  // made up by chance
    CHECK(toJson(parameters).text() == toJson(expected).text());
    CHECK(producer->rtpParameters() == parameters);
    CHECK(producer->mimeType() == "audio/opus");
    CHECK(call.produced[0].kind == MediaKind::audio);
    co_await transport->close();
  }());
}

TEST_CASE("video is produced with rtx, under an SSRC of its own") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport(false);
    const auto producer = co_await transport->produce(ProduceOptions(vp8Track()));
    const RtpParameters& parameters = producer->rtpParameters();
    REQUIRE(parameters.encodings.size() == 1);
    const std::uint32_t ssrc = parameters.encodings[0].ssrc.value();
    const std::uint32_t rtxSsrc = parameters.encodings[0].rtxSsrc.value();
    CHECK(rtxSsrc != ssrc);
    auto expected = fromJson<RtpParameters>(Json::parse(R"({"mid":"video0",
      "codecs":[{"mimeType":"video/VP8","payloadType":96,"clockRate":90000,"parameters":{},
        "rtcpFeedback":[{"type":"nack"},{"type":"nack","parameter":"pli"},
          {"type":"ccm","parameter":"fir"},{"type":"goog-remb"},{"type":"transport-cc"}]},
        {"mimeType":"video/rtx","payloadType":97,"clockRate":90000,"parameters":{"apt":96},
        "rtcpFeedback":[]}],
      "headerExtensions":[{"uri":"urn:ietf:params:rtp-hdrext:sdes:mid","id":1},{"uri":
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01","id":5},
        {"uri":"urn:3gpp:video-orientation","id":8},{"uri":
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time","id":10},
        {"uri":"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay","id":11}],
      "encodings":[{"ssrc":)" + std::to_string(ssrc) + R"(,"rtx":{"ssrc":)" +
                                                        std::to_string(rtxSsrc) + R"(}}],
      "rtcp":{"cname":"user@host","reducedSize":true}})"));
    expected.msid = parameters.msid;  // made up by chance
    CHECK(toJson(parameters).text() == toJson(expected).text());
    co_await transport->close();
  }());
}

TEST_CASE("video of two layers is produced with exactly these parameters") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    ProduceOptions options(rawVideoTrack());
    options.encodings.resize(2);
    options.encodings[0].maxBitrate = 100000;
    options.encodings[1].maxBitrate = 500000;
    const auto producer = co_await transport->produce(std::move(options));
    const RtpParameters& parameters = producer->rtpParameters();
    auto expected = fromJson<RtpParameters>(Json::parse(R"({"mid":"video1",
      "codecs":[{"mimeType":"video/VP8","payloadType":96,"clockRate":90000,"parameters":{},
        "rtcpFeedback":[{"type":"nack"},{"type":"nack","parameter":"pli"},
          {"type":"ccm","parameter":"fir"},{"type":"goog-remb"},{"type":"transport-cc"}]},
        {"mimeType":"video/rtx","payloadType":97,"clockRate":90000,"parameters":{"apt":96},
        "rtcpFeedback":[]}],
      "headerExtensions":[{"uri":"urn:ietf:params:rtp-hdrext:sdes:mid","id":1},
        {"uri":"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id","id":2},{"uri":
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01","id":5},
        {"uri":"urn:3gpp:video-orientation","id":8},{"uri":
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time","id":10},
        {"uri":"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay","id":11}],
      "encodings":[{"rid":"r0","scaleResolutionDownBy":2,"maxBitrate":100000,
          "scalabilityMode":"L1T1"},
        {"rid":"r1","scaleResolutionDownBy":1,"maxBitrate":500000,"scalabilityMode":"L1T1"}],
      "rtcp":{"cname":"user@host","reducedSize":true}})"));
    // Made up by chance.
    expected.msid = parameters.msid;
    for (std::size_t i = 0; i < 2; ++i) {
      expected.encodings.at(i).ssrc = parameters.encodings.at(i).ssrc.value();
      expected.encodings.at(i).rtxSsrc = parameters.encodings.at(i).rtxSsrc.value();
    }
    CHECK(toJson(parameters).text() == toJson(expected).text());
    CHECK(call.produced.at(0).rtpParameters == parameters);
    co_await transport->close();
  }());
}

TEST_CASE("the answer to a producer's section is the router's view of it") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    co_await transport->produce(ProduceOptions(vp8Track()));
    const sdp::SessionDescription answer = call.peer().remote();
    CHECK(mids(answer) == std::vector<std::string>{"application0", "video1"});
    const sdp::MediaSection& video = answer.section("video1");
    CHECK(video.direction == sdp::MediaDirection::recvonly);
    CHECK(video.port == 7);
    REQUIRE(video.codecs.size() == 1);  // webrtcbin is not told of rtx
    CHECK(video.codecs[0].payloadType == 96);
    CHECK(video.codecs[0].parameters == CodecParameters{{"x-google-start-bitrate", 1000}});
    const std::vector<RtcpFeedback> feedback = {
        {"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}, {"transport-cc", ""}};
    CHECK(video.codecs[0].rtcpFeedback == feedback);
    CHECK(video.headerExtensions.size() == 5);
    co_await transport->close();
  }());
}

TEST_CASE("codec options show in what is signalled and in what is answered") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    ProduceOptions options(opusTrack());
    options.codecOptions.opusStereo = true;
    options.codecOptions.opusDtx = true;
    options.codecOptions.opusMaxAverageBitrate = 64000;
    const auto producer = co_await transport->produce(std::move(options));
    const CodecParameters signalled = {
        {"minptime", 10}, {"sprop-stereo", 1}, {"usedtx", 1}, {"useinbandfec", 1}};
    CHECK(producer->rtpParameters().codecs[0].parameters == signalled);
    const CodecParameters answered = {{"maxaveragebitrate", 64000}, {"stereo", 1}, {"usedtx", 1}};
    CHECK(call.peer().remote().section("audio1").codecs[0].parameters == answered);
    // They stay with their producer.
    const auto plain = co_await transport->produce(ProduceOptions(opusTrack()));
    CHECK_FALSE(plain->rtpParameters().codecs[0].parameters.contains("usedtx"));
    co_await transport->close();
  }());
}

TEST_CASE("appData is an empty object unless it is given, and reaches the server") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto plain = co_await transport->produce(ProduceOptions(opusTrack()));
    CHECK(plain->appData().text() == "{}");
    ProduceOptions options(opusTrack());
    options.appData.set("share", true);
    const auto told = co_await transport->produce(std::move(options));
    CHECK(told->appData().text() == R"({"share":true})");
    CHECK(call.produced.at(1).appData.text() == R"({"share":true})");
    co_await transport->close();
  }());
}

TEST_CASE("produce refuses wrong arguments, asks nobody, and goes on") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    for (const auto& [options, code] : refusedOptions()) {
      const Error error = co_await errorOf(transport->produce(options));
      CHECK(error.code() == code);
      CHECK_THAT(error.what(), Catch::Matchers::StartsWith("produce: "));
      CHECK(call.produced.empty());
      CHECK(call.peer().sendSlots().empty());
      CHECK(call.peer().elements() == 0);
    }
    const auto producer = co_await transport->produce(ProduceOptions(vp8Track()));
    CHECK(producer->mimeType() == "video/VP8");
    co_await transport->close();
  }());
}

TEST_CASE("produce goes on after any step of the negotiation has failed") {
  const std::string step = GENERATE(as<std::string>(), "start", "addDataSlot", "createOffer",
                                    "setLocalDescription", "setRemoteDescription", "addSendSlot");
  INFO(step);
  runTest(recoverFrom(step, false));
}

TEST_CASE("produce goes on after any step of a later negotiation has failed") {
  const std::string step = GENERATE(as<std::string>(), "addSendSlot", "createOffer",
                                    "setLocalDescription", "setRemoteDescription");
  INFO(step);
  runTest(recoverFrom(step, true));
}

TEST_CASE("a producer that the server refuses leaves its slot to the next") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    call.steps->fail("produce", Error(Error::Code::Rejected, "no more of you", 400));
    const Error error = co_await errorOf(transport->produce(ProduceOptions(opusTrack())));
    CHECK(error.code() == Error::Code::Rejected);
    CHECK(error.errorCode() == 400);
    CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("no more of you"));
    const std::size_t descriptions = call.peer().descriptions().size();
    const auto producer = co_await transport->produce(ProduceOptions(opusTrack()));
    CHECK(producer->id() == "producer 2");
    CHECK(call.peer().descriptions().size() == descriptions);
    CHECK(call.peer().sendSlots().size() == 1);
    co_await transport->close();
  }());
}

TEST_CASE("a producer takes over the slot of one that was closed, without a negotiation") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto first = co_await transport->produce(ProduceOptions(vp8Track()));
    const std::size_t elements = call.peer().elements();
    first->close();
    const std::size_t descriptions = call.peer().descriptions().size();
    const auto second = co_await transport->produce(ProduceOptions(vp8Track()));
    CHECK(call.peer().descriptions().size() == descriptions);
    CHECK(call.peer().elements() == elements);
    RtpParameters expected = first->rtpParameters();
    CHECK(second->rtpParameters().msid != expected.msid);  // it is another track
    expected.msid = second->rtpParameters().msid;
    CHECK(second->rtpParameters() == expected);
    CHECK(second->id() != first->id());
    co_await transport->close();
  }());
}

TEST_CASE("a producer of another shape gets a slot of its own") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto first = co_await transport->produce(ProduceOptions(opusTrack()));
    first->close();
    ProduceOptions options(opusTrack());
    options.codecOptions.opusDtx = true;
    const auto second = co_await transport->produce(std::move(options));
    CHECK(second->rtpParameters().mid == "audio2");
    CHECK(second->rtpParameters().encodings != first->rtpParameters().encodings);
    co_await transport->close();
  }());
}

TEST_CASE("one track may be produced twice, in two slots") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const std::shared_ptr<Track> track = opusTrack();
    const auto first = co_await transport->produce(ProduceOptions(track));
    const auto second = co_await transport->produce(ProduceOptions(track));
    CHECK(first->track() == second->track());
    CHECK(first->rtpParameters().mid != second->rtpParameters().mid);
    co_await transport->close();
  }());
}

TEST_CASE("calls of produce at the same time are negotiated one after the other") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    call.steps->hold("createOffer");
    Scope scope;
    const auto audio = begin(scope, transport->produce(ProduceOptions(opusTrack())));
    const auto video = begin(scope, transport->produce(ProduceOptions(vp8Track())));
    co_await call.steps->untilHeld();
    CHECK(call.steps->count("createOffer") == 1);
    call.steps->release();
    const auto first = co_await audio.wait();
    const auto second = co_await video.wait();
    CHECK(first->rtpParameters().mid == "audio1");
    CHECK(second->rtpParameters().mid == "video2");
    CHECK(mids(call.peer().remote()) ==
          std::vector<std::string>{"application0", "audio1", "video2"});
    CHECK(call.connected.size() == 1);
    CHECK(call.produced.size() == 2);
    co_await scope.join();
    co_await transport->close();
  }());
}

TEST_CASE("a producer is there only when the server knows both it and the transport") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    call.steps->hold("connect");
    Scope scope;
    const auto made = begin(scope, transport->produce(ProduceOptions(opusTrack())));
    co_await eventually("the server is asked", [&] { return call.steps->count("produce") == 1; });
    CHECK_FALSE(made.isSettled());
    call.steps->release();
    const auto producer = co_await made.wait();
    CHECK(producer->id() == "producer 1");
    co_await scope.join();
    co_await transport->close();
  }());
}
