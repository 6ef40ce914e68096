// What payloads of H.264, H.265 and AV1 tell.
#include "cosoup/rtc/payload_start.hpp"
#include "support/catch.hpp"
#include "unit/rtc/frames/payloads.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

PayloadStart h264(std::string_view digits) {
  const auto start = readH264Start(hex(digits));
  REQUIRE(start);
  return *start;
}

PayloadStart h265(std::string_view digits) {
  const auto start = readH265Start(hex(digits));
  REQUIRE(start);
  return *start;
}

PayloadStart av1(std::string_view digits) {
  const auto start = readAv1Start(hex(digits));
  REQUIRE(start);
  return *start;
}

constexpr int no = LayerRules::noLayer;

}  // namespace

TEST_CASE("single NAL units of H.264 are read") {
  CHECK(h264("65 88 84").isKeyFrame);
  CHECK(h264("65 88 84").startsPicture);
  CHECK_FALSE(h264("65 48 84").startsPicture);
  CHECK_FALSE(h264("65 88 84").startsFrame);  // parameter sets may have come before
  CHECK_FALSE(h264("41 9a 00").isKeyFrame);
  CHECK(h264("41 9a 00").hasPicture);
  CHECK(h264("67 42 00").hasParameterSets);
  CHECK(h264("67 42 00").startsFrame);
  CHECK_FALSE(h264("67 42 00").hasPicture);
  CHECK_FALSE(h264("68 ce 3c").hasParameterSets);
  CHECK_FALSE(h264("68 ce 3c").startsFrame);
  CHECK(h264("09 10").startsFrame);  // access unit delimiter
  CHECK_FALSE(h264("06 05 ff").startsFrame);
  CHECK_FALSE(h264("06 05 ff").hasPicture);
}

TEST_CASE("only of an H.264 slice it is known that nobody needs it") {
  CHECK(h264("61 9a 00").layers.breaks == 0);
  CHECK(h264("01 9a 00").layers.breaks == no);
  CHECK(h264("06 05 ff").layers.breaks == 0);
  CHECK(h264("7c 81 e0").layers.breaks == 0);
  CHECK(h264("1c 81 e0").layers.breaks == no);
}

TEST_CASE("units that are put together in a packet of H.264 count all") {
  const PayloadStart key = h264("78 0003 674200 0002 68ce 0003 658884");
  CHECK(key.startsFrame);
  CHECK(key.isKeyFrame);
  CHECK(key.hasParameterSets);
  CHECK(key.hasPicture);
  CHECK_FALSE(key.isUnfinished);
  CHECK(h264("18 0003 019a00 0003 01 4a00").layers.breaks == no);
  CHECK(h264("38 0002 68ce 0003 019a00").layers.breaks == 0);
  CHECK_FALSE(h264("78 0002 68ce 0003 674200").startsFrame);
  for (const char* digits : {"78", "78 00", "78 0004 674200", "78 0003 674200 00", "78 0000"}) {
    INFO(digits);
    CHECK_FALSE(readH264Start(hex(digits)));
  }
}

TEST_CASE("fragments of H.264 units tell where they begin and end") {
  const PayloadStart first = h264("7c 85 88");
  CHECK(first.isKeyFrame);
  CHECK(first.startsPicture);
  CHECK_FALSE(first.continuesFrame);
  CHECK(first.isUnfinished);
  const PayloadStart middle = h264("7c 05 88");
  CHECK(middle.isKeyFrame);
  CHECK(middle.continuesFrame);
  CHECK(middle.continuesUnit);
  CHECK(middle.isUnfinished);
  CHECK_FALSE(middle.startsPicture);
  CHECK_FALSE(h264("7c 45 88").isUnfinished);
  CHECK(h264("7c 87 42").startsFrame);
  CHECK_FALSE(h264("7c 07 42").startsFrame);
  CHECK_FALSE(readH264Start(hex("7c 85")));
}

TEST_CASE("what is no H.264 payload of WebRTC tells nothing") {
  // Nothing, forbidden bit, undefined types, interleaved ones.
  for (const char* digits : {"", "e5 88 84", "60 00 00", "7e 00 00", "7f 00 00", "79 00 00 00",
                             "7a 00 00 00", "7b 00 00 00", "7d 85 00 00 88", "78 0001 78"}) {
    INFO(digits);
    CHECK_FALSE(readH264Start(hex(digits)));
  }
}

