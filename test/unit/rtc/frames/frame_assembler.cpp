// Which packets a FrameAssembler hands on: where frames begin and end, and what a loss breaks.
#include "cosoup/rtc/frame_assembler.hpp"

#include <memory>

#include "support/catch.hpp"
#include "unit/rtc/frames/payloads.hpp"
#include "unit/rtc/frames/received_stream.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

using Numbers = std::vector<unsigned>;

const Payload key = hex("10 00 9d");
const Payload inter = hex("10 01 9d");
const Payload more = hex("00 55 55");
const Payload padding;

/// A VP8 stream that has begun with a key frame of one packet, number 0, at time stamp 0.
class Begun : public ReceivedStream {
 public:
  Begun() : ReceivedStream(VideoCodec::vp8) {
    receive({key, 0, true});
    REQUIRE(handedOn() == Numbers{0});
  }
};

}  // namespace

TEST_CASE("a frame is handed on when it is whole") {
  ReceivedStream stream(VideoCodec::vp8);
  stream.receive({key, 0, false});
  stream.receive({more, 0, false});
  CHECK(stream.handedOn().empty());
  CHECK(stream.assembler.held() == 2);
  CHECK(stream.assembler.keyFrameNeeded());
  stream.receive({more, 0, true});
  CHECK(stream.handedOn() == Numbers{0, 1, 2});
  CHECK(stream.assembler.held() == 0);
  CHECK_FALSE(stream.assembler.keyFrameNeeded());
  stream.receive({inter, 3000, true});
  CHECK(stream.handedOn() == Numbers{3});
}

TEST_CASE("packets that can only be moved are handed on") {
  FrameAssembler<std::unique_ptr<int>> assembler(VideoCodec::vp8);
  std::vector<std::unique_ptr<int>> out;
  assembler.push(key, {0, false, 0}, std::make_unique<int>(1), {}, out);
  assembler.push(more, {0, true, 0}, std::make_unique<int>(2), {}, out);
  REQUIRE(out.size() == 2);
  CHECK(*out[0] == 1);
  CHECK(*out[1] == 2);
}

TEST_CASE("nothing is handed on before the first key frame") {
  ReceivedStream stream(VideoCodec::vp8);
  stream.receive({more, 0, true});
  stream.receive({inter, 3000, true});
  CHECK(stream.handedOn().empty());
  CHECK(stream.assembler.keyFrameNeeded());
  stream.receive({key, 6000, true});
  CHECK(stream.handedOn() == Numbers{2});
  CHECK(stream.statistics().freezes == 0);
  CHECK(stream.statistics().frozen == 0s);
}

TEST_CASE("a stream that is joined amid its key frame waits for another") {
  ReceivedStream stream(VideoCodec::vp8);
  stream.receive({more, 0, false});
  stream.receive({more, 0, true});
  stream.receive({inter, 3000, true});
  CHECK(stream.handedOn().empty());
}

TEST_CASE("a frame that lacks a packet is dropped, and what follows it") {
  for (unsigned lost = 0; lost < 3; ++lost) {
    INFO(lost);
    Begun stream;
    for (unsigned i = 0; i < 3; ++i) {
      if (i == lost) {
        stream.lose();
      } else {
        stream.receive({i == 0 ? inter : more, 3000, i == 2});
      }
    }
    stream.receive({inter, 6000, true});
    CHECK(stream.assembler.keyFrameNeeded());
    stream.receive({inter, 9000, true});
    CHECK(stream.handedOn().empty());
    CHECK(stream.assembler.held() == 0);
    stream.receive({key, 12000, true});
    stream.receive({inter, 15000, true});
    CHECK(stream.handedOn() == Numbers{6, 7});
    CHECK_FALSE(stream.assembler.keyFrameNeeded());
    CHECK(stream.statistics().incomplete == 1);
    CHECK(stream.statistics().undecodable == 2);
    CHECK(stream.statistics().handedOn == 3);
    CHECK(stream.statistics().keyFrames == 2);
    CHECK(stream.statistics().freezes == 1);
  }
}

TEST_CASE("a key frame is needed as soon as it is known, not only when the frame has ended") {
  Begun stream;
  stream.receive({inter, 3000, false});
  stream.lose();
  stream.receive({more, 3000, false});
  CHECK(stream.assembler.keyFrameNeeded());
  CHECK(stream.assembler.held() == 0);
}

TEST_CASE("a frame that is lost between two others breaks what follows") {
  Begun stream;
  stream.lose(2);
  stream.receive({inter, 6000, false});
  CHECK(stream.assembler.keyFrameNeeded());
  stream.receive({more, 6000, true});
  CHECK(stream.handedOn().empty());
}

TEST_CASE("a loss just before a key frame that is whole does not matter") {
  Begun stream;
  stream.lose(2);
  stream.receive({key, 6000, false});
  CHECK_FALSE(stream.assembler.keyFrameNeeded());
  stream.receive({more, 6000, true});
  CHECK(stream.handedOn() == Numbers{3, 4});
  CHECK(stream.statistics().freezes == 0);
}

