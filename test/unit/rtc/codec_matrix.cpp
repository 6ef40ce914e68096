// Every variant of a codec against every other: who understands whom, and what they agree on.
#include <map>

#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/rtc/ortc.hpp"
#include "cosoup/rtc/sdp_read.hpp"
#include "remote_sides.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::ortc;
using example::integer;

namespace {

ExtendedRtpCapabilities between(RtpCodecCapability local, RtpCodecCapability remote) {
  RtpCapabilities ours;
  ours.codecs = {std::move(local)};
  RtpCapabilities theirs;
  theirs.codecs = {std::move(remote)};
  return getExtendedRtpCapabilities(ours, theirs);
}

std::string profileLevelId(const CodecParameters& parameters) {
  return parameterText(parameters, "profile-level-id").value_or("");
}

/// An H264 codec of which some parameters may be missing.
RtpCodecCapability h264With(std::uint8_t payloadType, CodecParameters parameters) {
  return example::codec("video/H264", payloadType, std::move(parameters));
}

}  // namespace

TEST_CASE("an H264 profile understands itself, whatever its spelling, and no other") {
  const std::vector<std::vector<std::string>> profiles = {
      {"42e01f", "42c01f", "42f01f", "4d801f", "58c01f"},  // constrained baseline
      {"42001f", "42801f", "58801f"},                      // baseline
      {"4d001f", "4d401f"},                                // main
      {"64001f"},                                          // high
      {"640c1f"},                                          // constrained high
      {"f4001f"},                                          // predictive high 4:4:4
  };
  for (std::size_t a = 0; a < profiles.size(); ++a) {
    for (std::size_t b = 0; b < profiles.size(); ++b) {
      for (const std::string& ours : profiles[a]) {
        for (const std::string& theirs : profiles[b]) {
          CAPTURE(ours, theirs);
          const auto common = between(example::h264(96, ours), example::h264(107, theirs));
          CHECK(common.codecs.size() == (a == b ? 1 : 0));
        }
      }
    }
  }
}

TEST_CASE("H264 packetization modes understand only themselves, and an absent one is 0") {
  const std::vector<std::optional<int>> modes = {std::nullopt, 0, 1, 2};
  for (const auto& ours : modes) {
    for (const auto& theirs : modes) {
      CAPTURE(ours.value_or(-1), theirs.value_or(-1));
      CodecParameters local = {{"profile-level-id", "42e01f"}};
      CodecParameters remote = local;
      if (ours) local["packetization-mode"] = integer(*ours);
      if (theirs) remote["packetization-mode"] = integer(*theirs);
      const auto common = between(h264With(96, local), h264With(107, remote));
      CHECK(common.codecs.size() == (ours.value_or(0) == theirs.value_or(0) ? 1 : 0));
    }
  }
}

TEST_CASE("H264 without a profile is constrained baseline 3.1") {
  const auto common = between(h264With(96, {}), example::h264(107, "42e01f", 0, 0));
  REQUIRE(common.codecs.size() == 1);
  CHECK(profileLevelId(common.codecs[0].localParameters) == "42e01f");
  CHECK(profileLevelId(common.codecs[0].remoteParameters) == "42e01f");
  CHECK(between(h264With(96, {}), example::h264(107, "42001f", 0)).codecs.empty());
  CHECK_FALSE(between(h264With(96, {}), h264With(107, {}))
                  .codecs.at(0)
                  .localParameters.contains("profile-level-id"));
}

