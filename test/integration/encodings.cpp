// Simulcast, and encoders that are steered while they run, on a real mediasoup server.
#include <algorithm>

#include "integration/stage.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr int kFullScore = 10;

Task<std::shared_ptr<Producer>> produceLayers(Stage& stage, std::size_t layers) {
  const auto track = co_await stage.picture("red", 640, 480);
  ProduceOptions options(track);
  options.encodings.resize(layers);
  co_return co_await stage.produce(std::move(options));
}

Task<bool> hasFullScores(Stage& stage, std::shared_ptr<Producer> producer, std::size_t layers) {
  const Json seen = co_await stage.atServer(producer);
  const auto scores = seen.list("score");
  if (scores.size() != layers) co_return false;
  co_return std::all_of(scores.begin(), scores.end(),
                        [](const Json& score) { return score.get<int>("score") == kFullScore; });
}

Task<> widthBecomes(Decoded& decoded, int width) {
  return eventually("the picture is " + std::to_string(width) + " wide", [&decoded, width] {
    const auto picture = decoded.picture();
    return picture && picture->width == width && picture->isRed();
  });
}

Task<> sendsLayers() {
  Stage stage;
  co_await stage.open();
  const auto producer = co_await produceLayers(stage, 3);
  const auto& encodings = producer->rtpParameters().encodings;
  REQUIRE(encodings.size() == 3);
  CHECK(encodings[2].rid == "r2");
  const auto consumer = co_await stage.consumerOf(producer);
  co_await eventually("all layers are perfect", [&] { return hasFullScores(stage, producer, 3); });
  const Json seen = co_await stage.atServer(producer);
  CHECK(seen.get<std::string>("type") == "simulcast");
  CHECK(seen.list("streams").size() == 3);
  {
    Decoded decoded(consumer->track());
    for (const int layer : {0, 2, 1}) {
      co_await stage.bob.client.setPreferredLayers(consumer, layer, 0);
      co_await widthBecomes(decoded, 160 << layer);
    }
  }
  co_await stage.close();
}

Task<> sendsLayersFromTheConfig() {
  Member ada(sharedServer(), freshRoom(), "ada");
  ProduceConfig produce = ProduceConfig::test();
  produce.encoding.video.resize(2);
  co_await ada.join(produce, ConsumeConfig::none());
  co_await eventually("both are produced", [&] { return ada.producers.size() == 2; });
  const Json seen = co_await ada.asServerSees();
  for (const Json& producer : seen.list("producers")) {
    const bool video = producer.get<std::string>("kind") == "video";
    CHECK(producer.get<std::string>("type") == (video ? "simulcast" : "simple"));
  }
  co_await ada.leave();
}

Task<> switchesLayersOff() {
  Stage stage;
  co_await stage.open();
  const auto producer = co_await produceLayers(stage, 3);
  const auto consumer = co_await stage.consumerOf(producer);
  {
    Decoded decoded(consumer->track());
    co_await stage.bob.client.setPreferredLayers(consumer, 2, 0);
    co_await widthBecomes(decoded, 640);
    producer->setMaxSpatialLayer(0);
    CHECK(producer->maxSpatialLayer() == 0);
    co_await stage.stands(producer, "r2");
    co_await stage.stands(producer, "r1");
    co_await stage.flows(producer, "r0");
    co_await widthBecomes(decoded, 160);
    producer->setMaxSpatialLayer(2);
    co_await stage.flows(producer, "r2");
    RtpEncodingParameters change;
    change.rid = "r0";
    change.active = false;
    producer->setRtpEncodingParameters(change);
    CHECK(producer->encodings().at(0).active == false);
    co_await stage.stands(producer, "r0");
    co_await stage.flows(producer, "r1");
    co_await widthBecomes(decoded, 640);
  }
  co_await stage.close();
}

Task<> reusesTheSlotOfLayers() {
  Stage stage;
  co_await stage.open();
  auto producer = co_await produceLayers(stage, 2);
  co_await stage.flows(producer, "r1");
  const std::string mid = *producer->rtpParameters().mid;
  co_await stage.ada.client.closeProducer(producer);
  producer = co_await produceLayers(stage, 2);
  CHECK(producer->rtpParameters().mid == mid);
  co_await stage.flows(producer, "r0");
  co_await eventually("both layers are perfect", [&] { return hasFullScores(stage, producer, 2); });
  const auto consumer = co_await stage.consumerOf(producer);
  {
    Decoded decoded(consumer->track());
    co_await widthBecomes(decoded, 640);
  }
  // A single stream is another slot.
  const auto single = co_await produceLayers(stage, 1);
  CHECK(single->rtpParameters().mid != mid);
  co_await stage.flows(single);
  co_await stage.close();
}

