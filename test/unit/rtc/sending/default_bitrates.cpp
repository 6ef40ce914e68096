#include "cosoup/rtc/sending/default_bitrates.hpp"

#include "cosoup/rtc/sending/wire_overhead.hpp"
#include "support/catch.hpp"

using namespace cosoup;

TEST_CASE("the bitrates of a picture go by its size") {
  struct Row {
    unsigned width;
    unsigned height;
    BitrateLimits limits;
  };
  for (const Row& row :
       {Row{320, 180, {30'000, 150'000, 200'000}}, Row{640, 360, {150'000, 500'000, 700'000}},
        Row{360, 640, {150'000, 500'000, 700'000}}, Row{960, 540, {350'000, 1'200'000, 1'200'000}},
        Row{1280, 720, {600'000, 2'500'000, 2'500'000}},
        Row{1920, 1080, {800'000, 4'000'000, 5'000'000}},
        Row{3840, 2160, {800'000, 4'000'000, 5'000'000}},
        Row{640, 480, {203'333, 686'666, 833'333}}, Row{160, 90, {30'000, 37'500, 50'000}},
        Row{0, 0, {30'000, 30'000, 30'000}}}) {
    INFO(row.width << 'x' << row.height);
    CHECK(defaultBitrates(row.width, row.height) == row.limits);
  }
}

TEST_CASE("a larger picture never has less") {
  BitrateLimits before;
  for (unsigned width = 16; width <= 2560; width += 16) {
    const BitrateLimits limits = defaultBitrates(width, width * 9 / 16);
    CHECK(limits.least >= before.least);
    CHECK(limits.wanted >= before.wanted);
    CHECK(limits.most >= before.most);
    CHECK(limits.least <= limits.wanted);
    CHECK(limits.wanted <= limits.most);
    before = limits;
  }
}

TEST_CASE("what an app says of the bitrates rules, the most above all") {
  struct Row {
    BitrateLimits given;
    BitrateLimits complete;
  };
  for (const Row& row :
       {Row{{}, {150'000, 500'000, 700'000}}, Row{{0, 0, 300'000}, {150'000, 300'000, 300'000}},
        Row{{0, 0, 100'000}, {100'000, 100'000, 100'000}},
        Row{{0, 0, 900'000}, {150'000, 500'000, 900'000}},
        Row{{800'000, 0, 0}, {800'000, 800'000, 800'000}},
        Row{{0, 900'000, 0}, {150'000, 900'000, 900'000}},
        Row{{400'000, 300'000, 600'000}, {400'000, 400'000, 600'000}}}) {
    CHECK(completeBitrates(row.given, 640, 360) == row.complete);
  }
}

TEST_CASE("the headers of every packet are counted") {
  CHECK(overheadBytes({.extensions = 0}) == 50);
  CHECK(overheadBytes({.ip = IpVersion::v6, .extensions = 0}) == 70);
  CHECK(overheadBytes({.extensions = 16, .relay = 4}) == 70);
  CHECK(wireBitrate(MediaKind::audio, 48'000, 50, 50) == 68'000);
  CHECK(wireBitrate(MediaKind::video, 0, 30, 50) == 12'000);
  // A hundred full packets a second, and one for each of 30 frames.
  CHECK(wireBitrate(MediaKind::video, 8 * payloadBytes * 100, 30, 50) ==
        Approx(8 * (100 * (payloadBytes + 50) + 30 * 50)));
}

TEST_CASE("from the wire to the media is the way back") {
  for (const MediaKind kind : {MediaKind::audio, MediaKind::video}) {
    for (const double media : {0.0, 30'000.0, 2'500'000.0}) {
      const double wire = wireBitrate(kind, media, 25, 66);
      CHECK(mediaBitrate(kind, wire, 25, 66) == Approx(media).margin(1e-6));
    }
    CHECK(mediaBitrate(kind, 100, 25, 66) == 0);
  }
}