TEST_CASE("a key frame that is not whole starts nothing") {
  Begun stream;
  stream.receive({key, 3000, false});
  stream.lose();
  stream.receive({more, 3000, true});
  stream.receive({inter, 6000, true});
  CHECK(stream.handedOn().empty());
  CHECK(stream.assembler.keyFrameNeeded());
}

TEST_CASE("where nothing is missing a forgotten marker does no harm") {
  Begun stream;
  stream.receive({inter, 3000, false});
  stream.receive({more, 3000, false});
  CHECK(stream.handedOn().empty());
  stream.receive({inter, 6000, false});
  CHECK(stream.handedOn() == Numbers{1, 2});
  stream.receive({inter, 9000, true});
  CHECK(stream.handedOn() == Numbers{3, 4});
}

TEST_CASE("padding belongs to no frame, but its numbers count") {
  Begun stream;
  stream.receive({inter, 3000, true});
  stream.receive({padding, 3000, false});
  stream.receive({padding, 4000, true});
  stream.receive({inter, 6000, false});
  stream.receive({padding, 6000, true});
  stream.receive({more, 6000, true});
  CHECK(stream.handedOn() == Numbers{1, 4, 6});
}

TEST_CASE("what is missing before padding is missing before what follows it") {
  Begun stream;
  stream.lose();
  stream.receive({padding, 3000, true});
  CHECK_FALSE(stream.assembler.keyFrameNeeded());
  stream.receive({padding, 3000, true});
  stream.receive({inter, 6000, true});
  CHECK(stream.handedOn().empty());
  CHECK(stream.assembler.keyFrameNeeded());
}

TEST_CASE("a packet that cannot be read breaks its frame") {
  const auto readable = GENERATE(0u, 1u);
  Begun stream;
  if (readable > 0) stream.receive({inter, 3000, false});
  stream.receive({hex("90 80"), 3000, true});
  CHECK(stream.assembler.keyFrameNeeded());
  stream.receive({inter, 6000, true});
  CHECK(stream.handedOn().empty());
  CHECK(stream.statistics().incomplete == 1);
}

TEST_CASE("a frame in which the sender goes wrong by itself is dropped") {
  Begun stream;
  stream.receive({more, 3000, true});  // does not begin
  CHECK(stream.handedOn().empty());
  CHECK(stream.assembler.keyFrameNeeded());
}

TEST_CASE("a restart begins anew and needs a key frame") {
  Begun stream;
  stream.receive({inter, 3000, false});
  stream.assembler.restarted();
  CHECK(stream.assembler.held() == 0);
  CHECK(stream.assembler.keyFrameNeeded());
  stream.receive({more, 3000, true});
  stream.receive({inter, 100, true});
  CHECK(stream.handedOn().empty());
  stream.receive({key, 200, true});
  CHECK(stream.handedOn() == Numbers{4});
}

TEST_CASE("a frame of absurdly many packets is dropped") {
  Begun stream;
  stream.receive({inter, 3000, false});
  for (unsigned i = 1; i < 4096; ++i) stream.receive({more, 3000, false});
  CHECK(stream.assembler.held() == 4096);
  stream.receive({more, 3000, false});
  CHECK(stream.assembler.held() == 0);
  stream.receive({more, 3000, true});
  CHECK(stream.handedOn().empty());
  CHECK(stream.assembler.keyFrameNeeded());
}

TEST_CASE("a frame of absurdly many bytes is dropped") {
  Begun stream;
  Payload large(60000, 0x55);
  large[0] = 0;
  stream.receive({inter, 3000, false});
  for (unsigned i = 0; i < (16u << 20) / 60000; ++i) stream.receive({large, 3000, false});
  CHECK(stream.assembler.held() == 280);
  stream.receive({large, 3000, false});
  CHECK(stream.assembler.held() == 0);
}

TEST_CASE("a picture is frozen from the last good frame to the next key frame") {
  Begun stream;
  stream.now += 100ms;
  stream.receive({inter, 3000, true});
  stream.now += 100ms;
  stream.lose();
  stream.receive({inter, 9000, true});
  CHECK(stream.statistics().frozen == 100ms);
  stream.now += 50ms;
  CHECK(stream.statistics().frozen == 150ms);
  stream.receive({key, 12000, true});
  CHECK(stream.statistics().frozen == 150ms);
  stream.now += 50ms;
  stream.receive({key, 15000, true});
  CHECK(stream.statistics().frozen == 150ms);
  stream.now += 50ms;
  stream.assembler.restarted();
  stream.now += 10ms;
  stream.receive({key, 12000, true});
  CHECK(stream.statistics().frozen == 210ms);
  CHECK(stream.statistics().freezes == 2);
}