Task<> refusesLayers() {
  Stage stage;
  co_await stage.open();
  const auto sound = co_await stage.sound();
  const auto encoded = co_await stage.encodedPicture("red");
  const auto raw = co_await stage.picture("red");
  RtpEncodingParameters layered;
  layered.scalabilityMode = "L3T3_KEY";
  std::vector<ProduceOptions> refused(3, ProduceOptions(sound));
  refused[0].encodings.resize(2);
  refused[1].track = encoded;
  refused[1].encodings.resize(2);
  refused[2].track = raw;
  refused[2].encodings = {layered};
  for (const ProduceOptions& options : refused) {
    std::optional<Error::Code> code;
    try {
      co_await stage.produce(options);
    } catch (const Error& error) {
      code = error.code();
    }
    CHECK(code == Error::Code::Unsupported);
  }
  ProduceOptions asItIs(encoded);
  asItIs.encodings = {layered};
  const auto producer = co_await stage.produce(std::move(asItIs));
  co_await stage.flows(producer);
  const Json seen = co_await stage.atServer(producer);
  const Json encoding = seen.get<Json>("rtpParameters").list("encodings").at(0);
  CHECK(encoding.get<std::string>("scalabilityMode") == "L3T3_KEY");
  co_await stage.close();
}

Task<> steersTheEncoder() {
  Stage stage;
  co_await stage.open();
  const auto track = co_await stage.noise();
  ProduceOptions options(track);
  options.encodings.resize(1);
  options.encodings[0].maxBitrate = 800000;
  const auto producer = co_await stage.produce(std::move(options));
  const auto consumer = co_await stage.consumerOf(producer);
  const auto log = std::make_shared<FrameLog>();
  consumer->track()->addReceiver(log);
  co_await eventually("the bitrate is high", [&] { return log->bitrate(20) > 500000; });
  RtpEncodingParameters change;
  change.maxBitrate = 200000;
  producer->setRtpEncodingParameters(change);
  co_await eventually("the bitrate is low", [&] {
    const double now = log->bitrate(20);
    return now > 0 && now < 300000;
  });
  consumer->track()->removeReceiver(log);
  co_await stage.close();
}

Task<> framerateBecomes(std::shared_ptr<FrameLog> log, double least, double most) {
  return eventually("the frame rate is about " + std::to_string((least + most) / 2),
                    [log, least, most] {
                      const double now = log->framerate(10);
                      return now > least && now < most;
                    });
}

Task<> changesItsRate() {
  Stage stage;
  co_await stage.open();
  const auto producer = co_await produceLayers(stage, 1);
  const auto consumer = co_await stage.consumerOf(producer);
  const auto log = std::make_shared<FrameLog>();
  consumer->track()->addReceiver(log);
  RtpEncodingParameters change;
  co_await framerateBecomes(log, 11, 19);
  change.maxFramerate = 5;
  producer->setRtpEncodingParameters(change);
  co_await framerateBecomes(log, 4, 6.5);
  change.maxFramerate = 30;
  producer->setRtpEncodingParameters(change);
  co_await framerateBecomes(log, 11, 19);
  consumer->track()->removeReceiver(log);
  co_await stage.close();
}

Task<> scalesWhileItRuns() {
  Stage stage;
  co_await stage.open();
  const auto producer = co_await produceLayers(stage, 1);
  const auto consumer = co_await stage.consumerOf(producer);
  {
    Decoded decoded(consumer->track());
    co_await widthBecomes(decoded, 640);
    RtpEncodingParameters change;
    for (const double scale : {4.0, 1.0, 2.0}) {
      change.scaleResolutionDownBy = scale;
      producer->setRtpEncodingParameters(change);
      co_await widthBecomes(decoded, static_cast<int>(640 / scale));
    }
    change.scaleResolutionDownBy = 0.5;
    CHECK_THROWS_AS(producer->setRtpEncodingParameters(change), Error);
    change = RtpEncodingParameters();
    change.rid = "r7";
    CHECK_THROWS_AS(producer->setRtpEncodingParameters(change), Error);
  }
  co_await stage.close();
}

}  // namespace

TEST_CASE("three layers arrive in perfect quality, and a consumer gets the one that it prefers",
          "[dialect]") {
  runTest(sendsLayers(), 180s);
}

TEST_CASE("the raw video of a joining client is sent in as many layers as it says") {
  runTest(sendsLayersFromTheConfig(), 120s);
}

TEST_CASE("layers that are switched off are not sent, and come back") {
  runTest(switchesLayersOff(), 180s);
}

TEST_CASE("a second simulcast producer is sent in the slot of the first") {
  runTest(reusesTheSlotOfLayers(), 180s);
}

TEST_CASE("layers that nobody can make are refused, those of an encoded track are signalled",
          "[newer-mediasoup]") {
  // Before, the server refuses VP8 with several layers in one stream.
  runTest(refusesLayers(), 120s);
}

TEST_CASE("the bitrate follows setRtpEncodingParameters") { runTest(steersTheEncoder(), 180s); }

TEST_CASE("the frame rate follows setRtpEncodingParameters") { runTest(changesItsRate(), 120s); }

TEST_CASE("the size of the picture follows setRtpEncodingParameters") {
  runTest(scalesWhileItRuns(), 180s);
}
