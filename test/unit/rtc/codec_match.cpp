#include "cosoup/rtc/codec_match.hpp"

#include "examples.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::ortc;
using example::codec;
using example::h264;
using example::integer;

TEST_CASE("media types match whatever their case") {
  CHECK(matchCodecs(codec("audio/OPUS", 96), codec("audio/opus", 111)));
  CHECK(matchCodecs(codec("VIDEO/vp8", 96), codec("video/VP8", 96)));
  CHECK_FALSE(matchCodecs(codec("video/VP8", 96), codec("video/VP9", 96)));
  CHECK_FALSE(matchCodecs(codec("video/VP8", 96), codec("video/VP80", 96)));
}

TEST_CASE("codecs of different clock rates do not match") {
  RtpCodecCapability other = codec("audio/opus", 96);
  other.clockRate = 16000;
  CHECK_FALSE(matchCodecs(codec("audio/opus", 96), other));
}

TEST_CASE("audio without channels has one") {
  RtpCodecCapability absent = codec("audio/PCMU", 0);
  RtpCodecCapability one = absent;
  absent.channels.reset();
  one.channels = 1;
  CHECK(matchCodecs(absent, one));
  CHECK_FALSE(matchCodecs(absent, codec("audio/PCMU", 0)));
}

TEST_CASE("channels mean nothing to video") {
  RtpCodecCapability odd = codec("video/VP8", 96);
  odd.channels = 1;
  CHECK(matchCodecs(odd, codec("video/VP8", 96)));
}

TEST_CASE("VP9 matches by profile-id, which is 0 when absent") {
  const auto vp9 = [](CodecParameters parameters) {
    return codec("video/VP9", 98, std::move(parameters));
  };
  const auto absent = vp9({});
  const auto zero = vp9({{"profile-id", integer(0)}});
  const auto two = vp9({{"profile-id", integer(2)}});
  const auto textTwo = vp9({{"profile-id", "2"}});
  CHECK(matchCodecs(absent, zero));
  CHECK(matchCodecs(zero, absent));
  CHECK(matchCodecs(two, textTwo));
  CHECK_FALSE(matchCodecs(absent, two));
  CHECK_FALSE(matchCodecs(zero, two));
}

TEST_CASE("AV1 matches by profile") {
  CHECK(matchCodecs(codec("video/AV1", 45), codec("video/AV1", 46, {{"profile", integer(0)}})));
  CHECK_FALSE(
      matchCodecs(codec("video/AV1", 45), codec("video/AV1", 46, {{"profile", integer(1)}})));
}

TEST_CASE("H265 matches by profile-id, which is 1 when absent") {
  CHECK(
      matchCodecs(codec("video/H265", 45), codec("video/H265", 46, {{"profile-id", integer(1)}})));
  CHECK_FALSE(
      matchCodecs(codec("video/H265", 45), codec("video/H265", 46, {{"profile-id", integer(2)}})));
}

TEST_CASE("multiopus matches by its streams") {
  const auto surround = codec("audio/multiopus", 100, {{"num_streams", integer(4)}});
  CHECK(matchCodecs(surround, surround));
  CHECK_FALSE(matchCodecs(surround, codec("audio/multiopus", 100, {{"num_streams", integer(2)}})));
}

TEST_CASE("H264 matches by packetization mode and profile") {
  struct Row {
    const char* a;
    int modeA;
    const char* b;
    int modeB;
    bool match;
  };
  const std::vector<Row> table = {
      {"42e01f", 1, "42e01f", 1, true},    {"42e01f", 0, "42e01f", 0, true},
      {"42e01f", 0, "42e01f", 1, false},   {"42e01f", 1, "42e01f", 0, false},
      {"42e01f", 1, "42e034", 1, true},    {"42e01f", 1, "42001f", 1, false},
      {"42e01f", 1, "4d001f", 1, false},   {"42e01f", 1, "64001f", 1, false},
      {"4d001f", 1, "4d0032", 1, true},    {"64001f", 1, "640c1f", 1, false},
      {"42e01f", 1, "nonsense", 1, false},
  };
  for (const Row& row : table) {
    CAPTURE(row.a, row.modeA, row.b, row.modeB);
    CHECK(matchCodecs(h264(96, row.a, row.modeA), h264(97, row.b, row.modeB)) == row.match);
  }
}

TEST_CASE("other parameters do not keep codecs from matching") {
  CHECK(matchCodecs(codec("audio/opus", 96, {{"useinbandfec", integer(1)}}),
                    codec("audio/opus", 96, {{"minptime", integer(10)}})));
}

TEST_CASE("rtx is known by its media type") {
  CHECK(isRtxCodec("video/rtx"));
  CHECK(isRtxCodec("audio/RTX"));
  CHECK_FALSE(isRtxCodec("video/rtx2"));
  CHECK_FALSE(isRtxCodec("application/rtx"));
}

TEST_CASE("a parameter is read as an integer however it was written") {
  const CodecParameters parameters = {{"a", integer(7)}, {"b", "7"}, {"c", "7x"},
                                      {"d", 7.5},        {"e", ""},  {"f", 7.0}};
  CHECK(parameterInteger(parameters, "a") == 7);
  CHECK(parameterInteger(parameters, "b") == 7);
  CHECK_FALSE(parameterInteger(parameters, "c"));
  CHECK_FALSE(parameterInteger(parameters, "d"));
  CHECK_FALSE(parameterInteger(parameters, "e"));
  CHECK_FALSE(parameterInteger(parameters, "absent"));
}

TEST_CASE("a parameter is read as text however it was written") {
  const CodecParameters parameters = {{"a", integer(-7)}, {"b", "seven"}, {"c", 0.5}};
  CHECK(parameterText(parameters, "a") == "-7");
  CHECK(parameterText(parameters, "b") == "seven");
  CHECK(parameterText(parameters, "c") == "0.5");
  CHECK_FALSE(parameterText(parameters, "d"));
}
