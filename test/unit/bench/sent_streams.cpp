#include "bench/sent_streams.hpp"

#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <stdexcept>

#include "cosoup/rtc/big_endian.hpp"
#include "cosoup/rtc/rtp_header.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::bench;
using namespace std::chrono_literals;

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr LoopedMedia::Format kVp8{101, 90000, 3000, true};
constexpr LoopedMedia::Format kOpus{100, 48000, 960, false};

/// With a picture id of 15 bit, 0, behind which stands `content`.
Payload vp8(std::uint8_t content, bool endsFrame) {
  return {{0x90, 0x80, 0x80, 0x00, content}, endsFrame};
}

/// A frame of three packets, and one of a single packet.
std::shared_ptr<const LoopedMedia> twoFrames() {
  std::vector<Payload> payloads{vp8(1, false), vp8(2, false), vp8(3, true), vp8(4, true)};
  return std::make_shared<LoopedMedia>(kVp8, std::move(payloads));
}

std::shared_ptr<const LoopedMedia> twoSamples() {
  return std::make_shared<LoopedMedia>(kOpus, std::vector<Payload>{{{7}, true}, {{8, 9}, true}});
}

struct Written {
  Bytes bytes;
  RtpHeader header;
};

Written writeNext(SentStream& stream) {
  Bytes bytes(1500);
  bytes.resize(stream.write(bytes));
  const auto header = readRtpHeader(bytes);
  REQUIRE(header);
  return {bytes, *header};
}

}  // namespace

TEST_CASE("a stream counts on where its medium begins anew") {
  SentStream stream(twoFrames(), 77, 0s);
  std::optional<RtpHeader> last;
  for (int packet = 0; packet < 12; ++packet) {
    const RtpHeader header = writeNext(stream).header;
    CHECK(header.ssrc == 77);
    CHECK(header.payloadType == 101);
    const int frame = packet / 4 * 2 + (packet % 4 == 3 ? 1 : 0);
    CHECK(header.timestamp == 3000u * static_cast<unsigned>(frame));
    if (last) CHECK(header.sequenceNumber == last->sequenceNumber + 1);
    last = header;
  }
}

TEST_CASE("sequence numbers begin anew after 65535") {
  SentStream stream(twoSamples(), 77, 0s);
  std::uint16_t last = writeNext(stream).header.sequenceNumber;
  bool hasWrapped = false;
  for (int packet = 0; packet < 70000; ++packet) {
    const std::uint16_t number = writeNext(stream).header.sequenceNumber;
    REQUIRE(number == static_cast<std::uint16_t>(last + 1));
    hasWrapped = hasWrapped || number < last;
    last = number;
  }
  CHECK(hasWrapped);
}

TEST_CASE("the last packet of a picture has the marker, a sample of sound has none") {
  SentStream video(twoFrames(), 1, 0s);
  for (const bool expected : {false, false, true, true, false}) {
    CHECK(writeNext(video).header.marker == expected);
  }
  SentStream audio(twoSamples(), 2, 0s);
  CHECK_FALSE(writeNext(audio).header.marker);
}

TEST_CASE("the payloads are sent as they are, but for the picture id") {
  SentStream video(twoFrames(), 1, 0s);
  const std::array<std::uint8_t, 6> pictureIds{0, 0, 0, 1, 2, 2};
  const std::array<std::uint8_t, 6> contents{1, 2, 3, 4, 1, 2};
  for (std::size_t packet = 0; packet < 6; ++packet) {
    const Written written = writeNext(video);
    const auto payload = written.header.payload(written.bytes);
    CHECK(Bytes(payload.begin(), payload.end()) ==
          Bytes{0x90, 0x80, 0x80, pictureIds[packet], contents[packet]});
  }
  SentStream audio(twoSamples(), 2, 0s);
  writeNext(audio);
  const Written second = writeNext(audio);
  const auto payload = second.header.payload(second.bytes);
  CHECK(Bytes(payload.begin(), payload.end()) == Bytes{8, 9});
}

TEST_CASE("a picture id of 15 bit begins anew after 32767") {
  auto single = std::make_shared<LoopedMedia>(kVp8, std::vector<Payload>{vp8(1, true)});
  SentStream stream(std::move(single), 1, 0s);
  for (int frame = 0; frame < 0x8000; ++frame) writeNext(stream);
  CHECK(bigEndian16(writeNext(stream).bytes, kRtpHeaderSize + 2) == 0x8000);
}

TEST_CASE("a VP8 payload without a picture id stays as it is") {
  const Bytes bytes{0x10, 0x80, 0x80, 0x00, 1};
  auto single = std::make_shared<LoopedMedia>(kVp8, std::vector<Payload>{{bytes, true}});
  SentStream stream(std::move(single), 1, 0s);
  writeNext(stream);
  const Written second = writeNext(stream);
  CHECK(Bytes(second.bytes.begin() + kRtpHeaderSize, second.bytes.end()) == bytes);
}

