#include "examples.hpp"
#include "recorded_sdp.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::sdp;
using example::integer;

namespace {

MediaSection offered(const char* mid) { return parse(recorded::sendOffer).section(mid); }

RtpParameters wantedVideo() {
  RtpParameters wanted = ortc::sendingRtpParameters(MediaKind::video, example::extended());
  wanted.codecs = ortc::reduceCodecs(wanted.codecs);
  wanted.headerExtensions.push_back({example::kAbsSendTime, 14, false, {}});
  return wanted;
}

}  // namespace

TEST_CASE("payload type and mid of a producer are those of webrtcbin's offer") {
  const RtpParameters parameters = negotiatedRtpParameters(wantedVideo(), offered("video2"));
  CHECK(parameters.mid == "video2");
  REQUIRE(parameters.codecs.size() == 2);
  CHECK(parameters.codecs[0].mimeType == "video/VP8");
  CHECK(parameters.codecs[0].payloadType == 101);
  CHECK(parameters.rtcp.cname == "user2691357875@host-9e1ed763");
  CHECK_NOTHROW(ortc::validateRtpParameters(parameters));
}

TEST_CASE("a producer keeps the router's spelling of the codec") {
  RtpParameters wanted = ortc::sendingRtpParameters(MediaKind::audio, example::extended());
  const RtpParameters parameters = negotiatedRtpParameters(wanted, offered("audio1"));
  CHECK(parameters.codecs.at(0).mimeType == "audio/opus");
  CHECK(parameters.codecs.at(0).payloadType == 100);
}

TEST_CASE("rtx that the router does not want is not signalled") {
  RtpParameters wanted = ortc::sendingRtpParameters(MediaKind::audio, example::extended());
  const RtpParameters parameters = negotiatedRtpParameters(wanted, offered("audio1"));
  CHECK(parameters.codecs.size() == 1);
  CHECK(parameters.encodings.at(0).ssrc == 1111u);
  CHECK_FALSE(parameters.encodings.at(0).rtxSsrc);
}

TEST_CASE("rtx is signalled as it was wanted, for the payload type of the offer") {
  MediaSection offer = offered("video2");
  offer.codecs.resize(1);  // webrtcbin is not told of it
  const RtpParameters wanted = wantedVideo();
  const RtpParameters parameters = negotiatedRtpParameters(wanted, offer);
  REQUIRE(wanted.codecs.size() == 2);
  REQUIRE(parameters.codecs.size() == 2);
  CHECK(parameters.codecs[0].rtcpFeedback == wanted.codecs[0].rtcpFeedback);
  CHECK(parameters.codecs[1].mimeType == wanted.codecs[1].mimeType);
  CHECK(parameters.codecs[1].payloadType == wanted.codecs[1].payloadType);
  CHECK(parameters.codecs[1].parameters == CodecParameters{{"apt", integer(101)}});
}

TEST_CASE("a codec that needs no rtx keeps its nack, though webrtcbin does not offer it") {
  RtpParameters wanted = ortc::sendingRtpParameters(MediaKind::audio, example::extended());
  wanted.codecs[0].rtcpFeedback = {{"nack", ""}, {"transport-cc", ""}};
  const RtpParameters parameters = negotiatedRtpParameters(wanted, offered("audio1"));
  CHECK(parameters.codecs.at(0).rtcpFeedback == wanted.codecs[0].rtcpFeedback);
}

TEST_CASE("header extensions are those of the offer, under its ids") {
  const RtpParameters parameters = negotiatedRtpParameters(wantedVideo(), offered("video2"));
  REQUIRE(parameters.headerExtensions.size() == 2);  // webrtcbin was given no mid extension
  CHECK(parameters.headerExtensions[0].uri == example::kTransportCc);
  CHECK(parameters.headerExtensions[0].id == 5);
  CHECK(parameters.headerExtensions[1].uri == example::kAbsSendTime);
  CHECK(parameters.headerExtensions[1].id == 4);
}

TEST_CASE("a single encoding keeps the wishes it came with") {
  RtpParameters wanted = wantedVideo();
  wanted.encodings.resize(1);
  wanted.encodings[0].maxBitrate = 500000;
  wanted.encodings[0].scalabilityMode = "L1T3";
  const RtpParameters parameters = negotiatedRtpParameters(wanted, offered("video2"));
  REQUIRE(parameters.encodings.size() == 1);
  CHECK(parameters.encodings[0].ssrc == 2222u);
  CHECK(parameters.encodings[0].rtxSsrc == 1434895739u);
  CHECK(parameters.encodings[0].maxBitrate == 500000u);
  CHECK(parameters.encodings[0].scalabilityMode == "L1T3");
}

TEST_CASE("encodings of simulcast are told apart by rid, not SSRC") {
  RtpParameters wanted = wantedVideo();
  wanted.encodings.resize(3);
  for (int i = 0; i < 3; ++i) wanted.encodings[i].rid = "r" + std::to_string(i);
  const RtpParameters parameters = negotiatedRtpParameters(wanted, offered("video4"));
  CHECK(parameters.encodings == wanted.encodings);
  CHECK(parameters.codecs.at(0).payloadType == 105);
}

TEST_CASE("both views of a producer get the same payload types") {
  RtpParameters remote = ortc::sendingRemoteRtpParameters(MediaKind::video, example::extended());
  remote.codecs = ortc::reduceCodecs(remote.codecs);
  const RtpParameters parameters = negotiatedRtpParameters(remote, offered("video2"));
  CHECK(parameters.codecs.at(0).payloadType == 101);
  CHECK(parameters.codecs.at(0).parameters ==
        CodecParameters{{"x-google-start-bitrate", integer(1000)}});
}

TEST_CASE("a codec that the offer lacks is unsupported") {
  try {
    negotiatedRtpParameters(wantedVideo(), offered("video3"));
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == Error::Code::Unsupported);
  }
  CHECK_THROWS_AS(negotiatedRtpParameters({}, offered("video2")), Error);
}
