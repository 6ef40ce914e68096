// Video that gets lost on the way to a real mediasoup server, and is sent again as RTX (RFC 4588).
// Needs one with WebRtcServer, as the relay stands for one port.
#include <algorithm>

#include "integration/lossy_stage.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr unsigned kEvery = 10;  // so manieth packet is lost
constexpr std::int64_t kRepaired = 20;
// Of those that are lost, some are on their way again.
constexpr std::int64_t kUnderWay = 10;

enum class What { sound, picture };

/// The streams of a producer as the server sees them, of each layer of it one.
Task<std::vector<Json>> streamsOf(LossyStage& lossy, std::shared_ptr<Producer> producer) {
  const Json seen = co_await lossy.stage.atServer(std::move(producer));
  co_return seen.list("streams");
}

std::int64_t repaired(const Json& stream) {
  return stream.find<std::int64_t>("packetsRetransmitted").value_or(0);
}

/// Whether each of the streams has come again so many times more than at first.
Task<bool> areRepaired(LossyStage& lossy, std::shared_ptr<Producer> producer,
                       std::vector<Json> first) {
  const std::vector<Json> streams = co_await streamsOf(lossy, std::move(producer));
  if (streams.size() < first.size()) co_return false;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (repaired(streams[i]) < repaired(first[i]) + kRepaired) co_return false;
  }
  co_return true;
}

const RtpEncodingParameters& encodingOf(const Producer& producer, const Json& stream) {
  const auto& encodings = producer.rtpParameters().encodings;
  const auto found = std::find_if(encodings.begin(), encodings.end(), [&](const auto& encoding) {
    return encoding.ssrc == stream.find<std::uint32_t>("ssrc");
  });
  REQUIRE(found != encodings.end());
  return *found;
}

void checkRepaired(const Producer& producer, const Json& stream) {
  const auto packets = stream.get<std::int64_t>("packetCount");
  const auto lost = stream.get<std::int64_t>("packetsLost");
  UNSCOPED_INFO("packets " << packets << " lost " << lost << " NACKs "
                           << stream.get<std::int64_t>("nackPacketCount") << " again "
                           << repaired(stream) << " repaired "
                           << stream.get<std::int64_t>("packetsRepaired"));
  CHECK(stream.get<std::int64_t>("nackCount") > 0);
  // mediasoup counts as lost what came again as RTX, too (RFC 4588, section 5.3).
  CHECK(stream.get<std::int64_t>("packetsRepaired") >= lost - kUnderWay);
  CHECK(stream.find<std::uint32_t>("rtxSsrc") == encodingOf(producer, stream).rtxSsrc);
}

/// Until enough of each of its layers has come again from now on.
Task<> isRepaired(LossyStage& lossy, std::shared_ptr<Producer> producer, std::size_t layers = 1) {
  std::vector<Json> first;
  while (first.size() < layers) {
    co_await lossy.stage.flows(producer);
    first = co_await streamsOf(lossy, producer);
  }
  co_await eventually("what is lost comes again",
                      [&] { return areRepaired(lossy, producer, first); });
  const std::vector<Json> streams = co_await streamsOf(lossy, producer);
  for (const Json& stream : streams) checkRepaired(*producer, stream);
}

Task<std::shared_ptr<Producer>> produce(LossyStage& lossy, What what) {
  std::shared_ptr<Track> track;
  if (what == What::sound) {
    track = co_await lossy.stage.sound();
  } else {
    track = co_await lossy.stage.noise();
  }
  ProduceOptions options(std::move(track));
  co_return co_await lossy.stage.produce(std::move(options));
}

Task<> repairsAll(std::vector<What> order) {
  LossyStage lossy;
  // What is sent again gets lost, too, and the server asks only every 100 ms or so.
  lossy.stage.consume.latency = 2s;
  co_await lossy.open();
  lossy.relay.loseUp(kEvery);
  std::vector<std::shared_ptr<Producer>> videos;
  for (const What what : order) {
    const auto producer = co_await produce(lossy, what);
    if (what == What::picture) videos.push_back(producer);
  }
  for (const auto& video : videos) co_await isRepaired(lossy, video);
  for (const auto& video : videos) {
    const auto consumer = co_await lossy.stage.consumerOf(video);
    const ReceptionCounters counters = consumer->counters().reception;
    UNSCOPED_INFO("freezes " << counters.freezes << ", frozen " << counters.frozen.count()
                             << " ms, frames " << counters.frames);
    CHECK(counters.freezes <= 2);
  }
  co_await lossy.stage.close();
}

Task<> repairsOn() {
  LossyStage lossy;
  co_await lossy.open();
  lossy.relay.loseUp(kEvery);
  const auto first = co_await produce(lossy, What::picture);
  co_await isRepaired(lossy, first);
  const auto second = co_await produce(lossy, What::picture);
  co_await produce(lossy, What::sound);
  co_await isRepaired(lossy, first);
  co_await isRepaired(lossy, second);
  const RtpParameters old = first->rtpParameters();
  co_await lossy.stage.ada.client.closeProducer(first);
  const auto third = co_await produce(lossy, What::picture);
  CHECK(third->rtpParameters().mid == old.mid);
  co_await isRepaired(lossy, third);
  co_await isRepaired(lossy, second);
  co_await lossy.stage.close();
}

Task<> repairsLayers() {
  LossyStage lossy;
  co_await lossy.open();
  lossy.relay.loseUp(kEvery);
  ProduceOptions options(co_await lossy.stage.picture("snow", 640, 480));
  options.encodings.resize(3);
  const auto producer = co_await lossy.stage.produce(std::move(options));
  co_await isRepaired(lossy, producer, 3);
  co_await lossy.stage.close();
}

Task<> repairsEncoded() {
  LossyStage lossy;
  co_await lossy.open();
  lossy.relay.loseUp(kEvery);
  ProduceOptions options(co_await lossy.stage.encodedPicture("snow"));
  const auto producer = co_await lossy.stage.produce(std::move(options));
  co_await isRepaired(lossy, producer);
  co_await lossy.stage.close();
}

}  // namespace

// mediasoup before 3.10 has no server of one port.
TEST_CASE("video that is lost on the way to the server comes again, whatever else is sent",
          "[newer-mediasoup]") {
  using enum What;
  const auto order =
      GENERATE(as<std::vector<What>>(), std::vector{sound, picture, picture},
               std::vector{picture, sound, picture}, std::vector{picture, picture, sound});
  runTest(repairsAll(order), 120s);
}

TEST_CASE("video comes again after further negotiations, and in a slot that is used again",
          "[newer-mediasoup]") {
  runTest(repairsOn(), 180s);
}

TEST_CASE("each layer of simulcast comes again", "[newer-mediasoup]") {
  runTest(repairsLayers(), 120s);
}

TEST_CASE("video that nobody here encodes comes again", "[newer-mediasoup]") {
  runTest(repairsEncoded(), 120s);
}
