// Which frames of H.264, H.265 and AV1 a FrameAssembler hands on.
#include "support/catch.hpp"
#include "unit/rtc/frames/payloads.hpp"
#include "unit/rtc/frames/received_stream.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

using Numbers = std::vector<unsigned>;

const Payload idr = hex("65 88 84");
const Payload slice = hex("41 9a 00");
const Payload parameters = hex("78 0003 674200 0002 68ce");

}  // namespace

TEST_CASE("after a restart a key frame without a known beginning is not trusted") {
  ReceivedStream stream(VideoCodec::h264);
  stream.receive({parameters, 0, false});
  stream.receive({idr, 0, true});
  stream.assembler.restarted();
  stream.receive({idr, 3000, true});
  CHECK(stream.handedOn() == Numbers{0, 1});
  stream.receive({idr, 6000, true});
  CHECK(stream.handedOn().empty());
  CHECK(stream.assembler.keyFrameNeeded());
}

TEST_CASE("sequence parameter sets come with an H.264 key frame, or before it") {
  ReceivedStream stream(VideoCodec::h264);
  stream.receive({idr, 0, true});
  CHECK(stream.handedOn().empty());
  CHECK(stream.assembler.keyFrameNeeded());
  SECTION("in the same frame") {
    stream.receive({parameters, 3000, false});
    stream.receive({idr, 3000, true});
    CHECK(stream.handedOn() == Numbers{1, 2});
  }
  SECTION("with a time stamp of their own") {
    stream.receive({parameters, 2000, true});
    CHECK(stream.assembler.keyFrameNeeded());
    stream.receive({idr, 3000, true});
    CHECK(stream.handedOn() == Numbers{1, 2});
  }
  CHECK_FALSE(stream.assembler.keyFrameNeeded());
  CHECK(stream.statistics().handedOn == 1);
}

TEST_CASE("an H.264 key frame may lack parameter sets that were sent before, but not lost") {
  ReceivedStream stream(VideoCodec::h264);
  stream.receive({parameters, 0, false});
  stream.receive({idr, 0, true});
  stream.receive({idr, 3000, true});
  CHECK(stream.handedOn() == Numbers{0, 1, 2});
  stream.lose();
  stream.receive({idr, 6000, true});  // what was lost may have been new parameter sets
  CHECK(stream.handedOn().empty());
  CHECK(stream.assembler.keyFrameNeeded());
  stream.receive({idr, 9000, true});
  CHECK(stream.handedOn() == Numbers{5});
  stream.lose();
  stream.receive({hex("09 10"), 12000, false});  // nothing of this frame can be lost
  stream.receive({idr, 12000, true});
  CHECK(stream.handedOn() == Numbers{7, 8});
}

TEST_CASE("a loss just before the parameter sets of a key frame does not matter") {
  ReceivedStream stream(VideoCodec::h264);
  stream.receive({parameters, 0, false});
  stream.receive({idr, 0, true});
  stream.lose();
  stream.receive({parameters, 6000, false});
  CHECK_FALSE(stream.assembler.keyFrameNeeded());
  SECTION("where it is one") {
    stream.receive({idr, 6000, true});
    CHECK(stream.handedOn() == Numbers{0, 1, 3, 4});
    CHECK(stream.statistics().freezes == 0);
  }
  SECTION("but where it is none after all") {
    stream.receive({slice, 6000, true});
    CHECK(stream.handedOn() == Numbers{0, 1});
    CHECK(stream.assembler.keyFrameNeeded());
  }
}

TEST_CASE("with parameter sets in the session description a key frame begins with its slice") {
  ReceivedStream stream(VideoCodec::h264, true);
  stream.receive({hex("65 48 84"), 0, true});  // not its first
  CHECK(stream.handedOn().empty());
  stream.receive({idr, 3000, true});
  stream.lose();
  stream.receive({idr, 6000, true});
  CHECK(stream.handedOn() == Numbers{1, 3});
}

TEST_CASE("all slices of an H.264 picture are one frame") {
  ReceivedStream stream(VideoCodec::h264);
  for (const char* unit : {"674200", "68ce", "658884", "654884"}) {
    stream.receive({hex(unit), 0, false});
  }
  stream.receive({slice, 3000, false});  // without a marker
  CHECK(stream.handedOn() == Numbers{0, 1, 2, 3});
  stream.receive({hex("41 4a 00"), 3000, true});
  CHECK(stream.handedOn() == Numbers{4, 5});
}

TEST_CASE("an H.264 frame that ends amid a unit is not whole") {
  ReceivedStream stream(VideoCodec::h264);
  stream.receive({parameters, 0, false});
  stream.receive({hex("7c 85 88"), 0, true});
  CHECK(stream.handedOn().empty());
  stream.receive({parameters, 3000, false});
  stream.receive({hex("7c 85 88"), 3000, false});
  stream.receive({slice, 3000, true});
  CHECK(stream.handedOn().empty());
}

TEST_CASE("an H.264 picture to which no other refers may be incomplete") {
  ReceivedStream stream(VideoCodec::h264);
  stream.receive({parameters, 0, false});
  stream.receive({idr, 0, true});
  stream.receive({hex("01 9a 00"), 3000, false});
  stream.lose();
  stream.receive({hex("01 4a 00"), 3000, true});
  stream.receive({slice, 6000, true});
  CHECK(stream.handedOn() == Numbers{0, 1, 5});
  CHECK(stream.statistics().incomplete == 1);
  CHECK(stream.statistics().freezes == 0);
  stream.lose();
  stream.receive({hex("01 9a 00"), 9000, true});  // what was lost may have been another
  CHECK(stream.handedOn().empty());
}

TEST_CASE("pictures that lead a broken or joined CRA picture are skipped") {
  ReceivedStream stream(VideoCodec::h265);
  const Payload sets = hex("60 01 0003 40010c 0003 420101 0003 4401c1");
  const Payload cra = hex("2a 01 af");
  const Payload rasl = hex("12 01 d0");
  const Payload trail = hex("02 01 d0");
  stream.receive({sets, 0, false});
  stream.receive({cra, 0, true});
  stream.receive({rasl, 3000, true});
  stream.receive({trail, 6000, true});
  CHECK(stream.handedOn() == Numbers{0, 1, 3});
  stream.receive({cra, 9000, true});
  stream.receive({rasl, 12000, true});
  CHECK(stream.handedOn() == Numbers{4, 5});
  stream.receive({hex("20 01 af"), 15000, true});  // BLA
  stream.receive({rasl, 18000, true});
  stream.receive({trail, 21000, true});
  CHECK(stream.handedOn() == Numbers{6, 8});
  CHECK(stream.statistics().freezes == 0);
}

TEST_CASE("an AV1 stream goes on with a new coded video sequence") {
  ReceivedStream stream(VideoCodec::av1);
  stream.receive({hex("58 0a 01"), 0, false});
  stream.receive({hex("90 0a 01"), 0, true});
  stream.receive({hex("10 32 01"), 3000, true});
  CHECK(stream.handedOn() == Numbers{0, 1, 2});
  stream.lose();
  stream.receive({hex("10 32 01"), 6000, true});
  stream.receive({hex("10 32 01"), 9000, true});
  CHECK(stream.handedOn().empty());
  stream.receive({hex("18 0a 01"), 12000, true});
  CHECK(stream.handedOn() == Numbers{6});
}
