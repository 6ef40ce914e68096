// Which frames of VP8 and VP9 go on after a loss: picture ids, temporal and spatial layers.
#include "support/catch.hpp"
#include "unit/rtc/frames/payloads.hpp"
#include "unit/rtc/frames/received_stream.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

using Numbers = std::vector<unsigned>;

/// VP8 frames of one packet each.
class Vp8Stream : public ReceivedStream {
 public:
  explicit Vp8Stream(std::uint8_t bits = 15, unsigned firstTl0 = 255)
      : ReceivedStream(VideoCodec::vp8), bits_(bits), tl0_(firstTl0) {
    send({.isKey = true, .layer = 0});
    REQUIRE(handedOn() == Numbers{0});
  }
  /// The next frame of a layer.
  void base() { send({.layer = 0}); }
  void upper(unsigned layer, bool isSync = false) { send({.layer = layer, .isSync = isSync}); }
  void plain(bool isUnneeded = false) { send({.isUnneeded = isUnneeded}); }
  void loseBase(unsigned frames = 1) {
    tl0_ += frames;
    loseUpper(frames);
  }
  void loseUpper(unsigned frames = 1) {
    id_ += frames;
    lose(frames);
  }
  /// A frame of two packets, of which one is lost.
  void cut(unsigned layer, bool isUnneeded = false) {
    Vp8Packet packet = next({.isUnneeded = isUnneeded, .layer = layer});
    receive({packet.payload(), timestamp_, false});
    lose();
  }

 private:
  Vp8Packet next(Vp8Packet packet) {
    timestamp_ += 3000;
    ++id_;
    if (packet.layer) tl0_ += *packet.layer == 0 ? 1 : 0;
    const unsigned mask = (1u << bits_) - 1;
    packet.id = PictureId{static_cast<std::uint16_t>(id_ & mask), bits_};
    if (packet.layer) packet.tl0 = tl0_ & 0xff;
    return packet;
  }
  void send(const Vp8Packet& packet) {
    const Payload payload = next(packet).payload();
    receive({payload, timestamp_, true});
  }

  std::uint8_t bits_;
  unsigned id_ = 0x7fff;
  unsigned tl0_;
  std::uint32_t timestamp_ = 0;
};

/// VP9 pictures of several spatial layers, each of one packet.
class Vp9Layers : public ReceivedStream {
 public:
  Vp9Layers() : ReceivedStream(VideoCodec::vp9) {}

  void layer(unsigned spatial, bool needsLower, bool isKey, bool isLast) {
    const Vp9Packet packet{.isKey = isKey && spatial == 0,
                           .id = PictureId{id_},
                           .tl0 = id_,
                           .spatial = spatial,
                           .needsLower = needsLower};
    receive({packet.payload(), id_ * 3000u, isLast});
    if (isLast) ++id_;
  }

 private:
  std::uint16_t id_ = 0;
};

}  // namespace

TEST_CASE("picture ids tell that what was lost was padding") {
  for (const std::uint8_t bits : {std::uint8_t{7}, std::uint8_t{15}}) {
    Vp8Stream stream(bits);
    stream.plain();
    stream.lose(3);
    stream.plain();
    CHECK(stream.handedOn() == Numbers{1, 5});
    stream.loseUpper();
    stream.plain();
    CHECK(stream.handedOn().empty());
    CHECK(stream.assembler.keyFrameNeeded());
  }
}

TEST_CASE("picture ids that may have wrapped tell nothing") {
  Vp8Stream stream(7);
  stream.lose(126);
  stream.plain();
  CHECK(stream.handedOn() == Numbers{127});
  stream.lose(127);
  stream.plain();
  CHECK(stream.handedOn().empty());
}

TEST_CASE("picture ids of other lengths are not compared") {
  ReceivedStream stream(VideoCodec::vp8);
  stream.receive({Vp8Packet{.isKey = true, .id = PictureId{5, 7}}.payload(), 0, true});
  stream.lose();
  stream.receive({Vp8Packet{.id = PictureId{6, 15}}.payload(), 3000, true});
  CHECK(stream.handedOn() == Numbers{0});
  CHECK(stream.assembler.keyFrameNeeded());
}

