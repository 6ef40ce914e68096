// What we say that we can do, and codecs in both vocabularies.
#include <algorithm>
#include <set>

#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/rtp/local_capabilities.hpp"
#include "unit/media/media_support.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

RtpCodecCapability codec(const std::string& mimeType, CodecParameters parameters = {}) {
  RtpCodecCapability result;
  result.mimeType = mimeType;
  result.parameters = std::move(parameters);
  return result;
}

bool accepts(const RtpCodecCapability& wanted, const char* caps) {
  const Ref<GstCaps> accepted = encodedCaps(wanted);
  return accepted && gst_caps_can_intersect(accepted.get(), capsFrom(caps).get());
}

}  // namespace

TEST_CASE("the local capabilities name each codec once, with its own payload types") {
  const RtpCapabilities capabilities = localRtpCapabilities();
  std::set<int> payloadTypes;
  std::set<std::string> mimeTypes;
  for (const auto& known : capabilities.codecs) {
    REQUIRE(known.preferredPayloadType);
    CHECK(payloadTypes.insert(*known.preferredPayloadType).second);
    CHECK(*known.preferredPayloadType != 127);  // the server's probation packets
    mimeTypes.insert(known.mimeType);
  }
  for (const char* wanted : {"audio/opus", "audio/PCMU", "audio/PCMA", "video/VP8", "video/VP9",
                             "video/H264", "video/rtx"}) {
    INFO(wanted);
    CHECK(mimeTypes.count(wanted) == 1);
  }
  // What not every GStreamer can put into RTP is there exactly where it can.
  const auto exists = [](const char* name) {
    return static_cast<bool>(Ref<GstElementFactory>::adopt(gst_element_factory_find(name)));
  };
  CHECK(mimeTypes.count("video/H265") == (exists("rtph265pay") ? 1 : 0));
  CHECK(mimeTypes.count("video/AV1") == (exists("rtpav1pay") ? 1 : 0));
}

TEST_CASE("of the local audio codecs opus has nack") {
  for (const auto& known : localRtpCapabilities().codecs) {
    if (known.kind != MediaKind::audio) continue;
    INFO(known.mimeType);
    const auto& feedback = known.rtcpFeedback;
    const bool hasNack =
        std::find(feedback.begin(), feedback.end(), RtcpFeedback{"nack", ""}) != feedback.end();
    CHECK(hasNack == (known.mimeType == "audio/opus"));
  }
}

TEST_CASE("every local video codec has nack, pli, fir, transport-cc and an rtx of its own") {
  const RtpCapabilities capabilities = localRtpCapabilities();
  for (const auto& known : capabilities.codecs) {
    if (known.kind != MediaKind::video || known.mimeType == "video/rtx") continue;
    INFO(known.mimeType);
    const auto has = [&](const RtcpFeedback& feedback) {
      return std::find(known.rtcpFeedback.begin(), known.rtcpFeedback.end(), feedback) !=
             known.rtcpFeedback.end();
    };
    CHECK(has({"nack", ""}));
    CHECK(has({"nack", "pli"}));
    CHECK(has({"ccm", "fir"}));
    CHECK(has({"transport-cc", ""}));
    const auto rtx = std::count_if(
        capabilities.codecs.begin(), capabilities.codecs.end(), [&](const auto& other) {
          return other.mimeType == "video/rtx" &&
                 std::get<std::int64_t>(other.parameters.at("apt")) == *known.preferredPayloadType;
        });
    CHECK(rtx == 1);
  }
}

TEST_CASE("the local header extensions have the router's ids") {
  std::map<std::string, int> ids;
  for (const auto& extension : localRtpCapabilities().headerExtensions) {
    ids[extension.uri.substr(extension.uri.find_last_of(":/") + 1)] = extension.preferredId;
    CHECK(extension.kind.has_value());
  }
  CHECK(ids == std::map<std::string, int>{{"mid", 1},
                                          {"rtp-stream-id", 2},
                                          {"abs-send-time", 4},
                                          {"draft-holmer-rmcat-transport-wide-cc-extensions-01", 5},
                                          {"ssrc-audio-level", 6},
                                          {"video-orientation", 8},
                                          {"abs-capture-time", 10},
                                          {"playout-delay", 11}});
}

