// What a consumer tells of how its stream got over its line, beside what the line has lost and what
// a real mediasoup server counts.
#include <algorithm>

#include "integration/lossy_stage.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr unsigned kEvery = 10;  // so manieth packet is lost
constexpr std::size_t kLost = 40;
// Packets that the machine itself loses, or that are still on their way.
constexpr std::size_t kFew = 3;

std::uint32_t ssrcOf(const LossyStage& lossy) {
  return *lossy.consumer->rtpParameters().encodings.at(0).ssrc;
}

ReceptionCounters reception(const LossyStage& lossy) {
  return lossy.consumer->counters().reception;
}

InboundRtpStats inbound(const LossyStage& lossy) {
  const RtcStatsReport report = lossy.consumer->getStats();
  REQUIRE(report.inbound.size() == 1);
  CHECK(report.inbound.front().ssrc == ssrcOf(lossy));
  return report.inbound.front();
}

std::size_t lostMedia(const LossyStage& lossy) {
  return lossy.relay.lostDown(ssrcOf(lossy)).size();
}

bool isSettled(const LossyStage& lossy) {
  const ReceptionCounters counters = reception(lossy);
  return counters.recovered + counters.reordered + counters.givenUp >= lostMedia(lossy);
}

/// Loses packets until they are enough, and none any more.
Task<> loses(LossyStage& lossy) {
  lossy.relay.loseDown(kEvery);
  co_await eventually("enough is lost", [&] { return lostMedia(lossy) >= kLost; });
  lossy.relay.keepDown();
  co_await eventually("what was lost has come again, or not", [&] { return isSettled(lossy); });
}

/// What goes to the server is not lost, but takes its time; its reports come every few seconds.
Task<bool> serverKnows(LossyStage& lossy) {
  const Json seen = co_await lossy.stage.atServer(lossy.consumer);
  const InboundRtpStats stats = inbound(lossy);
  co_return count(seen, "nackCount") == stats.nackCount&& count(seen, "pliCount") ==
      stats.pliCount&& count(seen, "packetsLost") == std::max<std::int64_t>(stats.packetsLost, 0);
}

void tell(const LossyStage& lossy, const Json& seen) {
  const ReceptionCounters ours = reception(lossy);
  const InboundRtpStats stats = inbound(lossy);
  UNSCOPED_INFO("lost on the line "
                << lostMedia(lossy) << ", recovered " << ours.recovered << ", given up "
                << ours.givenUp << ", late " << ours.late << ", duplicates " << ours.duplicates
                << ", NACKs " << ours.nacks << " in " << stats.nackCount << ", PLIs " << ours.plis
                << ", packetsLost " << stats.packetsLost);
  UNSCOPED_INFO("server: NACKs " << count(seen, "nackPacketCount") << " in "
                                 << count(seen, "nackCount") << ", again "
                                 << count(seen, "packetsRetransmitted") << ", PLIs "
                                 << count(seen, "pliCount") << ", packetsLost "
                                 << count(seen, "packetsLost"));
}

/// What holds of sound and picture alike.
Task<> checkCounters(LossyStage& lossy) {
  co_await eventually("the server has our reports", [&] { return serverKnows(lossy); });
  const Json seen = co_await lossy.stage.atServer(lossy.consumer);
  tell(lossy, seen);
  const ReceptionCounters ours = reception(lossy);
  CHECK(ours.recovered + ours.givenUp >= lostMedia(lossy));
  CHECK(ours.recovered + ours.givenUp <= lostMedia(lossy) + kFew);
  CHECK(ours.recovered >= lostMedia(lossy) * 9 / 10);
  CHECK(ours.reordered == 0);
  CHECK(ours.late <= ours.givenUp);
  CHECK(count(seen, "nackPacketCount") == static_cast<std::int64_t>(ours.nacks));
  // Of two at once the session makes one.
  CHECK(count(seen, "pliCount") <= static_cast<std::int64_t>(ours.plis));
  const InboundRtpStats stats = inbound(lossy);
  CHECK(stats.packetsDiscarded == ours.late);
  CHECK(ours.latency >= 40ms);
  CHECK(ours.latency <= 1s);  // it is adaptive
  CHECK(ours.jitter < 100ms);
  CHECK(std::abs(stats.jitter - std::chrono::duration<double>(ours.jitter).count()) < 0.01);
}

