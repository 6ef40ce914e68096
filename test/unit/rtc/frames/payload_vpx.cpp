// What payload descriptors of VP8 and VP9 tell.
#include "cosoup/rtc/payload_start.hpp"
#include "support/catch.hpp"
#include "unit/rtc/frames/payloads.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

PayloadStart vp8(std::string_view digits) {
  const auto start = readVp8Start(hex(digits));
  REQUIRE(start);
  return *start;
}

PayloadStart vp9(std::string_view digits) {
  const auto start = readVp9Start(hex(digits));
  REQUIRE(start);
  return *start;
}

void checkRules(const LayerRules& rules, int needs, int breaks, int healsFrom, int healsTo) {
  CHECK(rules.needs == needs);
  CHECK(rules.breaks == breaks);
  CHECK(rules.healsFrom == healsFrom);
  CHECK(rules.healsTo == healsTo);
}

constexpr int no = LayerRules::noLayer;

}  // namespace

TEST_CASE("a VP8 descriptor without extensions tells where a frame starts") {
  CHECK(vp8("10 00 9d").startsFrame);
  CHECK(vp8("10 00 9d").isKeyFrame);
  CHECK_FALSE(vp8("10 01 9d").isKeyFrame);
  for (const char* digits : {"00 00 9d", "11 00 9d", "01 00 9d"}) {  // later partitions
    INFO(digits);
    CHECK_FALSE(vp8(digits).startsFrame);
    CHECK(vp8(digits).continuesFrame);
    CHECK_FALSE(vp8(digits).isKeyFrame);
  }
  CHECK_FALSE(vp8("10 00 9d").pictureId);
  CHECK_FALSE(vp8("10 00 9d").tl0PicIdx);
}

TEST_CASE("a VP8 descriptor has picture ids of 7 and 15 bits") {
  CHECK(vp8("90 80 11 01 00").pictureId->value == 0x11);
  CHECK(vp8("90 80 11 01 00").pictureId->bits == 7);
  CHECK(vp8("90 80 91 02 01 00").pictureId->value == 0x1102);
  CHECK(vp8("90 80 91 02 01 00").pictureId->bits == 15);
  CHECK(PictureId{2, 7}.after({126, 7}) == 4);
  CHECK(PictureId{2, 15}.after({0x7ffe, 15}) == 4);
}

TEST_CASE("a VP8 descriptor has temporal layers") {
  const PayloadStart base = vp8("90 e0 05 2a 00 01 00");
  CHECK(base.temporalLayer == 0);
  CHECK(base.tl0PicIdx == 0x2a);
  checkRules(base.layers, 0, 0, no, 0);
  const PayloadStart upper = vp8("90 e0 05 2a 80 01 00");
  CHECK(upper.temporalLayer == 2);
  checkRules(upper.layers, 2, 2, no, 0);
  const PayloadStart sync = vp8("90 f0 05 2a 67 01 00");  // with a key index
  CHECK(sync.temporalLayer == 1);
  CHECK(sync.tl0PicIdx == 0x2a);
  checkRules(sync.layers, 0, 1, 1, 1);
  // No layer index, only a key index; no base index without a layer.
  CHECK(vp8("90 10 7f 01 00").temporalLayer == 0);
  CHECK_FALSE(vp8("90 40 2a 01 00").tl0PicIdx);
}

TEST_CASE("a VP8 frame that nobody needs breaks nothing, unless it is a key frame") {
  checkRules(vp8("30 01 00").layers, 0, no, no, 0);
  checkRules(vp8("b0 e0 05 2a 40 01 00").layers, 1, no, no, 0);
  checkRules(vp8("30 00 00").layers, 0, 0, no, 0);
}

TEST_CASE("a VP8 descriptor that is cut off tells nothing") {
  for (const char* digits :
       {"", "10", "90", "90 80", "90 80 91", "90 80 91 02", "90 e0 05", "90 e0 05 2a 80"}) {
    INFO(digits);
    CHECK_FALSE(readVp8Start(hex(digits)));
  }
}

