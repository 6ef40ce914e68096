#include "cosoup/rtc/ortc.hpp"

#include "examples.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::ortc;
using example::integer;

namespace {

std::vector<std::string> mimeTypes(const std::vector<ExtendedCodec>& codecs) {
  std::vector<std::string> result;
  for (const ExtendedCodec& codec : codecs) result.push_back(codec.mimeType);
  return result;
}

template <class Codec>
std::vector<int> payloadTypes(const std::vector<Codec>& codecs) {
  std::vector<int> result;
  for (const Codec& codec : codecs) {
    if constexpr (std::is_same_v<Codec, RtpCodecParameters>) {
      result.push_back(codec.payloadType);
    } else {
      result.push_back(codec.preferredPayloadType.value());
    }
  }
  return result;
}

RtpCapabilities only(std::vector<RtpCodecCapability> codecs) { return {std::move(codecs), {}}; }

std::vector<std::string> feedbackTypes(const RtpCodecParameters& codec) {
  std::vector<std::string> result;
  for (const RtcpFeedback& feedback : codec.rtcpFeedback) {
    result.push_back(feedback.type + (feedback.parameter.empty() ? "" : " " + feedback.parameter));
  }
  return result;
}

/// VP8 with both estimators and the given extensions on both sides.
ExtendedRtpCapabilities withEstimators(const std::vector<std::string>& uris) {
  RtpCapabilities both = only({example::codec("video/VP8", 96)});
  both.codecs[0].rtcpFeedback = {{"goog-remb", ""}, {"transport-cc", ""}, {"nack", ""}};
  std::uint8_t id = 1;
  for (const std::string& uri : uris) {
    both.headerExtensions.push_back({MediaKind::video, uri, id++, false, {}});
  }
  return getExtendedRtpCapabilities(both, both);
}

}  // namespace

TEST_CASE("both sides' codecs are those in common, in the router's order and spelling") {
  CHECK(mimeTypes(example::extended().codecs) ==
        std::vector<std::string>{"audio/opus", "video/VP8", "video/H264"});
}

TEST_CASE("the local order of codecs is kept when it is preferred") {
  RtpCapabilities local = example::local();
  std::reverse(local.codecs.begin(), local.codecs.end());
  CHECK(mimeTypes(getExtendedRtpCapabilities(local, example::router(), true).codecs) ==
        std::vector<std::string>{"video/H264", "video/VP8", "audio/opus"});
  CHECK(mimeTypes(getExtendedRtpCapabilities(local, example::router()).codecs) ==
        std::vector<std::string>{"audio/opus", "video/VP8", "video/H264"});
}

TEST_CASE("the order of preference changes nothing but the order") {
  auto router = example::router();
  const auto byRemote = getExtendedRtpCapabilities(example::local(), router);
  const auto byLocal = getExtendedRtpCapabilities(example::local(), router, true);
  CHECK(byRemote == byLocal);  // both list opus, VP8, H264
}

TEST_CASE("each side keeps its payload types and parameters") {
  const ExtendedCodec vp8 = example::extended().codecs.at(1);
  CHECK(vp8.localPayloadType == 97);
  CHECK(vp8.localRtxPayloadType == 98);
  CHECK(vp8.remotePayloadType == 101);
  CHECK(vp8.remoteRtxPayloadType == 102);
  CHECK(vp8.localParameters == CodecParameters{});
  CHECK(vp8.remoteParameters == CodecParameters{{"x-google-start-bitrate", integer(1000)}});
}

