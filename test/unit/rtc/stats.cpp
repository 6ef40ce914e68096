#include "cosoup/rtc/stats.hpp"

#include "support/catch.hpp"

using namespace cosoup;

namespace {

// As an RTPSession of GStreamer describes its sources, cut down to what counts.
std::vector<Json> sources() {
  const Json parsed = Json::parse(R"([
    {"ssrc":1001,"internal":true,"clock-rate":48000,"packets-sent":100,"octets-sent":12000,
     "recv-pli-count":0,"recv-fir-count":0,"recv-nack-count":2},
    {"ssrc":1002,"internal":true,"clock-rate":90000,"packets-sent":300,"octets-sent":250000,
     "recv-pli-count":3,"recv-fir-count":1,"recv-nack-count":7},
    {"ssrc":1003,"internal":true,"clock-rate":-1,"packets-sent":0,"octets-sent":0},
    {"ssrc":2001,"internal":false,"clock-rate":-1,"packets-received":0,"octets-received":0,
     "have-rb":true,"rb-ssrc":1002,"rb-packetslost":5,"rb-fractionlost":64,"rb-jitter":900,
     "rb-round-trip":3277},
    {"ssrc":3001,"internal":false,"clock-rate":48000,"packets-received":500,
     "octets-received":60000,"packets-lost":-2,"jitter":96,"sent-pli-count":4,"sent-fir-count":1,
     "sent-nack-count":9,"have-sr":true,"sr-packet-count":510,"sr-octet-count":61000,
     "have-rb":false}
  ])");
  return parsed.items();
}

bool all(std::uint32_t) { return true; }

}  // namespace

TEST_CASE("statistics of what is sent are those of the sources of our own that sent") {
  const RtcStatsReport report = readRtpSources(sources(), all);
  REQUIRE(report.outbound.size() == 2);
  const OutboundRtpStats* video = report.outboundOf(1002);
  REQUIRE(video);
  CHECK(video->packetsSent == 300);
  CHECK(video->bytesSent == 250000);
  CHECK(video->pliCount == 3);
  CHECK(video->firCount == 1);
  CHECK(video->nackCount == 7);
  CHECK_FALSE(report.outboundOf(1003));
  CHECK_FALSE(report.outboundOf(3001));
}

TEST_CASE("what the receiver reports is told of the stream that it is about") {
  const RtcStatsReport report = readRtpSources(sources(), all);
  REQUIRE(report.remoteInbound.size() == 1);
  const RemoteInboundRtpStats* video = report.remoteInboundOf(1002);
  REQUIRE(video);
  CHECK(video->packetsLost == 5);
  CHECK(video->fractionLost == 0.25);
  CHECK(video->jitter == 0.01);
  REQUIRE(video->roundTripTime);
  CHECK(*video->roundTripTime > 0.0499);
  CHECK(*video->roundTripTime < 0.0501);
}

TEST_CASE("statistics of what is received are those of the others' sources that sent") {
  const RtcStatsReport report = readRtpSources(sources(), all);
  REQUIRE(report.inbound.size() == 1);
  const InboundRtpStats* audio = report.inboundOf(3001);
  REQUIRE(audio);
  CHECK(audio->packetsReceived == 500);
  CHECK(audio->bytesReceived == 60000);
  CHECK(audio->packetsLost == -2);
  CHECK(audio->jitter == 0.002);
  CHECK(audio->pliCount == 4);
  CHECK(audio->firCount == 1);
  CHECK(audio->nackCount == 9);
  REQUIRE(report.remoteOutbound.size() == 1);
  CHECK(report.remoteOutbound.front().packetsSent == 510);
  CHECK(report.remoteOutbound.front().bytesSent == 61000);
}

TEST_CASE("statistics can be had of some streams alone") {
  const auto audioOnly = [](std::uint32_t ssrc) { return ssrc == 1001; };
  const RtcStatsReport report = readRtpSources(sources(), audioOnly);
  CHECK(report.outbound.size() == 1);
  CHECK(report.inbound.empty());
  CHECK(report.remoteInbound.empty());
  CHECK(report.raw.items().size() == 1);
}

TEST_CASE("statistics without a source are empty") {
  const RtcStatsReport report = readRtpSources({}, all);
  CHECK(report.outbound.empty());
  CHECK(report.inbound.empty());
  CHECK_FALSE(report.selectedCandidatePair);
}