// gst-launch-1.0 videotestsrc num-buffers=3 ! video/x-raw,format=I420,width=160,height=120,
// framerate=15/1 ! openh264enc ! rtph264pay mtu=600 aggregate-mode=zero-latency (GStreamer 1.22)
TEST_CASE("payloads of rtph264pay are read") {
  PayloadStart key = h264("78000f6742d00b8c8d41422f2c03c2211a80000468ce3c80");
  CHECK(key.startsFrame);
  CHECK(key.hasParameterSets);
  CHECK_FALSE(key.isKeyFrame);
  CHECK(joinPayloadStart(key, h264("7c85b80004000013ffffe1e8")));
  CHECK(joinPayloadStart(key, h264("7c05f0696cbe0014de470958")));
  CHECK(key.isUnfinished);
  CHECK(joinPayloadStart(key, h264("7c454bbd21229fee0011af81")));
  CHECK_FALSE(key.isUnfinished);
  CHECK(key.isKeyFrame);
  CHECK(key.hasPicture);
  CHECK_FALSE(h264("7c81e0004000be413ba827c8").isKeyFrame);
  CHECK(h264("7c81e0004000be413ba827c8").startsPicture);
}

TEST_CASE("NAL units of H.265 are read") {
  CHECK(h265("26 01 af").isKeyFrame);  // IDR_W_RADL
  CHECK(h265("28 01 af").isKeyFrame);  // IDR_N_LP
  CHECK(h265("28 01 af").startsPicture);
  CHECK_FALSE(h265("28 01 2f").startsPicture);
  CHECK_FALSE(h265("28 01 af").isOpenKeyFrame);
  CHECK(h265("2a 01 af").isKeyFrame);  // CRA
  CHECK(h265("2a 01 af").isOpenKeyFrame);
  CHECK_FALSE(h265("2a 01 af").isBrokenLink);
  CHECK(h265("20 01 af").isBrokenLink);  // BLA_W_LP
  CHECK_FALSE(h265("02 01 d0").isKeyFrame);
  CHECK(h265("40 01 0c").startsFrame);  // VPS
  CHECK_FALSE(h265("40 01 0c").hasPicture);
  CHECK(h265("42 01 01").hasParameterSets);  // SPS
  CHECK_FALSE(h265("42 01 01").startsFrame);
  CHECK(h265("46 01 10").startsFrame);  // access unit delimiter
  CHECK_FALSE(h265("4e 01 05").startsFrame);
  CHECK(h265("10 01 d0").isLeading);  // RASL
  CHECK(h265("12 01 d0").isLeading);
  CHECK_FALSE(h265("0e 01 d0").isLeading);  // RADL
}

TEST_CASE("temporal layers of H.265 are read") {
  const auto rules = [](std::string_view digits) {
    const LayerRules& found = h265(digits).layers;
    return std::vector<int>{found.needs, found.breaks, found.healsFrom, found.healsTo};
  };
  CHECK(rules("02 01 d0") == std::vector{0, 0, no, 0});  // TRAIL_R
  CHECK(rules("02 03 d0") == std::vector{2, 2, no, 0});
  CHECK(rules("00 01 d0") == std::vector{0, 0, no, 0});  // TRAIL_N
  CHECK(rules("00 03 d0") == std::vector{2, 2, no, 0});
  CHECK(rules("06 02 d0") == std::vector{0, 1, 1, 7});   // TSA_R
  CHECK(rules("04 03 d0") == std::vector{1, 2, 2, 7});   // TSA_N
  CHECK(rules("0a 03 d0") == std::vector{2, 2, no, 0});  // STSA_R
  CHECK(rules("06 01 d0") == std::vector{0, 0, no, 0});
  CHECK(rules("28 01 d0") == std::vector{0, 0, no, 0});
  CHECK(rules("4e 03 d0")[1] == 0);  // of an SEI message it is not known who needs it
}