TEST_CASE("codec caps go both ways") {
  for (const char* mimeType : {"audio/opus", "audio/PCMU", "audio/PCMA", "video/VP8", "video/VP9",
                               "video/H264", "video/AV1"}) {
    INFO(mimeType);
    const Ref<GstCaps> caps = encodedCaps(codec(mimeType));
    REQUIRE(caps);
    CHECK(mimeTypeOf(caps.get()) == mimeType);
    CHECK(toString(*mediaKindOf(caps.get())) == std::string(mimeType).substr(0, 5));
    CHECK_FALSE(isRaw(caps.get()));
  }
  CHECK_FALSE(encodedCaps(codec("video/rtx")));
  CHECK_FALSE(encodedCaps(codec("video/nonsense")));
  CHECK_FALSE(mimeTypeOf(capsFrom("video/x-raw").get()));
  CHECK_FALSE(mimeTypeOf(nullptr));
  CHECK(isRaw(capsFrom("audio/x-raw, rate=8000").get()));
  CHECK_FALSE(mediaKindOf(capsFrom("text/x-raw").get()));
  CHECK(encodedCaps(codec("VIDEO/vp8")));
}

TEST_CASE("accepted caps let through what the receivers of the codec understand") {
  const auto h264 = codec("video/H264", {{"profile-level-id", std::string("42e01f")}});
  CHECK(accepts(h264, "video/x-h264,stream-format=byte-stream,profile=constrained-baseline"));
  CHECK_FALSE(accepts(h264, "video/x-h264,stream-format=byte-stream,profile=high"));
  CHECK_FALSE(accepts(h264, "video/x-h264,stream-format=byte-stream,profile=main"));
  const auto main = codec("video/H264", {{"profile-level-id", std::string("4d0032")}});
  CHECK(accepts(main, "video/x-h264,stream-format=byte-stream,profile=constrained-baseline"));
  CHECK(accepts(main, "video/x-h264,stream-format=byte-stream,profile=main"));
  CHECK_FALSE(accepts(main, "video/x-h264,stream-format=byte-stream,profile=high"));
  const auto high = codec("video/H264", {{"profile-level-id", std::string("640032")}});
  CHECK(accepts(high, "video/x-h264,stream-format=byte-stream,profile=main"));
  CHECK(accepts(high, "video/x-h264,stream-format=byte-stream,profile=high"));
  const auto constrainedHigh = codec("video/H264", {{"profile-level-id", std::string("640c1f")}});
  CHECK(accepts(constrainedHigh, "video/x-h264,profile=constrained-high"));
  CHECK_FALSE(accepts(constrainedHigh, "video/x-h264,profile=high"));
  CHECK_FALSE(accepts(constrainedHigh, "video/x-h264,profile=main"));
  CHECK(accepts(codec("audio/opus"), "audio/x-opus,channel-mapping-family=0,channels=2"));
  CHECK_FALSE(accepts(codec("audio/opus"), "audio/x-opus,channel-mapping-family=1,channels=6"));
  CHECK(accepts(codec("video/VP9", {{"profile-id", std::int64_t{0}}}),
                "video/x-vp9,profile=(string)0"));
  CHECK_FALSE(accepts(codec("video/VP9", {{"profile-id", std::int64_t{0}}}),
                      "video/x-vp9,profile=(string)2"));
  CHECK_FALSE(encodedCaps(codec("video/VP9", {{"profile-id", std::int64_t{2}}})));
  CHECK_FALSE(accepts(codec("audio/PCMU"), "audio/x-mulaw,rate=44100,channels=2"));
}

TEST_CASE("the caps of capabilities are those of all their codecs") {
  const Ref<GstCaps> caps = encodedCaps(localRtpCapabilities());
  for (const char* wanted : {"audio/x-opus", "video/x-vp8", "video/x-h264", "audio/x-alaw"}) {
    CHECK(gst_caps_can_intersect(caps.get(), capsFrom(wanted).get()));
  }
  CHECK_FALSE(gst_caps_can_intersect(caps.get(), capsFrom("video/x-raw").get()));
  CHECK(gst_caps_is_empty(encodedCaps(RtpCapabilities()).get()));
}

TEST_CASE("accepted caps say whether a room can be told of rotated pictures") {
  RtpCapabilities capabilities;
  capabilities.codecs.push_back(codec("video/VP8"));
  capabilities.codecs.front().kind = MediaKind::video;
  CHECK_FALSE(takesRotated(encodedCaps(capabilities).get()));
  capabilities.headerExtensions.push_back(
      {MediaKind::video, "urn:3gpp:video-orientation", 8, false, {}});
  const Ref<GstCaps> accepted = encodedCaps(capabilities);
  CHECK(takesRotated(accepted.get()));
  CHECK(gst_caps_can_intersect(accepted.get(), capsFrom("video/x-vp8, width=640").get()));
  CHECK(gst_caps_is_equal(withoutRotation(accepted).get(), capsFrom("video/x-vp8").get()));
  CHECK_FALSE(takesRotated(nullptr));
}
