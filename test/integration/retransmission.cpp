// Audio that gets lost on the way, with a real mediasoup server. Needs one with WebRtcServer, as
// the relay stands for one port.
#include <algorithm>

#include "integration/lossy_stage.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr unsigned kEvery = 10;  // so manieth packet is lost
constexpr std::uint64_t kLost = 40;

bool hasNack(const RtpParameters& parameters) {
  const auto& feedback = parameters.codecs.at(0).rtcpFeedback;
  return std::find(feedback.begin(), feedback.end(), RtcpFeedback{"nack", ""}) != feedback.end();
}

Task<> losesDownlink(LossyStage& lossy) {
  lossy.relay.loseDown(kEvery);
  co_await eventually("enough is lost", [&] { return lossy.relay.lostDown() >= kLost; });
}

Task<> asksForLostOpus() {
  LossyStage lossy;
  co_await lossy.open();
  co_await lossy.hear({});
  CHECK(hasNack(lossy.consumer->rtpParameters()));
  co_await losesDownlink(lossy);
  const Json seen = co_await lossy.stage.atServer(lossy.consumer);
  UNSCOPED_INFO("lost " << lossy.relay.lostDown() << " NACKs " << count(seen, "nackCount")
                        << " again " << count(seen, "packetsRetransmitted") << " missing "
                        << lossy.missingFrames() << " of " << lossy.log->count()
                        << " our own count of losses " << lossy.consumer->counters().lost);
  CHECK(count(seen, "nackCount") > 20);
  CHECK(count(seen, "packetsRetransmitted") > 20);
  CHECK(lossy.missingFrames() <= 4);
  CHECK(lossy.consumer->counters().lost <= 4);
  co_await lossy.close();
}

Task<> asksForNoLostPcmu() {
  LossyStage lossy({"--codecs", "pcmu,vp8"});
  co_await lossy.open();
  co_await lossy.hear({});
  CHECK_FALSE(hasNack(lossy.consumer->rtpParameters()));
  co_await losesDownlink(lossy);
  co_await eventually("gaps are heard", [&] { return lossy.missingFrames() > 20; });
  const Json seen = co_await lossy.stage.atServer(lossy.consumer);
  CHECK(count(seen, "nackCount") == 0);
  CHECK(lossy.consumer->getStats().inbound.at(0).nackCount == 0);
  co_await lossy.close();
}

Task<bool> hasComeAgain(LossyStage& lossy, std::int64_t packets) {
  const Json seen = co_await lossy.stage.atServer(lossy.producer);
  co_return count(seen, "packetsRetransmitted") >= packets;
}

Task<> sendsLostOpusAgain() {
  LossyStage lossy;
  co_await lossy.open();
  // Video is sent again on the same path, but as RTX.
  ProduceOptions video(co_await lossy.stage.picture("red"));
  co_await lossy.stage.produce(std::move(video));
  ProducerCodecOptions codecOptions;
  codecOptions.opusNack = true;
  co_await lossy.hear(codecOptions);
  CHECK(hasNack(lossy.producer->rtpParameters()));
  lossy.relay.loseUp(kEvery);
  co_await eventually("lost sound has come again", [&] { return hasComeAgain(lossy, 30); });
  const Json seen = co_await lossy.stage.atServer(lossy.producer);
  UNSCOPED_INFO("lost " << lossy.relay.lostUp() << " NACKs " << count(seen, "nackCount")
                        << " again " << count(seen, "packetsRetransmitted") << " lost at server "
                        << count(seen, "packetsLost") << " missing " << lossy.missingFrames()
                        << " of " << lossy.log->count());
  CHECK(count(seen, "nackCount") >= 20);
  CHECK(count(seen, "packetsLost") <= 5);
  CHECK(lossy.missingFrames() <= 4);
  co_await lossy.close();
}

Task<> sendsNothingAgainUnasked() {
  LossyStage lossy;
  co_await lossy.open();
  co_await lossy.hear({});
  CHECK_FALSE(hasNack(lossy.producer->rtpParameters()));
  lossy.relay.loseUp(kEvery);
  co_await eventually("gaps are heard", [&] { return lossy.missingFrames() > 20; });
  const Json seen = co_await lossy.stage.atServer(lossy.producer);
  CHECK(count(seen, "nackCount") == 0);
  CHECK(count(seen, "packetsRetransmitted") == 0);
  co_await lossy.close();
}

Task<bool> producesOpusWithNack(std::string id, std::optional<bool> opusNack) {
  Member member(sharedServer(), freshRoom(), std::move(id));
  ProduceConfig produce = ProduceConfig::test(TestSourceOptions(true, false));
  produce.encoding.codecOptions.opusNack = opusNack;
  co_await member.join(produce, ConsumeConfig::none());
  CHECK(member.producers.at(0)->mimeType() == "audio/opus");
  const bool has = hasNack(member.producers.at(0)->rtpParameters());
  co_await member.leave();
  co_return has;
}

Task<> isOnByDefault() {
  const bool byDefault = co_await producesOpusWithNack("ada", std::nullopt);
  CHECK(byDefault);
  const bool switchedOff = co_await producesOpusWithNack("bob", false);
  CHECK_FALSE(switchedOff);
}

}  // namespace

// The relay needs a server of one port, which mediasoup before 3.10 has not; and its routers know
// no NACK for Opus.
TEST_CASE("opus that is lost on the way to us is asked for again, and comes", "[newer-mediasoup]") {
  runTest(asksForLostOpus(), 120s);
}

TEST_CASE("a codec without nack is never asked for again", "[newer-mediasoup]") {
  runTest(asksForNoLostPcmu(), 120s);
}

TEST_CASE("opus that is lost on the way to the server is sent again with opusNack",
          "[newer-mediasoup]") {
  runTest(sendsLostOpusAgain(), 120s);
}

TEST_CASE("without opusNack nothing is sent again", "[newer-mediasoup]") {
  runTest(sendsNothingAgainUnasked(), 120s);
}

TEST_CASE("a client that produces opus sends it again unless it is told otherwise",
          "[newer-mediasoup]") {
  runTest(isOnByDefault(), 60s);
}
