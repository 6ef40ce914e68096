#include "cosoup/rtc/rtx_packer.hpp"

#include "cosoup/rtc/rtp_header.hpp"
#include "support/catch.hpp"
#include "support/packet_bytes.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr std::uint32_t kSsrc = 0x01020304;
constexpr std::uint32_t kRtxSsrc = 0xa1b2c3d4;
constexpr std::uint8_t kRtxPayloadType = 97;

RtxPacker packer(std::uint16_t first = 500) { return RtxPacker(kRtxSsrc, kRtxPayloadType, first); }

/// With the sequence number 0x0a0b.
Bytes media(std::uint8_t first, std::uint8_t second, const std::vector<Bytes>& rest) {
  return joined({{first, second, 0x0a, 0x0b, 0, 0, 0x30, 0x39}, word(kSsrc), joined(rest)});
}

Bytes again(const Bytes& packet) { return packer().pack(packet); }

}  // namespace

TEST_CASE("an RTX packet is the other with the number in front of its payload") {
  const Bytes packet = media(0x80, 96, {{'a', 'b', 'c'}});
  CHECK(again(packet) == joined({{0x80, 97, 500 >> 8, 500 & 0xff, 0, 0, 0x30, 0x39},
                                 word(kRtxSsrc),
                                 {0x0a, 0x0b, 'a', 'b', 'c'}}));
}

TEST_CASE("an RTX packet keeps the marker, the sources and the header extensions of the other") {
  const Bytes extension = {0xbe, 0xde, 0, 1, 0x10, 'm', 0, 0};
  const Bytes packet = media(0x91, 0x80 | 96, {word(7), extension, {'a'}});
  const Bytes rtx = again(packet);
  CHECK(rtx[0] == 0x91);
  CHECK(rtx[1] == (0x80 | kRtxPayloadType));
  CHECK(Bytes(rtx.begin() + 12, rtx.end()) == joined({word(7), extension, {0x0a, 0x0b}, {'a'}}));
}

TEST_CASE("an RTX packet has no padding") {
  const Bytes rtx = again(media(0xa0, 96, {{'a', 0, 0, 3}}));
  REQUIRE(readRtpHeader(rtx));
  CHECK(rtx[0] == 0x80);
  CHECK(Bytes(rtx.begin() + 12, rtx.end()) == Bytes{0x0a, 0x0b, 'a'});
}

TEST_CASE("RTX packets are numbered by themselves, over the end of the numbers") {
  RtxPacker rtx = packer(65535);
  const Bytes packet = media(0x80, 96, {{'a'}});
  CHECK(readRtpHeader(rtx.pack(packet))->sequenceNumber == 65535);
  CHECK(readRtpHeader(rtx.pack(packet))->sequenceNumber == 0);
}

TEST_CASE("what is no whole packet is not packed, and takes no number") {
  RtxPacker rtx = packer();
  CHECK(rtx.pack({}).empty());
  CHECK(rtx.pack(Bytes(11, 0x80)).empty());
  CHECK(rtx.pack(media(0x90, 96, {{0xbe, 0xde, 0, 2, 0, 0, 0, 0}})).empty());
  CHECK(readRtpHeader(rtx.pack(media(0x80, 96, {})))->sequenceNumber == 500);
}

TEST_CASE("padding is a packet of the RTX stream with nothing in it") {
  RtxPacker rtx = packer();
  const Bytes extension = {0xbe, 0xde, 0, 1, 0x10, 'm', 0, 0};
  const Bytes packet = media(0x90, 0x80 | 96, {extension, {'a', 'b'}});
  const Bytes padding = rtx.pad(packet, 200);
  CHECK(padding.size() == 12 + extension.size() + 200);
  const auto header = readRtpHeader(padding);
  REQUIRE(header);
  CHECK(header->ssrc == kRtxSsrc);
  CHECK(header->payloadType == kRtxPayloadType);
  CHECK(header->sequenceNumber == 500);
  CHECK_FALSE(header->marker);
  CHECK(header->payloadSize == 0);
  CHECK(Bytes(padding.begin() + 12, padding.begin() + 20) == extension);
  CHECK(readRtpHeader(rtx.pack(packet))->sequenceNumber == 501);
}

TEST_CASE("padding is at least one byte, and no more than its last byte can tell") {
  RtxPacker rtx = packer();
  const Bytes packet = media(0x80, 96, {{'a'}});
  CHECK(rtx.pad(packet, 0).size() == 12 + 1);
  CHECK(rtx.pad(packet, 255).size() == 12 + 255);
  CHECK(rtx.pad(packet, 256).size() == 12 + 255);
  CHECK(rtx.pad({}, 100).empty());
  CHECK(readRtpHeader(rtx.pack(packet))->sequenceNumber == 503);
}
