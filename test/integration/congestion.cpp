// What encoders do when the server or the path takes less, with a real mediasoup server.
#include <algorithm>

#include "integration/stage.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/udp_relay.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

Task<> obeysTheServersLimit() {
  // The server names its limit in REMB.
  RoomServer server({"--insecure-ws", "--max-incoming-bitrate", "300000"});
  Stage stage(server);
  co_await stage.open();
  const auto track = co_await stage.noise();
  ProduceOptions options(track);
  options.headerExtensionOptions.transportCc = false;
  options.codecOptions.videoGoogleMaxBitrate = 1500;
  options.codecOptions.videoGoogleMinBitrate = 100;
  const auto producer = co_await stage.produce(std::move(options));
  const auto& extensions = producer->rtpParameters().headerExtensions;
  CHECK(std::none_of(extensions.begin(), extensions.end(), [](const auto& extension) {
    return extension.uri.find("transport-wide-cc") != std::string::npos;
  }));
  const auto consumer = co_await stage.consumerOf(producer);
  const auto log = std::make_shared<FrameLog>();
  consumer->track()->addReceiver(log);
  consumer->track()->requestKeyFrame();
  co_await eventually("the encoder keeps to 300 kbit/s", [&] {
    const double now = log->bitrate(20);
    return now > 100000 && now < 450000;
  });
  consumer->track()->removeReceiver(log);
  co_await stage.close();
}

Task<double> sentBitrate(std::shared_ptr<Producer> producer) {
  const std::uint64_t before = producer->counters().bytes;
  const gint64 began = g_get_monotonic_time();
  co_await sleepFor(2s);
  const double seconds = static_cast<double>(g_get_monotonic_time() - began) / 1e6;
  co_return 8 * static_cast<double>(producer->counters().bytes - before) / seconds;
}

Task<bool> sendsBetween(std::shared_ptr<Producer> producer, double least, double most) {
  const double bitrate = co_await sentBitrate(producer);
  if (bitrate <= least) co_return false;
  co_return bitrate < most;
}

/// Needs a mediasoup with WebRtcServer: before, each transport has a port of its own.
Task<> fitsIntoANarrowPath() {
  UdpRelay relay;
  RoomServer server({"--insecure-ws", "--announced-rtc-port", std::to_string(relay.port())});
  const Json about = co_await server.about();
  relay.forwardTo(about.get<Json>("rtcPorts").get<std::uint16_t>("udp"));
  Stage stage(server);
  co_await stage.open();
  const auto track = co_await stage.noise();
  ProduceOptions options(track);
  options.encodings.resize(1);
  options.encodings[0].maxBitrate = 1200000;
  const auto producer = co_await stage.produce(std::move(options));
  co_await eventually("it sends much", [&] { return sendsBetween(producer, 800000, 2e6); });
  relay.limit(400000);
  co_await eventually("it sends little", [&] { return sendsBetween(producer, 100000, 500000); });
  relay.limit(0);
  co_await eventually("it sends more again", [&] { return sendsBetween(producer, 600000, 2e6); });
  co_await stage.close();
}

}  // namespace

TEST_CASE("an encoder keeps to the limit that the server names in REMB") {
  runTest(obeysTheServersLimit(), 180s);
}

TEST_CASE("an encoder fits what it sends into a path that gets narrow, and out of it again",
          "[newer-mediasoup]") {
  runTest(fitsIntoANarrowPath(), 240s);
}