TEST_CASE("H264 sides agree on the lower level, or on ours when both allow asymmetry") {
  struct Row {
    const char* ours;
    int ourAsymmetry;
    const char* theirs;
    int theirAsymmetry;
    const char* agreed;
  };
  const std::vector<Row> table = {
      {"42e01f", 0, "42e015", 0, "42e015"}, {"42e015", 0, "42e01f", 0, "42e015"},
      {"42e01f", 1, "42e015", 0, "42e015"}, {"42e01f", 0, "42e015", 1, "42e015"},
      {"42e01f", 1, "42e015", 1, "42e01f"}, {"42e015", 1, "42e01f", 1, "42e015"},
      {"4d0032", 1, "4d001f", 1, "4d0032"}, {"640c34", 0, "640c2a", 1, "640c2a"},
      {"42f00b", 0, "42e00a", 0, "42e00a"}, {"42f00b", 0, "42e00b", 0, "42f00b"},
      {"42c01f", 0, "4d801f", 0, "42e01f"},
  };
  for (const Row& row : table) {
    CAPTURE(row.ours, row.ourAsymmetry, row.theirs, row.theirAsymmetry);
    const auto common = between(example::h264(96, row.ours, 1, row.ourAsymmetry),
                                example::h264(107, row.theirs, 1, row.theirAsymmetry));
    REQUIRE(common.codecs.size() == 1);
    // In both sides' parameters: the answer must not contradict what is signalled.
    CHECK(profileLevelId(common.codecs[0].localParameters) == row.agreed);
    CHECK(profileLevelId(common.codecs[0].remoteParameters) == row.agreed);
    const RtpParameters local = sendingRtpParameters(MediaKind::video, common);
    const RtpParameters remote = sendingRemoteRtpParameters(MediaKind::video, common);
    CHECK(profileLevelId(local.codecs.at(0).parameters) == row.agreed);
    CHECK(profileLevelId(remote.codecs.at(0).parameters) == row.agreed);
  }
}

TEST_CASE("VP9 profiles understand only themselves, and an absent one is 0") {
  const std::vector<std::optional<int>> profiles = {std::nullopt, 0, 1, 2, 3};
  const auto vp9 = [](std::uint8_t payloadType, const std::optional<int>& profile) {
    CodecParameters parameters;
    if (profile) parameters["profile-id"] = integer(*profile);
    return example::codec("video/VP9", payloadType, std::move(parameters));
  };
  for (const auto& ours : profiles) {
    for (const auto& theirs : profiles) {
      CAPTURE(ours.value_or(-1), theirs.value_or(-1));
      const auto common = between(vp9(98, ours), vp9(103, theirs));
      CHECK(common.codecs.size() == (ours.value_or(0) == theirs.value_or(0) ? 1 : 0));
    }
  }
}

TEST_CASE("a VP9 profile is the same whether it was read as text or as a number") {
  const auto common = between(example::codec("video/VP9", 98, {{"profile-id", "2"}}),
                              example::codec("video/VP9", 103, {{"profile-id", integer(2)}}));
  CHECK(common.codecs.size() == 1);
}

TEST_CASE("equal capabilities have all codecs and extensions in common") {
  const RtpCapabilities router = example::router();
  const auto common = getExtendedRtpCapabilities(router, router);
  REQUIRE(common.codecs.size() == 6);
  for (const ExtendedCodec& codec : common.codecs) {
    CHECK(codec.localPayloadType == codec.remotePayloadType);
    CHECK(codec.localRtxPayloadType == codec.remoteRtxPayloadType);
    CHECK(codec.localRtxPayloadType.has_value() == (codec.kind == MediaKind::video));
    CHECK(codec.localParameters == codec.remoteParameters);
  }
  CHECK(common.headerExtensions.size() == router.headerExtensions.size());
}

TEST_CASE("the capabilities that go in are not changed") {
  const RtpCapabilities router = example::router();
  const RtpCapabilities local = example::local();
  const auto common = getExtendedRtpCapabilities(local, router);
  RtpParameters ours = sendingRtpParameters(MediaKind::video, common);
  ours.codecs[0].parameters["x"] = integer(1);
  CHECK(router == example::router());
  CHECK(local == example::local());
  CHECK(common == example::extended());
}

TEST_CASE("a browser's offer and a router's capabilities have opus, VP8 and no more in common") {
  const auto browser = sdp::extractRtpCapabilities(sdp::parse(recorded::browserOffer));
  std::vector<std::string> names;
  for (const auto& codec : getExtendedRtpCapabilities(browser, example::router()).codecs) {
    names.push_back(codec.mimeType);
  }
  // Its H264 is baseline, the router's are constrained baseline and main; its VP9 is in the second
  // video section, which does not count.
  CHECK(names == std::vector<std::string>{"audio/opus", "video/VP8"});
}