TEST_CASE("a VP8 frame that nobody needs may be incomplete") {
  Vp8Stream stream;
  stream.cut(0, true);
  stream.base();
  CHECK(stream.handedOn() == Numbers{3});
  CHECK(stream.statistics().freezes == 0);
  CHECK(stream.statistics().incomplete == 1);
  // It had a number in its layer all the same.
  stream.cut(0, true);
  stream.loseUpper();
  stream.base();
  CHECK(stream.handedOn() == Numbers{7});
}

TEST_CASE("base frames go on after a loss in the layers above") {
  Vp8Stream stream;
  stream.upper(1);
  stream.base();
  stream.loseUpper();
  stream.base();
  stream.upper(1);  // may need the one that was lost
  stream.base();
  CHECK(stream.handedOn() == Numbers{1, 2, 4, 6});
  CHECK_FALSE(stream.assembler.keyFrameNeeded());
  stream.upper(1, true);
  stream.upper(1);
  CHECK(stream.handedOn() == Numbers{7, 8});
  CHECK(stream.statistics().freezes == 0);
  CHECK(stream.statistics().undecodable == 1);
}

TEST_CASE("the loss of a base frame freezes, whatever comes next") {
  const unsigned layer = GENERATE(0u, 1u);
  Vp8Stream stream;
  stream.base();
  stream.loseBase();
  stream.upper(layer, true);
  CHECK(stream.handedOn() == Numbers{1});
  CHECK(stream.assembler.keyFrameNeeded());
}

TEST_CASE("so many lost packets that the base layer's number may have gone around freeze") {
  Vp8Stream stream;
  stream.loseUpper(254);
  stream.base();
  CHECK(stream.handedOn() == Numbers{255});
  stream.loseUpper(100);
  stream.upper(1);
  CHECK_FALSE(stream.assembler.keyFrameNeeded());
  stream.loseUpper(155);
  stream.base();
  CHECK(stream.assembler.keyFrameNeeded());
  CHECK(stream.handedOn().empty());
}

TEST_CASE("an incomplete frame breaks its own temporal layer and those above") {
  Vp8Stream stream;
  stream.cut(2);
  stream.upper(1);
  stream.upper(2);
  CHECK(stream.handedOn() == Numbers{3});
  stream.upper(2, true);
  stream.upper(2);
  CHECK(stream.handedOn() == Numbers{5, 6});
  stream.cut(1);
  stream.upper(2);
  stream.upper(1, true);
  stream.upper(2);
  stream.upper(1);
  stream.base();
  CHECK(stream.handedOn() == Numbers{10, 12, 13});
  stream.cut(0);
  stream.base();
  CHECK(stream.handedOn().empty());
  CHECK(stream.assembler.keyFrameNeeded());
}

TEST_CASE("a frame that needs a broken layer breaks its own") {
  Vp8Stream stream;
  stream.cut(1);
  stream.upper(2, true);
  stream.upper(2);  // may need the broken layer 1
  stream.upper(1, true);
  stream.upper(2);  // needs the one before
  CHECK(stream.handedOn() == Numbers{3, 5});
}

TEST_CASE("without picture ids the base layer's number tells enough") {
  ReceivedStream stream(VideoCodec::vp8);
  const auto frame = [&](unsigned tl0, unsigned layer, bool isKey) {
    const Vp8Packet packet{.isKey = isKey, .tl0 = tl0, .layer = layer};
    stream.receive({packet.payload(), stream.next() * 3000, true});
  };
  frame(7, 0, true);
  frame(7, 1, false);
  stream.lose();
  frame(8, 0, false);
  stream.lose();
  frame(8, 1, false);
  CHECK(stream.handedOn() == Numbers{0, 1, 3});
  stream.lose();
  frame(10, 0, false);
  CHECK(stream.handedOn().empty());
}