TEST_CASE("only feedback that both sides have is kept") {
  CHECK(example::extended().codecs.at(1).rtcpFeedback ==
        std::vector<RtcpFeedback>{
            {"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}, {"transport-cc", ""}});
  CHECK(example::extended().codecs.at(0).rtcpFeedback ==
        std::vector<RtcpFeedback>{{"transport-cc", ""}});
}

TEST_CASE("rtx needs both sides") {
  RtpCapabilities local = only({example::codec("video/VP8", 97)});
  const auto without = getExtendedRtpCapabilities(local, example::router());
  CHECK_FALSE(without.codecs.at(0).localRtxPayloadType);
  CHECK_FALSE(without.codecs.at(0).remoteRtxPayloadType);
  local.codecs.push_back(example::rtx(98, 97));
  CHECK(getExtendedRtpCapabilities(local, example::router()).codecs.at(0).localRtxPayloadType ==
        98);
  const auto remoteWithout = getExtendedRtpCapabilities(local, only({local.codecs[0]}));
  CHECK_FALSE(remoteWithout.codecs.at(0).localRtxPayloadType);
}

TEST_CASE("nothing in common is no error") {
  const auto extended =
      getExtendedRtpCapabilities(only({example::codec("video/AV2", 97)}), example::router());
  CHECK(extended.codecs.empty());
  CHECK_FALSE(canSend(MediaKind::video, extended));
}

TEST_CASE("invalid capabilities of either side are refused") {
  RtpCapabilities broken = example::local();
  broken.codecs[0].preferredPayloadType.reset();
  CHECK_THROWS_AS(getExtendedRtpCapabilities(broken, example::router()), Error);
  CHECK_THROWS_AS(getExtendedRtpCapabilities(example::router(), broken), Error);
}

TEST_CASE("the agreed H264 profile stands in the parameters of both sides") {
  const auto extended = getExtendedRtpCapabilities(only({example::h264(96, "42e015", 1, 0)}),
                                                   only({example::h264(102, "42c01f", 1, 0)}));
  const ExtendedCodec& h264 = extended.codecs.at(0);
  CHECK(h264.localParameters.at("profile-level-id") == ParameterValue("42e015"));
  CHECK(h264.remoteParameters.at("profile-level-id") == ParameterValue("42e015"));
}

TEST_CASE("with level asymmetry the agreed H264 level is ours") {
  const ExtendedCodec h264 = example::extended().codecs.at(2);
  CHECK(h264.remotePayloadType == 109);
  CHECK(h264.localParameters.at("profile-level-id") == ParameterValue("42e034"));
  CHECK(h264.remoteParameters.at("profile-level-id") == ParameterValue("42e034"));
}

TEST_CASE("each H264 variant of the router finds its own of ours") {
  const auto extended =
      getExtendedRtpCapabilities(only({example::h264(96, "42e01f", 0), example::h264(97, "42e01f"),
                                       example::h264(98, "4d001f")}),
                                 example::router());
  REQUIRE(extended.codecs.size() == 2);
  CHECK(extended.codecs[0].localPayloadType == 98);
  CHECK(extended.codecs[0].remotePayloadType == 107);
  CHECK(extended.codecs[1].localPayloadType == 97);
  CHECK(extended.codecs[1].remotePayloadType == 109);
}

TEST_CASE("each VP9 variant of the router finds its own of ours") {
  const auto extended = getExtendedRtpCapabilities(
      only({example::codec("video/VP9", 96, {{"profile-id", integer(2)}})}), example::router());
  REQUIRE(extended.codecs.size() == 1);
  CHECK(extended.codecs[0].remotePayloadType == 105);
}

TEST_CASE("a header extension is sent under our id and received under the router's") {
  const auto extensions = example::extended().headerExtensions;
  REQUIRE(extensions.size() == 4);
  CHECK(extensions[0].uri == example::kMid);
  CHECK(extensions[0].kind == MediaKind::audio);
  CHECK(extensions[0].sendId == 11);
  CHECK(extensions[0].recvId == 1);
}

TEST_CASE("what the router only receives we only send, and the other way round") {
  const auto mirrored = [](RtpHeaderExtensionDirection direction) {
    const RtpCapabilities local{{}, {{MediaKind::audio, "u", 1, false, {}}}};
    const RtpCapabilities remote{{}, {{MediaKind::audio, "u", 2, false, direction}}};
    return getExtendedRtpCapabilities(local, remote).headerExtensions.at(0).direction;
  };
  using Direction = RtpHeaderExtensionDirection;
  CHECK(mirrored(Direction::recvonly) == Direction::sendonly);
  CHECK(mirrored(Direction::sendonly) == Direction::recvonly);
  CHECK(mirrored(Direction::sendrecv) == Direction::sendrecv);
  CHECK(mirrored(Direction::inactive) == Direction::inactive);
}

TEST_CASE("header extensions match by uri and kind") {
  const RtpCapabilities local{{}, {{MediaKind::audio, "u", 1, false, {}}}};
  const auto found = [&](std::optional<MediaKind> kind, const std::string& uri) {
    const RtpCapabilities remote{{}, {{kind, uri, 2, false, {}}}};
    return getExtendedRtpCapabilities(local, remote).headerExtensions.size();
  };
  CHECK(found(MediaKind::audio, "u") == 1);
  CHECK(found(std::nullopt, "u") == 1);
  CHECK(found(MediaKind::video, "u") == 0);
  CHECK(found(MediaKind::audio, "v") == 0);
}

TEST_CASE("we can receive the router's payload types with our parameters") {
  const RtpCapabilities capabilities = receiveRtpCapabilities(example::extended());
  CHECK(payloadTypes(capabilities.codecs) == std::vector<int>{100, 101, 102, 109, 110});
  CHECK(capabilities.codecs[1].parameters == CodecParameters{});
  CHECK(capabilities.codecs[2].mimeType == "video/rtx");
  CHECK(capabilities.codecs[2].parameters == CodecParameters{{"apt", integer(101)}});
  CHECK_NOTHROW(validateRtpCapabilities(capabilities));
}

TEST_CASE("we can receive the extensions that the router sends, under its ids") {
  const auto extensions = receiveRtpCapabilities(example::extended()).headerExtensions;
  REQUIRE(extensions.size() == 3);  // the router only receives transport-cc in audio
  CHECK(extensions[0].preferredId == 1);
  CHECK(extensions[2].uri == example::kTransportCc);
  CHECK(extensions[2].kind == MediaKind::video);
}

TEST_CASE("we can send our payload types and the extensions that the router receives") {
  const RtpCapabilities capabilities = sendRtpCapabilities(example::extended());
  CHECK(payloadTypes(capabilities.codecs) == std::vector<int>{96, 97, 98, 99, 100});
  REQUIRE(capabilities.headerExtensions.size() == 4);
  CHECK(capabilities.headerExtensions[0].preferredId == 11);
  CHECK_NOTHROW(validateRtpCapabilities(capabilities));
}

TEST_CASE("our view of sending has our payload types, parameters and extension ids") {
  const RtpParameters video = sendingRtpParameters(MediaKind::video, example::extended());
  CHECK(payloadTypes(video.codecs) == std::vector<int>{97, 98, 99, 100});
  CHECK(video.codecs[0].parameters == CodecParameters{});
  CHECK(video.codecs[1].parameters == CodecParameters{{"apt", integer(97)}});
  REQUIRE(video.headerExtensions.size() == 2);
  CHECK(video.headerExtensions[1].id == 12);
  CHECK(video.encodings.empty());
  CHECK_FALSE(video.mid);
}

TEST_CASE("the router's view of sending has our payload types and its parameters") {
  const RtpParameters video = sendingRemoteRtpParameters(MediaKind::video, example::extended());
  CHECK(payloadTypes(video.codecs) == std::vector<int>{97, 98, 99, 100});
  CHECK(video.codecs[0].parameters == CodecParameters{{"x-google-start-bitrate", integer(1000)}});
  CHECK(video.headerExtensions.at(1).id == 12);
}

TEST_CASE("audio is sent with transport-cc though the router does not send it") {
  const RtpParameters audio = sendingRtpParameters(MediaKind::audio, example::extended());
  REQUIRE(audio.headerExtensions.size() == 2);
  CHECK(audio.headerExtensions[1].uri == example::kTransportCc);
}

TEST_CASE("the router's view has one bandwidth estimator at most") {
  const auto feedbackWith = [](const std::vector<std::string>& uris) {
    return feedbackTypes(
        sendingRemoteRtpParameters(MediaKind::video, withEstimators(uris)).codecs.at(0));
  };
  using Types = std::vector<std::string>;
  CHECK(feedbackWith({example::kTransportCc}) == Types{"transport-cc", "nack"});
  CHECK(feedbackWith({example::kAbsSendTime, example::kTransportCc}) ==
        Types{"transport-cc", "nack"});
  CHECK(feedbackWith({example::kAbsSendTime}) == Types{"goog-remb", "nack"});
  CHECK(feedbackWith({}) == Types{"nack"});
}

TEST_CASE("our own view keeps all estimators") {
  const RtpParameters ours =
      sendingRtpParameters(MediaKind::video, withEstimators({example::kTransportCc}));
  CHECK(feedbackTypes(ours.codecs.at(0)) ==
        std::vector<std::string>{"goog-remb", "transport-cc", "nack"});
}

TEST_CASE("one codec is left of many, with its rtx") {
  const auto codecs = sendingRtpParameters(MediaKind::video, example::extended()).codecs;
  CHECK(payloadTypes(reduceCodecs(codecs)) == std::vector<int>{97, 98});
  CHECK(payloadTypes(reduceCodecs({codecs[0], codecs[2]})) == std::vector<int>{97});
}

TEST_CASE("the wanted codec is left of many, with its rtx") {
  const auto codecs = sendingRtpParameters(MediaKind::video, example::extended()).codecs;
  CHECK(payloadTypes(reduceCodecs(codecs, example::h264(1, "42c01f"))) ==
        std::vector<int>{99, 100});
  CHECK(payloadTypes(reduceCodecs(codecs, example::codec("video/vp8", 1))) ==
        std::vector<int>{97, 98});
}

TEST_CASE("a wanted codec that is not there, or another variant of it, is unsupported") {
  const auto codecs = sendingRtpParameters(MediaKind::video, example::extended()).codecs;
  const auto codeOf = [&](const RtpCodecCapability& wanted) {
    try {
      reduceCodecs(codecs, wanted);
    } catch (const Error& error) {
      return error.code();
    }
    return Error::Code::Media;
  };
  CHECK(codeOf(example::codec("video/VP9", 1)) == Error::Code::Unsupported);
  CHECK(codeOf(example::h264(1, "42e01f", 0)) == Error::Code::Unsupported);
  CHECK(codeOf(example::h264(1, "4d001f")) == Error::Code::Unsupported);
  CHECK(codeOf(example::rtx(98, 97)) == Error::Code::Unsupported);
  CHECK_THROWS_WITH(reduceCodecs({}), "no codec");
}

TEST_CASE("a kind can be sent when there is a codec of it") {
  CHECK(canSend(MediaKind::audio, example::extended()));
  CHECK(canSend(MediaKind::video, example::extended()));
  const auto audioOnly =
      getExtendedRtpCapabilities(only({example::codec("audio/opus", 96)}), example::router());
  CHECK(canSend(MediaKind::audio, audioOnly));
  CHECK_FALSE(canSend(MediaKind::video, audioOnly));
}

TEST_CASE("a consumer can be received when its first codec is one in common") {
  CHECK(canReceive(example::videoConsumer(), example::extended()));
  CHECK_FALSE(canReceive({}, example::extended()));
  RtpParameters unknown = example::videoConsumer();
  unknown.codecs[0].payloadType = 96;
  CHECK_FALSE(canReceive(unknown, example::extended()));
  RtpParameters other = example::videoConsumer();
  other.codecs[0].mimeType = "video/VP9";
  CHECK_FALSE(canReceive(other, example::extended()));
}

TEST_CASE("the probator looks like the video stream but for SSRC and payload type") {
  const RtpParameters video = example::videoConsumer();
  const RtpParameters probator = probatorRtpParameters(video);
  CHECK(probator.mid == "probator");
  REQUIRE(probator.codecs.size() == 1);
  CHECK(probator.codecs[0].payloadType == 127);
  CHECK(probator.codecs[0].mimeType == "video/VP8");
  CHECK(probator.headerExtensions == video.headerExtensions);
  CHECK(probator.encodings.at(0).ssrc == 1234u);
  CHECK_FALSE(probator.encodings.at(0).rtxSsrc);
  CHECK(probator.rtcp.cname == "probator");
  CHECK_THROWS_AS(probatorRtpParameters({}), Error);
}