// gst-launch-1.0 videotestsrc num-buffers=3 ! video/x-raw,format=I420,width=160,height=120,
// framerate=15/1 ! vp8enc deadline=1 target-bitrate=200000 ! rtpvp8pay mtu=600 picture-id-mode=2
// (GStreamer 1.22)
TEST_CASE("payloads of rtpvp8pay are read") {
  const PayloadStart key = vp8("9080e4b77036009d012aa000");
  CHECK(key.startsFrame);
  CHECK(key.isKeyFrame);
  CHECK(key.pictureId->value == 0x64b7);
  CHECK(vp8("8080e4b77232a722a9c88f14").continuesFrame);
  CHECK(vp8("8080e4b77e645a1d1431fddb").continuesFrame);
  const PayloadStart next = vp8("9080e4b8d112000f1078001b");
  CHECK(next.startsFrame);
  CHECK_FALSE(next.isKeyFrame);
  CHECK(next.pictureId->after(*key.pictureId) == 1);
}

TEST_CASE("a VP9 descriptor tells where a layer begins and ends") {
  CHECK(vp9("08 82 49").startsFrame);
  CHECK(vp9("08 82 49").isKeyFrame);
  CHECK(vp9("08 82 49").isUnfinished);
  CHECK_FALSE(vp9("0c 82 49").isUnfinished);
  CHECK_FALSE(vp9("04 82 49").startsFrame);
  CHECK(vp9("04 82 49").continuesFrame);
  CHECK(vp9("04 82 49").continuesUnit);
  CHECK_FALSE(vp9("04 82 49").isKeyFrame);
  CHECK_FALSE(vp9("48 86 49").isKeyFrame);
}

TEST_CASE("only a VP9 frame that is no inter frame and says so itself is a key frame") {
  CHECK_FALSE(vp9("08 86 49").isKeyFrame);  // intra-only
  CHECK_FALSE(vp9("08 8a 49").isKeyFrame);  // shows an existing one
  CHECK_FALSE(vp9("48 82 49").isKeyFrame);  // inter, by the descriptor
  CHECK_FALSE(vp9("08 42 49").isKeyFrame);  // no VP9
  CHECK(vp9("08 b1 49").isKeyFrame);        // profile 3 has one bit more
  CHECK_FALSE(vp9("08 b2 49").isKeyFrame);
  CHECK_FALSE(vp9("08 b5 49").isKeyFrame);
}

TEST_CASE("a VP9 descriptor has temporal layers") {
  const PayloadStart base = vp9("e8 05 10 2a 86 00");  // a switching up point
  CHECK(base.temporalLayer == 0);
  CHECK(base.tl0PicIdx == 0x2a);
  CHECK(base.pictureId->value == 5);
  checkRules(base.layers, 0, 0, 1, 7);
  checkRules(vp9("e8 05 40 2a 86 00").layers, 2, 2, no, 0);
  checkRules(vp9("e8 05 30 2a 86 00").layers, 1, 1, 2, 7);
}

TEST_CASE("a VP9 descriptor has spatial layers, of which the lowest starts a picture") {
  CHECK(vp9("a8 05 00 2a 82 49").startsFrame);
  const PayloadStart upper = vp9("a8 05 05 2a 82 49");
  CHECK(upper.spatialLayer == 2);
  CHECK_FALSE(upper.startsFrame);
  CHECK_FALSE(upper.continuesFrame);
  CHECK_FALSE(upper.startsUpperLayer);
  CHECK_FALSE(upper.isKeyFrame);
  CHECK(vp9("a8 05 04 2a 82 49").startsUpperLayer);
  CHECK_FALSE(vp9("a0 05 04 2a 82 49").startsUpperLayer);
}