TEST_CASE("a picture's packets are spread evenly over its time") {
  const Nanoseconds begin = 5ms;
  SentStream stream(twoFrames(), 1, begin);
  const Nanoseconds frame = 33'333'333ns;
  for (const Nanoseconds due : {begin, begin + frame / 3, begin + 2 * frame / 3, begin + frame,
                                begin + 66'666'666ns, begin + 66'666'666ns + frame / 3}) {
    CHECK(std::abs((stream.due() - due).count()) <= 1);
    writeNext(stream);
  }
}

TEST_CASE("hours later packets are still due by the medium's clock") {
  SentStream stream(twoSamples(), 1, 0s);
  for (int packet = 0; packet < 50 * 3600 * 2; ++packet) writeNext(stream);
  CHECK(stream.due() == 2h);
}

TEST_CASE("a packet for which there is no room is not written, and comes next") {
  SentStream stream(twoSamples(), 1, 0s);
  Bytes little(kRtpHeaderSize);
  CHECK(stream.write(little) == 0);
  CHECK(writeNext(stream).header.timestamp == 0);
}

TEST_CASE("a medium of no whole frames is refused") {
  CHECK_THROWS_AS(LoopedMedia(kVp8, {}), std::invalid_argument);
  CHECK_THROWS_AS(LoopedMedia(kVp8, {vp8(1, true), vp8(2, false)}), std::invalid_argument);
}

TEST_CASE("a stream reports once a second what it has sent") {
  SentStream stream(twoSamples(), 0x0a0b0c0d, 500ms);
  CHECK_FALSE(stream.wantsReport(499ms));
  CHECK(stream.wantsReport(500ms));
  for (int packet = 0; packet < 3; ++packet) writeNext(stream);
  std::array<std::uint8_t, kSenderReportSize> report;
  stream.writeReport(report, 1750ms, 0x1122334455667788);
  CHECK(report[0] == 0x80);
  CHECK(report[1] == 200);
  CHECK(bigEndian16(report, 2) == 6);
  CHECK(bigEndian32(report, 4) == 0x0a0b0c0d);
  CHECK(bigEndian32(report, 8) == 0x11223344);
  CHECK(bigEndian32(report, 12) == 0x55667788);
  CHECK(bigEndian32(report, 16) == 60000);  // 1250 ms
  CHECK(bigEndian32(report, 20) == 3);
  CHECK(bigEndian32(report, 24) == 1 + 2 + 1);
  CHECK_FALSE(stream.wantsReport(1751ms));
  CHECK(stream.wantsReport(2750ms));
}

TEST_CASE("reports stay a second apart") {
  SentStream stream(twoSamples(), 1, 0s);
  std::array<std::uint8_t, kSenderReportSize> report;
  int reports = 0;
  for (Nanoseconds now = 0s; now < 10s; now += 20ms) {
    if (!stream.wantsReport(now)) continue;
    stream.writeReport(report, now, 0);
    ++reports;
  }
  CHECK(reports == 10);
}

TEST_CASE("packets are sent in the order in which they are due, and none before") {
  std::vector<SentStream> streams;
  streams.emplace_back(twoFrames(), 1, 0s);
  streams.emplace_back(twoSamples(), 2, 7ms);
  streams.emplace_back(twoFrames(), 3, 19ms);
  PacketSchedule schedule(std::move(streams));
  std::array<int, 3> counts{};
  Nanoseconds last = 0s;
  Bytes out(1500);
  for (Nanoseconds now = 0s; now < 1s; now += 1ms) {
    schedule.takeDue(now, [&](std::size_t index, SentStream& stream) {
      CHECK(stream.due() <= now);
      CHECK(stream.due() > now - 1ms);
      CHECK(stream.due() >= last);
      last = stream.due();
      ++counts[index];
      stream.write(out);
    });
    CHECK(schedule.due() > now);
  }
  CHECK(counts[0] == 60);
  CHECK(counts[1] == 50);
  CHECK(counts[2] >= 58);
}

TEST_CASE("however many pairs there are, their frames do not come together") {
  for (const std::size_t pairs : {10u, 50u, 60u, 100u, 200u}) {
    // Not two in the same tenth of a pair's share of the key frames' period.
    std::set<std::int64_t> starts;
    std::array<std::size_t, 10> inFrame{};
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      const Nanoseconds phase = phaseOf(pair, 2s);
      CHECK(phase >= 0s);
      CHECK(phase < 2s);
      starts.insert(phase.count() * static_cast<std::int64_t>(pairs) * 10 / 2'000'000'000);
      ++inFrame[static_cast<std::size_t>(phase.count() % 33'333'333 / 3'333'334)];
    }
    CHECK(starts.size() == pairs);
    for (const std::size_t count : inFrame) CHECK(count <= pairs / 10 * 2 + 2);
  }
}

TEST_CASE("the time of day is told as RTCP has it") {
  const std::chrono::system_clock::time_point time(1s + 500ms);
  CHECK(ntpTime(time) == (2'208'988'801ull << 32) + 0x80000000ull);
}
