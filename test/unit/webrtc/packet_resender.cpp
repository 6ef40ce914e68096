#include "cosoup/webrtc/packet_resender.hpp"

#include "support/catch.hpp"
#include "unit/webrtc/rtp_packets.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

struct Sent {
  explicit Sent(SentSection sent) : section(std::move(sent)) { resender.add(section); }

  void put(const RtpPacket& packet) {
    RtpHeader header;
    header.ssrc = packet.ssrc;
    header.sequenceNumber = packet.sequenceNumber;
    header.timestamp = packet.timestamp;
    resender.put(section, header, write(packet), now);
  }
  std::vector<RequestedPacket> find(std::uint32_t ssrc, std::vector<std::uint16_t> numbers) {
    std::vector<RequestedPacket> found;
    resender.find({ssrc, std::move(numbers)}, now, found);
    return found;
  }
  PacketResender::Again again(std::uint32_t ssrc, std::uint16_t number) {
    const auto found = find(ssrc, {number});
    REQUIRE(found.size() == 1);
    return resender.again(found.front(), now);
  }

  SentSection section;
  PacketResender resender;
  PacketResender::Time now{1h};
};

}  // namespace

TEST_CASE("a packet is sent again as it was where there is no RTX") {
  Sent sent(audioSection());
  sent.put(audioPacket(65535));
  sent.put(audioPacket(0));
  const auto again = sent.again(kAudioSsrc, 65535);
  CHECK(again.ssrc == kAudioSsrc);
  const RtpPacket packet = read(again.packet.get());
  CHECK(packet.ssrc == kAudioSsrc);
  CHECK(packet.sequenceNumber == 65535);
  CHECK(packet.payload == "sound");
  CHECK(gst_buffer_is_writable(again.packet.get()));
}

TEST_CASE("a packet is sent again as RTX where there is") {
  Sent sent(videoSection());
  const RtpPacket first = videoPacket(7, 1, true);
  sent.put(first);
  sent.put(videoPacket(8, 1));
  const auto again = sent.again(kVideoSsrc, 7);
  CHECK(again.ssrc == kRtxSsrc);
  const RtpPacket packet = read(again.packet.get());
  CHECK(packet.ssrc == kRtxSsrc);
  CHECK(packet.payloadType == kRtxPayloadType);
  CHECK(packet.payload == std::string("\0\7", 2) + first.payload);
  CHECK(packet.hasExtensions);
  const RtpPacket next = read(sent.again(kVideoSsrc, 8).packet.get());
  CHECK(next.sequenceNumber == static_cast<std::uint16_t>(packet.sequenceNumber + 1));
}

TEST_CASE(
    "of the packets that are asked for the known ones are found, with what is known of them") {
  Sent sent(videoSection());
  sent.put(videoPacket(7, 1));
  sent.now += 5ms;
  sent.put(videoPacket(8, 1));
  const auto found = sent.find(kVideoSsrc, {6, 8, 9});
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == MediaKind::video);
  CHECK(found[0].ssrc == kVideoSsrc);
  CHECK(found[0].number == 8);
  CHECK(found[0].size == 12 + 4 + 8 + 1000 + 38);
  CHECK(found[0].sent == sent.now);
  CHECK(found[0].picture == sent.now - 5ms);
  CHECK(sent.find(kVideoSsrc + 1, {7}).empty());
  CHECK(sent.find(kRtxSsrc, {7}).empty());
}

TEST_CASE("what is forgotten by the time it is to be sent is not") {
  Sent sent(videoSection());
  sent.put(videoPacket(7, 1));
  const auto found = sent.find(kVideoSsrc, {7});
  sent.now += 1min;
  CHECK_FALSE(sent.resender.again(found.at(0), sent.now).packet);
}

TEST_CASE("of a section without retransmission nothing is kept") {
  Sent sent(audioSection(Retransmission::Form::none));
  sent.put(audioPacket(1));
  CHECK(sent.find(kAudioSsrc, {1}).empty());
}

TEST_CASE("padding goes where RTX goes, and is none where there is no RTX") {
  Sent sound(audioSection());
  sound.put(audioPacket(1));
  CHECK_FALSE(sound.resender.padding(100).packet);
  Sent video(videoSection());
  CHECK_FALSE(video.resender.padding(100).packet);
  video.put(videoPacket(7, 1));
  const auto padding = video.resender.padding(100 + 12 + 12 + 38);
  CHECK(padding.ssrc == kRtxSsrc);
  const RtpPacket packet = read(padding.packet.get());
  CHECK(packet.ssrc == kRtxSsrc);
  CHECK(packet.payload.empty());
  CHECK(packet.padding == 100);
  CHECK(packet.number);
}