TEST_CASE("units of H.265 that are put together or in fragments are read") {
  const PayloadStart key = h265("60 01 0003 40010c 0003 420101 0003 4401c1 0004 2801af00");
  CHECK(key.startsFrame);
  CHECK(key.hasParameterSets);
  CHECK(key.isKeyFrame);
  const PayloadStart first = h265("62 01 94 af");
  CHECK(first.isKeyFrame);
  CHECK(first.startsPicture);
  CHECK(first.isUnfinished);
  CHECK_FALSE(first.continuesUnit);
  CHECK(h265("62 01 14 af").continuesUnit);
  CHECK_FALSE(h265("62 01 14 af").startsPicture);
  CHECK_FALSE(h265("62 01 54 af").isUnfinished);
  CHECK(h265("62 03 80 af").temporalLayer == 2);
  CHECK(h265("62 03 80 af").layers.breaks == 2);
  for (const char* digits :
       {"", "28", "a8 01 af", "28 00 af", "60 01", "60 01 00", "60 01 0004 40010c", "60 01 0001 40",
        "62 01 94", "64 01 00 00", "70 01 00", "60 01 0002 6001"}) {
    INFO(digits);
    CHECK_FALSE(readH265Start(hex(digits)));
  }
}

// gst-launch-1.0 videotestsrc num-buffers=3 ! video/x-raw,format=I420,width=160,height=120,
// framerate=15/1 ! x265enc tune=zerolatency speed-preset=ultrafast ! rtph265pay mtu=600
// aggregate-mode=zero-latency (GStreamer 1.22)
TEST_CASE("payloads of rtph265pay are read") {
  // Cut short: the length of the first unit is that of what is here.
  PayloadStart key = h265("6001000a40010c01ffff01600000");
  CHECK(key.startsFrame);
  CHECK(joinPayloadStart(key, h265("6201a705ffffffffffffffff")));  // SEI
  CHECK(joinPayloadStart(key, h265("620127302072632d6c6f6f6b")));
  CHECK_FALSE(joinPayloadStart(key, h265("620194ac1ac830b0c4833ea0")));  // before the SEI has ended
  CHECK(joinPayloadStart(key, h265("620114afbec509732c2dbf2d")));
  CHECK(joinPayloadStart(key, h265("620154301dd4e3ed7230fd5f")));
  CHECK(key.isKeyFrame);
  CHECK_FALSE(key.isUnfinished);
  const PayloadStart next = h265("620181d0097880d641603401");
  CHECK_FALSE(next.isKeyFrame);
  CHECK(next.startsPicture);
  CHECK(next.layers.breaks == 0);
}

// rtpav1pay was not to be had here.
TEST_CASE("an AV1 aggregation header tells what goes on and what begins") {
  CHECK(av1("18 0a 01").isKeyFrame);
  CHECK(av1("18 0a 01").startsFrame);
  CHECK_FALSE(av1("18 0a 01").continuesFrame);
  CHECK_FALSE(av1("18 0a 01").isUnfinished);
  CHECK(av1("58 0a 01").isUnfinished);
  CHECK_FALSE(av1("10 32 01").startsFrame);
  CHECK_FALSE(av1("10 32 01").continuesFrame);
  CHECK(av1("90 32 01").continuesFrame);
  CHECK(av1("90 32 01").continuesUnit);
  CHECK_FALSE(readAv1Start(hex("98 32 01")));  // a continued sequence that begins
}

TEST_CASE("AV1 elements have lengths that fit") {
  CHECK(readAv1Start(hex("28 02 0a01 32 01 02")));
  CHECK(readAv1Start(hex("08 02 0a01 03 320102")));
  CHECK(readAv1Start(hex("30 01 0a 8100 0b 3201")));
  for (const char* digits : {"", "18", "28 02 0a", "28 02 0a01", "08 02 0a01 04 320102", "08 80",
                             "08 80808080 00", "28 80"}) {
    INFO(digits);
    CHECK_FALSE(readAv1Start(hex(digits)));
  }
}

TEST_CASE("each codec is read as its own") {
  const Payload payload = hex("10 00 9d");
  CHECK(readPayloadStart(VideoCodec::vp8, payload)->isKeyFrame);
  CHECK_FALSE(readPayloadStart(VideoCodec::vp9, payload));
  CHECK_FALSE(readPayloadStart(VideoCodec::h264, payload)->isKeyFrame);
  CHECK(readPayloadStart(VideoCodec::h265, hex("28 01 af"))->isKeyFrame);
  CHECK_FALSE(readPayloadStart(VideoCodec::av1, payload)->isKeyFrame);
}
