// A webrtcbin whose inside is not as expected: streams come out of its own pads.
#include <algorithm>

#include "cosoup/client/device_internals.hpp"
#include "cosoup/webrtc/webrtcbin_connection.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/log_capture.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kOtherDemux = "demuxofanotherversion";

/// Whoever uses it finds no demuxer in webrtcbin.
DeviceOptions withoutDemux() {
  DeviceOptions options;
  DeviceOptions::Internals::setPeerConnections(options, [](bool receives) {
    ReceivePathNames names;
    names.demux = kOtherDemux;
    return std::make_shared<WebrtcbinConnection>(receives ? "recv" : "send", receives, names);
  });
  return options;
}

std::ptrdiff_t timesSaid(const LogCapture& log, const char* what) {
  const auto messages = log.messages();
  return std::count_if(messages.begin(), messages.end(), [&](const std::string& message) {
    return message.find(what) != std::string::npos;
  });
}

Task<std::int64_t> packetsAtServer(Member& member, std::string consumerId) {
  const Json seen = co_await member.asServerSees();
  for (const Json& consumer : seen.list("consumers")) {
    if (consumer.get<std::string>("id") != consumerId) continue;
    co_return consumer.get<Json>("stats").get<std::int64_t>("packetCount");
  }
  co_return 0;
}

/// The session's figures are right, those of the path that is not taken are zero.
Task<> checkFigures(Member& bob, std::shared_ptr<Consumer> consumer) {
  const ConsumerCounters counters = consumer->counters();
  CHECK(counters.packets > 0);
  CHECK(counters.lost == 0);
  CHECK(counters.reception.latency == 0ms);
  CHECK(counters.reception.frames == 0);
  const RtcStatsReport report = consumer->getStats();
  REQUIRE_FALSE(report.inbound.empty());
  const InboundRtpStats stats = report.inbound.front();
  CHECK(stats.packetsLost == 0);
  CHECK_FALSE(stats.framesReceived);
  const std::int64_t sent = co_await packetsAtServer(bob, consumer->id());
  CHECK(stats.packetsReceived > 0);
  CHECK(static_cast<std::int64_t>(stats.packetsReceived) <= sent);
}

Task<> takesWebrtcbinsOwnPads() {
  const LogCapture log;
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(ada.server, ada.room, "bob");
  bob.client.device = withoutDemux();
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.receives(2, 1s);
  for (const auto& consumer : bob.consumers) co_await checkFigures(bob, consumer);
  // Closed and opened again, in the same slots.
  co_await ada.client.stop();
  co_await eventually("bob's consumers are closed", [&] { return bob.consumers.empty(); });
  co_await ada.client.play();
  co_await bob.receives(2, 1s);
  CHECK(bob.failures.empty());
  co_await leaveAll(ada, bob);
  CHECK(timesSaid(log, kOtherDemux) == 1);
}

}  // namespace

TEST_CASE("a call runs on webrtcbin's own pads when its inside is not as expected, and says so") {
  runTest(takesWebrtcbinsOwnPads(), 120s);
}