TEST_CASE("a VP9 descriptor in flexible mode has references") {
  const PayloadStart one = vp9("f8 05 00 04 86 00");
  CHECK_FALSE(one.tl0PicIdx);
  REQUIRE(one.references);
  CHECK(one.references->count == 1);
  CHECK(one.references->differences[0] == 2);
  checkRules(one.layers, 0, 0, no, 0);
  const PayloadStart three = vp9("f8 05 40 03 05 fe 86 00");
  CHECK(three.references->count == 3);
  CHECK(three.references->differences[2] == 127);
  checkRules(three.layers, 0, no, no, 0);
  CHECK(vp9("b8 05 00 86 00").references->count == 0);
  CHECK_FALSE(readVp9Start(hex("f8 05 00 03 05 07 08 86 00")));  // four
  CHECK_FALSE(readVp9Start(hex("f8 05 00 00 86 00")));           // to itself
  CHECK_FALSE(readVp9Start(hex("78 00 04 86 00")));              // no picture id
}

TEST_CASE("a VP9 scalability structure is passed over") {
  CHECK(vp9("0a 00 82 49").isKeyFrame);
  CHECK(vp9("0a 38 00a00078 01400f00 02 04 01 48 01 02 82 49").isKeyFrame);
  CHECK_FALSE(vp9("0a 38 00a00078 01400f00 02 04 01 48 01 02 03 82 49").isKeyFrame);
  CHECK_FALSE(readVp9Start(hex("0a 38 00a00078 01400f00 02 04 01 48 01 02")));
  CHECK_FALSE(readVp9Start(hex("0a 38 00a00078")));
  CHECK_FALSE(readVp9Start(hex("0a 08 ff 0c")));
}

TEST_CASE("a VP9 descriptor that is cut off tells nothing") {
  for (const char* digits : {"", "08", "88", "88 91", "88 91 02", "a8 05 00", "a8 05 00 2a",
                             "f8 05 00", "f8 05 00 05"}) {
    INFO(digits);
    CHECK_FALSE(readVp9Start(hex(digits)));
  }
}

TEST_CASE("the references of a picture are those of all its spatial layers") {
  PayloadStart frame = vp9("fc 05 00 04 86 00");
  CHECK(joinPayloadStart(frame, vp9("fc 05 03 03 06 86 00")));
  CHECK(joinPayloadStart(frame, vp9("fc 05 03 05 06 86 00")));
  REQUIRE(frame.references->count == 3);
  CHECK(frame.references->differences[0] == 2);
  CHECK(frame.references->differences[1] == 1);
  CHECK(frame.references->differences[2] == 3);
}

// gst-launch-1.0 videotestsrc num-buffers=3 ! video/x-raw,format=I420,width=160,height=120,
// framerate=15/1 ! vp9enc deadline=1 target-bitrate=200000 ! rtpvp9pay mtu=600 picture-id-mode=2
// (GStreamer 1.22), and the first one without format=I420
TEST_CASE("payloads of rtpvp9pay are read") {
  CHECK(vp9("8adcc51800a0007801"
            "0401b124c1a148004f80")
            .isKeyFrame);  // profile 3
  PayloadStart key = vp9("8a9b801800a00078010401824983422009f0");
  CHECK(key.startsFrame);
  CHECK(key.isKeyFrame);
  CHECK(key.isUnfinished);
  CHECK(key.pictureId->value == 0x1b80);
  CHECK(joinPayloadStart(key, vp9("809b807d3db89c912f6e8f47")));
  CHECK(key.isUnfinished);
  CHECK(joinPayloadStart(key, vp9("849b80485f93b4635c6352d0")));
  CHECK_FALSE(key.isUnfinished);
  CHECK(key.isKeyFrame);
  const PayloadStart next = vp9("c89b81860040929c48494000");
  CHECK(next.startsFrame);
  CHECK_FALSE(next.isKeyFrame);
}
