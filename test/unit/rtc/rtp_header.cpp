#include "cosoup/rtc/rtp_header.hpp"

#include "support/catch.hpp"
#include "support/packet_bytes.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// Number 0x1234, time stamp 0x01020304, SSRC 0x0a0b0c0d, of payload type 96 with the marker.
Bytes packet(std::uint8_t first, const Bytes& rest) {
  const Bytes bytes{first, 0xe0, 0x12, 0x34, 1, 2, 3, 4, 0x0a, 0x0b, 0x0c, 0x0d};
  return joined({bytes, rest});
}

Bytes payloadOf(const Bytes& bytes) {
  const auto header = readRtpHeader(bytes);
  REQUIRE(header);
  const auto payload = header->payload(bytes);
  return Bytes(payload.begin(), payload.end());
}

}  // namespace

TEST_CASE("the header of an RTP packet is read") {
  const auto header = readRtpHeader(packet(0x80, {7, 8, 9}));
  REQUIRE(header);
  CHECK(header->sequenceNumber == 0x1234);
  CHECK(header->timestamp == 0x01020304);
  CHECK(header->ssrc == 0x0a0b0c0d);
  CHECK(header->payloadType == 96);
  CHECK(header->marker);
  CHECK(header->payloadOffset == 12);
  CHECK(header->payloadSize == 3);
}

TEST_CASE("the payload is what lies between contributing sources, extensions and padding") {
  CHECK(payloadOf(packet(0x82, {0, 0, 0, 1, 0, 0, 0, 2, 7, 8})) == Bytes{7, 8});
  CHECK(payloadOf(packet(0x90, {0xbe, 0xde, 0, 1, 0x10, 5, 0, 0, 7, 8})) == Bytes{7, 8});
  CHECK(payloadOf(packet(0xa0, {7, 8, 0, 0, 3})) == Bytes{7, 8});
  CHECK(payloadOf(packet(0xb1, {0, 0, 0, 1, 0xbe, 0xde, 0, 0, 7, 1})) == Bytes{7});
}

TEST_CASE("a packet of padding alone has no payload") {
  CHECK(payloadOf(packet(0xa0, {0, 0, 0, 4})).empty());
  CHECK(payloadOf(packet(0x80, {})).empty());
}

TEST_CASE("what is no whole RTP packet has no header") {
  const Bytes whole = packet(0xb1, {0, 0, 0, 1, 0xbe, 0xde, 0, 1, 0x10, 5, 0, 0, 0, 2});
  CHECK(readRtpHeader(whole));
  for (std::size_t size = 0; size < 24; ++size) {
    CHECK_FALSE(readRtpHeader(std::span(whole).first(size)));
  }
  CHECK_FALSE(readRtpHeader(packet(0x40, {7})));
  CHECK_FALSE(readRtpHeader(packet(0xa0, {7, 0})));
  CHECK_FALSE(readRtpHeader(packet(0xa0, {7, 3})));
  CHECK_FALSE(readRtpHeader(packet(0xa0, {})));
}
