#include "cosoup/rtc/reception_report.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t kAudio = 3001;
constexpr std::uint32_t kVideo = 3002;
constexpr std::uint32_t kRtx = 3003;

InboundRtpStats stream(std::uint32_t ssrc, std::uint64_t packets) {
  InboundRtpStats stats;
  stats.ssrc = ssrc;
  stats.packetsReceived = packets;
  stats.bytesReceived = packets * 100;
  stats.packetsLost = 4;
  stats.jitter = 0.5;
  stats.nackCount = 77;
  return stats;
}

RtcStatsReport received() {
  RtcStatsReport report;
  report.inbound = {stream(kRtx, 5), stream(kAudio, 500), stream(kVideo, 300)};
  return report;
}

ReceptionReport video() {
  ReceptionReport reception;
  reception.rtxSsrc = kRtx;
  reception.isVideo = true;
  reception.nackCount = 6;
  ReceptionCounters counters;
  counters.late = 2;
  counters.jitter = 1500us;
  counters.frames = 90;
  counters.droppedFrames = 10;
  counters.incompleteFrames = 3;
  counters.freezes = 1;
  counters.frozen = 250ms;
  reception.counters = counters;
  return reception;
}

RtcStatsReport completed(std::uint32_t about, const ReceptionReport& reception) {
  RtcStatsReport report = received();
  addReceptions(report, [&](std::uint32_t ssrc) {
    return ssrc == about ? std::optional(reception) : std::nullopt;
  });
  return report;
}

}  // namespace

TEST_CASE("RTX is no stream of its own: it counts as received, and what was lost stays lost") {
  const RtcStatsReport report = completed(kVideo, video());
  CHECK(report.inbound.size() == 2);
  CHECK_FALSE(report.inboundOf(kRtx));
  const InboundRtpStats* stats = report.inboundOf(kVideo);
  REQUIRE(stats);
  CHECK(stats->rtxSsrc == kRtx);
  CHECK(stats->packetsReceived == 305);
  CHECK(stats->bytesReceived == 30500);
  CHECK(stats->retransmittedPacketsReceived == 5);
  CHECK(stats->retransmittedBytesReceived == 500);
  CHECK(stats->packetsLost == 4);
}

TEST_CASE("before the first retransmission there are none, and without RTX they are not known") {
  ReceptionReport reception = video();
  reception.rtxSsrc = 4000;
  const RtcStatsReport early = completed(kVideo, reception);
  CHECK(early.inbound.size() == 3);
  CHECK(early.inboundOf(kVideo)->packetsReceived == 300);
  CHECK(early.inboundOf(kVideo)->retransmittedPacketsReceived == 0);
  reception.rtxSsrc.reset();
  const RtcStatsReport without = completed(kVideo, reception);
  CHECK_FALSE(without.inboundOf(kVideo)->rtxSsrc);
  CHECK_FALSE(without.inboundOf(kVideo)->retransmittedPacketsReceived);
}

TEST_CASE("what is told of a stream takes the place of what the session knows") {
  const RtcStatsReport report = completed(kVideo, video());
  const InboundRtpStats* stats = report.inboundOf(kVideo);
  CHECK(stats->jitter == 0.0015);
  CHECK(stats->packetsDiscarded == 2);
  CHECK(stats->nackCount == 6);
  // Whole frames, of which some lacked others.
  CHECK(stats->framesReceived == 97u);
  CHECK(stats->framesDropped == 7u);
  CHECK(stats->freezeCount == 1u);
  CHECK(stats->totalFreezesDuration == 0.25);
  // Nothing is told of this one.
  CHECK(report.inboundOf(kAudio)->nackCount == 77);
  CHECK(report.inboundOf(kAudio)->jitter == 0.5);
}

TEST_CASE("sound has no frames and no freezes") {
  ReceptionReport reception = video();
  reception.isVideo = false;
  const RtcStatsReport report = completed(kAudio, reception);
  CHECK_FALSE(report.inboundOf(kAudio)->framesReceived);
  CHECK_FALSE(report.inboundOf(kAudio)->freezeCount);
  CHECK(report.inboundOf(kAudio)->packetsDiscarded == 2);
}

TEST_CASE("of a stream on webrtcbin's own way the session knows the rest") {
  ReceptionReport reception = video();
  reception.counters.reset();
  const InboundRtpStats stats = *completed(kVideo, reception).inboundOf(kVideo);
  CHECK(stats.jitter == 0.5);
  CHECK(stats.nackCount == 6);
  CHECK(stats.retransmittedPacketsReceived == 5);
  CHECK_FALSE(stats.framesReceived);
}
