#include "cosoup/client/encodings.hpp"

#include <cmath>

#include "cosoup/core/error.hpp"
#include "support/catch.hpp"

using namespace cosoup;

namespace {

RtpEncodingParameters scaled(double by) {
  RtpEncodingParameters encoding;
  encoding.scaleResolutionDownBy = by;
  return encoding;
}

RtpEncodingParameters limited(std::uint32_t maxBitrate) {
  RtpEncodingParameters encoding;
  encoding.maxBitrate = maxBitrate;
  return encoding;
}

std::vector<double> scalesOf(const std::vector<RtpEncodingParameters>& encodings) {
  std::vector<double> scales;
  for (const auto& encoding : encodings) scales.push_back(*encoding.scaleResolutionDownBy);
  return scales;
}

Error::Code refusal(MediaKind kind, std::vector<RtpEncodingParameters> encodings) {
  try {
    completeEncodings(kind, std::move(encodings));
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("accepted");
  return Error::Code::Media;
}

ProducerCodecOptions kilobits(std::optional<std::uint32_t> min, std::optional<std::uint32_t> start,
                              std::optional<std::uint32_t> max) {
  ProducerCodecOptions options;
  options.videoGoogleMinBitrate = min;
  options.videoGoogleStartBitrate = start;
  options.videoGoogleMaxBitrate = max;
  return options;
}

}  // namespace

TEST_CASE("no encoding wanted is one encoding without a rid") {
  const auto encodings = completeEncodings(MediaKind::video, {});
  REQUIRE(encodings.size() == 1);
  CHECK(encodings[0] == RtpEncodingParameters());
}

TEST_CASE("a single encoding keeps what the app asks for") {
  RtpEncodingParameters wanted = limited(300000);
  wanted.scalabilityMode = "L1T3";
  wanted.active = false;
  CHECK(completeEncodings(MediaKind::video, {wanted}) == std::vector{wanted});
}

TEST_CASE("what only we can know is not taken from the app") {
  RtpEncodingParameters wanted;
  wanted.ssrc = 1;
  wanted.rtxSsrc = 2;
  wanted.rid = "mine";
  wanted.codecPayloadType = 96;
  CHECK(completeEncodings(MediaKind::video, {wanted})[0] == RtpEncodingParameters());
}

TEST_CASE("several encodings are called r0, r1 and so on") {
  const auto encodings = completeEncodings(MediaKind::video, {{}, {}, {}});
  REQUIRE(encodings.size() == 3);
  CHECK(encodings[0].rid == "r0");
  CHECK(encodings[1].rid == "r1");
  CHECK(encodings[2].rid == "r2");
}

TEST_CASE("layers without a scale halve their size from the last to the first") {
  CHECK(scalesOf(completeEncodings(MediaKind::video, {{}, {}, {}})) == std::vector{4.0, 2.0, 1.0});
}

TEST_CASE("one layer with a scale leaves the others at full size") {
  const auto encodings = completeEncodings(MediaKind::video, {scaled(3), {}});
  CHECK(scalesOf(encodings) == std::vector{3.0, 1.0});
}

TEST_CASE("all layers get the scalability mode of the one with the most temporal layers") {
  std::vector<RtpEncodingParameters> wanted(2);
  wanted[0].scalabilityMode = "L1T3";
  for (const auto& encoding : completeEncodings(MediaKind::video, wanted)) {
    CHECK(encoding.scalabilityMode == "L1T3");
  }
}

TEST_CASE("audio has only one encoding") {
  CHECK(completeEncodings(MediaKind::audio, {{}}).size() == 1);
  CHECK(refusal(MediaKind::audio, {{}, {}}) == Error::Code::Unsupported);
}

TEST_CASE("encodings out of range are refused") {
  RtpEncodingParameters slow;
  slow.maxFramerate = -1;
  CHECK(refusal(MediaKind::video, {scaled(0.5)}) == Error::Code::InvalidArgument);
  CHECK(refusal(MediaKind::video, {scaled(NAN)}) == Error::Code::InvalidArgument);
  CHECK(refusal(MediaKind::video, {slow}) == Error::Code::InvalidArgument);
  CHECK(refusal(MediaKind::video, std::vector<RtpEncodingParameters>(9)) ==
        Error::Code::InvalidArgument);
}

TEST_CASE("a change of an encoding takes over what it says and keeps the rest") {
  RtpEncodingParameters before = limited(500000);
  before.rid = "r1";
  before.maxFramerate = 30;
  RtpEncodingParameters change = limited(100000);
  change.active = false;
  change.rid = "r0";
  const RtpEncodingParameters after = changedEncoding(before, change);
  CHECK(after.maxBitrate == 100000);
  CHECK(after.active == false);
  CHECK(after.maxFramerate == 30);
  CHECK(after.rid == "r1");
  CHECK_THROWS_AS(changedEncoding(before, scaled(0)), Error);
}

namespace {

struct RangeRow {
  const char* title;
  MediaKind kind;
  RtpEncodingParameters encoding;
  ProducerCodecOptions options;
  BitrateRange expected;
};

std::vector<RangeRow> rangeRows() {
  ProducerCodecOptions average;
  average.opusMaxAverageBitrate = 20000;
  return {
      {"video, nothing said", MediaKind::video, {}, {}, {30000, 1000000, 1000000}},
      {"audio, nothing said", MediaKind::audio, {}, {}, {30000, 48000, 48000}},
      {"a small layer", MediaKind::video, scaled(4), {}, {30000, 125000, 125000}},
      {"a tiny layer", MediaKind::video, scaled(16), {}, {30000, 100000, 100000}},
      {"maxBitrate", MediaKind::video, limited(300000), {}, {30000, 300000, 300000}},
      {"the least of both limits",
       MediaKind::video,
       limited(300000),
       kilobits({}, {}, 200),
       {30000, 200000, 200000}},
      {"start below max", MediaKind::video, {}, kilobits({}, 400, 2000), {30000, 400000, 2000000}},
      {"start alone raises max",
       MediaKind::video,
       {},
       kilobits({}, 3000, {}),
       {30000, 3000000, 3000000}},
      {"start above max",
       MediaKind::video,
       limited(100000),
       kilobits({}, 400, {}),
       {30000, 100000, 100000}},
      {"min", MediaKind::video, {}, kilobits(250, 100, {}), {250000, 250000, 1000000}},
      {"min above max",
       MediaKind::video,
       limited(20000),
       kilobits(250, {}, {}),
       {20000, 20000, 20000}},
      {"more than fits into 32 bits",
       MediaKind::video,
       {},
       kilobits({}, {}, 5000000),
       {30000, 4294967295, 4294967295}},
      {"opus", MediaKind::audio, {}, average, {20000, 20000, 20000}},
  };
}

}  // namespace

TEST_CASE("the bitrate range of an encoder follows the options") {
  for (const RangeRow& row : rangeRows()) {
    INFO(row.title);
    const BitrateRange range = bitrateRange(row.kind, row.encoding, row.options);
    CHECK(range.min == row.expected.min);
    CHECK(range.start == row.expected.start);
    CHECK(range.max == row.expected.max);
  }
}

TEST_CASE("codec options become the settings of the opus encoder") {
  ProducerCodecOptions options;
  options.opusStereo = false;
  options.opusFec = false;
  options.opusDtx = true;
  options.opusCbr = true;
  options.opusPtime = 40;
  options.opusMaxPlaybackRate = 16000;
  options.opusMaxAverageBitrate = 24000;
  const EncoderSettings settings = encoderSettings(MediaKind::audio, {}, options);
  CHECK_FALSE(settings.stereo);
  CHECK_FALSE(settings.fec);
  CHECK(settings.dtx);
  CHECK(settings.cbr);
  CHECK(settings.ptime == 40);
  CHECK(settings.maxPlaybackRate == 16000);
  CHECK(settings.bitrate == 24000);
}

TEST_CASE("an encoding becomes the settings of the video encoder") {
  RtpEncodingParameters encoding = limited(250000);
  encoding.scaleResolutionDownBy = 2;
  encoding.maxFramerate = 15;
  const EncoderSettings settings = encoderSettings(MediaKind::video, encoding, {});
  CHECK(settings.bitrate == 250000);
  CHECK(settings.scaleResolutionDownBy == 2);
  CHECK(settings.maxFramerate == 15);
}