TEST_CASE("at a VP9 switching up point the layers above go on") {
  ReceivedStream stream(VideoCodec::vp9);
  unsigned tl0 = 0;
  const auto frame = [&](unsigned layer, bool isSwitch, bool isKey = false) {
    if (layer == 0) ++tl0;
    const Vp9Packet packet{.isKey = isKey, .tl0 = tl0, .layer = layer, .isSwitchingUp = isSwitch};
    stream.receive({packet.payload(), stream.next() * 3000, true});
  };
  frame(0, false, true);
  stream.lose();
  frame(0, false);
  frame(1, true);  // itself not decodable
  frame(2, false);
  CHECK(stream.handedOn() == Numbers{0, 2});
  frame(0, true);
  frame(1, false);
  frame(2, false);
  CHECK(stream.handedOn() == Numbers{5, 6, 7});
}

TEST_CASE("after a loss a VP9 picture begins with the spatial layer with which it always does") {
  Vp9Layers stream;
  stream.layer(0, false, true, false);
  stream.layer(1, true, true, true);
  CHECK(stream.handedOn() == Numbers{0, 1});
  SECTION("k-SVC: only the one that is shown") {
    stream.layer(1, false, false, true);
    stream.lose();  // padding
    stream.layer(1, false, false, true);
    CHECK(stream.handedOn() == Numbers{2, 4});
  }
  SECTION("SVC: the lowest") {
    stream.layer(0, false, false, false);
    stream.layer(1, true, false, true);
    stream.lose();
    stream.layer(1, false, false, true);
    CHECK(stream.handedOn() == Numbers{2, 3});
    CHECK(stream.assembler.keyFrameNeeded());
  }
  SECTION("one that needs the lower one") {
    stream.layer(1, false, false, true);
    stream.lose();
    stream.layer(1, true, false, true);
    CHECK(stream.handedOn() == Numbers{2});
  }
  SECTION("upper layers that the server does not forward any more are not missed") {
    stream.layer(0, false, false, true);
    stream.layer(0, false, false, true);
    CHECK(stream.handedOn() == Numbers{2, 3});
  }
}

TEST_CASE("a VP9 picture in flexible mode goes on when all it refers to has been handed on") {
  ReceivedStream stream(VideoCodec::vp9);
  unsigned id = 125;
  const auto frame = [&](Payload differences, unsigned layer = 0, bool isKey = false) {
    const Vp9Packet packet{.isKey = isKey,
                           .id = PictureId{static_cast<std::uint16_t>(id++ & 0x7f), 7},
                           .differences = std::move(differences),
                           .layer = layer};
    stream.receive({packet.payload(), stream.next() * 3000, true});
  };
  frame({}, 0, true);  // number 0
  frame({1});
  stream.lose();
  ++id;
  frame({2});
  frame({2, 1}, 1);  // one of them is lost
  frame({2, 4});
  CHECK(stream.handedOn() == Numbers{0, 1, 3, 5});
  CHECK_FALSE(stream.assembler.keyFrameNeeded());
  frame({2});  // what was dropped
  CHECK(stream.handedOn().empty());
  CHECK(stream.assembler.keyFrameNeeded());
}

TEST_CASE("references do not reach pictures with ids of another length") {
  ReceivedStream stream(VideoCodec::vp9);
  const Vp9Packet key{.isKey = true, .id = PictureId{5, 7}, .differences = Payload{}};
  const Vp9Packet inter{.id = PictureId{6, 15}, .differences = Payload{1}};
  stream.receive({key.payload(), 0, true});
  stream.receive({inter.payload(), 3000, true});
  CHECK(stream.handedOn() == Numbers{0});
}

TEST_CASE("references that may mean an older picture of the same short id do not count") {
  ReceivedStream stream(VideoCodec::vp9);
  const auto frame = [&](unsigned id, Payload differences) {
    const Vp9Packet packet{.isKey = differences.empty(),
                           .id = PictureId{static_cast<std::uint16_t>(id), 7},
                           .differences = differences};
    stream.receive({packet.payload(), stream.next() * 3000, true});
  };
  frame(0, {});
  stream.lose(126);
  frame(127, {127});
  CHECK(stream.handedOn() == Numbers{0, 127});
  stream.lose(127);
  frame(0, {1});
  CHECK(stream.handedOn().empty());
  CHECK(stream.assembler.keyFrameNeeded());
}