/// What the server has sent once must be what has come and what was lost.
Task<> checkPackets(LossyStage& lossy, std::uint64_t again) {
  const Json before = co_await lossy.stage.atServer(lossy.consumer);
  const auto came = static_cast<std::int64_t>(inbound(lossy).packetsReceived - again);
  const Json after = co_await lossy.stage.atServer(lossy.consumer);
  const auto lost = static_cast<std::int64_t>(lostMedia(lossy));
  constexpr std::int64_t underWay = 30;
  CHECK(came >= count(before, "packetCount") - lost - underWay);
  CHECK(came <= count(after, "packetCount") - lost + static_cast<std::int64_t>(kFew));
}

Task<> countsLostPicture() {
  LossyStage lossy;
  co_await lossy.open();
  co_await lossy.see();
  lossy.consumer->requestKeyFrame();
  co_await loses(lossy);
  co_await checkCounters(lossy);
  CHECK(reception(lossy).plis >= 1);
  CHECK(reception(lossy).frames > 0);
  const InboundRtpStats stats = inbound(lossy);
  // To the session an RTX packet is not the one that was lost.
  CHECK(stats.packetsLost >= static_cast<std::int64_t>(lostMedia(lossy)));
  CHECK(stats.packetsLost <= static_cast<std::int64_t>(lostMedia(lossy) + kFew));
  REQUIRE(stats.rtxSsrc);
  const std::uint64_t again = stats.retransmittedPacketsReceived.value();
  const std::size_t lostAgain = lossy.relay.lostDown(*stats.rtxSsrc).size();
  const Json seen = co_await lossy.stage.atServer(lossy.consumer);
  CHECK(count(seen, "packetsRetransmitted") == static_cast<std::int64_t>(again + lostAgain));
  CHECK(stats.retransmittedBytesReceived > again);
  CHECK(stats.framesReceived.value() >= reception(lossy).frames - 1);
  CHECK(stats.freezeCount == reception(lossy).freezes);
  co_await checkPackets(lossy, again);
  const RtcStatsReport all = co_await lossy.stage.bob.client.recvTransport()->getStats();
  REQUIRE(all.inboundOf(ssrcOf(lossy)));
  CHECK(all.inboundOf(ssrcOf(lossy))->nackCount == stats.nackCount);
  CHECK_FALSE(all.inboundOf(*stats.rtxSsrc));
  co_await lossy.close();
}

Task<> countsLostSound() {
  LossyStage lossy;
  co_await lossy.open();
  co_await lossy.hear({});
  co_await loses(lossy);
  co_await checkCounters(lossy);
  const InboundRtpStats stats = inbound(lossy);
  // What comes again as it was is not lost.
  CHECK(stats.packetsLost <= static_cast<std::int64_t>(reception(lossy).givenUp + kFew));
  CHECK_FALSE(stats.retransmittedPacketsReceived);
  CHECK_FALSE(stats.framesReceived);
  CHECK(reception(lossy).frames == 0);
  co_await lossy.close();
}

Task<> neverFreezes() {
  LossyStage lossy;
  // The server sends a packet again every 100 ms, what it sends gets lost, too, and on a machine
  // with other work it stands still for a quarter of a second, all that the adaptive latency of
  // such a short line waits.
  lossy.stage.consume.latency = 2s;
  co_await lossy.open();
  co_await lossy.see();
  co_await loses(lossy);
  const Json seen = co_await lossy.stage.atServer(lossy.consumer);
  tell(lossy, seen);
  const ReceptionCounters ours = reception(lossy);
  CHECK(ours.givenUp == 0);
  CHECK(ours.freezes == 0);
  CHECK(ours.frozen == 0ms);
  CHECK(ours.droppedFrames == 0);
  co_await lossy.close();
}

}  // namespace

TEST_CASE("what is told of a picture's packets that were lost is what the server counts",
          "[newer-mediasoup]") {
  runTest(countsLostPicture(), 180s);
}

TEST_CASE("what is told of lost sound is what the server counts", "[newer-mediasoup]") {
  runTest(countsLostSound(), 180s);
}

TEST_CASE("a picture that loses every tenth packet on the way never freezes", "[newer-mediasoup]") {
  runTest(neverFreezes(), 120s);
}
