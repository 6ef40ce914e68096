// Through STUN and TURN servers, and other ways that an app asks for.
#include "integration/device_peer.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/turn_server.hpp"
#include "support/udp_relay.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kLimit = 30s;

DevicePeer::Adjust onlyThrough(IceServer server) {
  return [server](TransportOptions& options) {
    options.iceServers = {server};
    options.iceTransportPolicy = IceTransportPolicy::relay;
  };
}

Task<> relaysAllMedia(std::string transport) {
  TurnServer turn;
  DeviceCall call(sharedServer());
  co_await call.begin(onlyThrough(turn.turn(transport)));
  co_await call.flows();
  for (const char* direction : {"send", "recv"}) {
    DevicePeer& peer = direction == std::string("send") ? call.ada : call.bob;
    const Json seen = co_await peer.transportAtServer(direction);
    const Json tuple = seen.get<Json>("iceSelectedTuple");
    CHECK(turn.isRelayPort(tuple.get<std::uint16_t>("remotePort")));
  }
  const RtcStatsReport report = co_await call.ada.send->getStats();
  REQUIRE(report.selectedCandidatePair);
  CHECK(report.selectedCandidatePair->local.candidateType == "relay");
  CHECK(turn.isRelayPort(report.selectedCandidatePair->local.port));
  co_await call.end();
}

/// The pair that both transports of a member use, which must be of the same kind.
Task<IceCandidatePairStats> pairOf(Member& member) {
  co_await member.isHeardAndSeen();
  const RtcStatsReport sending = co_await member.client.sendTransport()->getStats();
  const RtcStatsReport receiving = co_await member.client.recvTransport()->getStats();
  REQUIRE(sending.selectedCandidatePair);
  REQUIRE(receiving.selectedCandidatePair);
  CHECK(sending.selectedCandidatePair->local.candidateType ==
        receiving.selectedCandidatePair->local.candidateType);
  CHECK(sending.selectedCandidatePair->local.protocol ==
        receiving.selectedCandidatePair->local.protocol);
  co_return *sending.selectedCandidatePair;
}

Task<> joinsThroughARelay() {
  TurnServer turn;
  Member ada(sharedServer(), freshRoom(), "ada");
  ada.address.iceServers.push_back(turn.turn());
  ada.address.iceTransportPolicy = IceTransportPolicy::relay;
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  const IceCandidatePairStats pair = co_await pairOf(ada);
  CHECK(pair.local.candidateType == "relay");
  co_await ada.leave();
}

Task<> joinsOverTcp() {
  Member ada(sharedServer(), freshRoom(), "ada");
  ada.address.forceTcp = true;
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  const IceCandidatePairStats pair = co_await pairOf(ada);
  CHECK(pair.local.protocol == "tcp");
  co_await ada.leave();
}

Task<> failsWithWrongCredentials() {
  TurnServer turn;
  DevicePeer ada(sharedServer(), freshRoom(), "ada");
  LogCapture log;
  co_await ada.connect(onlyThrough(turn.turnWithWrongPassword()));
  co_await ada.join();
  Deferred<> failed;
  Deferred<> connected;
  std::vector<std::string> refusing;
  const Connection listening = ada.send->iceCandidateError.connect(
      [&](const IceCandidateError& error) { refusing.push_back(error.url); });
  const Connection watching = ada.send->connectionStateChanged.connect([&](ConnectionState now) {
    if (now == ConnectionState::failed) failed.resolve();
    if (now == ConnectionState::connected) connected.resolve();
  });
  co_await ada.send->connect();
  co_await withTimeout(kLimit, failed.wait(), "the refusal is noticed");
  CHECK(log.messages().size() == 1);
  CHECK(refusing == turn.turnWithWrongPassword().urls);
  // It can still be put right.
  std::vector<IceServer> right;
  right.push_back(turn.turn());
  ada.send->updateIceServers(right);
  co_await ada.restartSend();
  co_await withTimeout(kLimit, connected.wait(), "the right credentials help");
  co_await ada.isConnected("send");
  const RtcStatsReport report = co_await ada.send->getStats();
  REQUIRE(report.selectedCandidatePair);
  CHECK(report.selectedCandidatePair->local.candidateType == "relay");
  CHECK(refusing.size() == 1);
  co_await ada.leave();
}

Task<> asksTheStunServer() {
  TurnServer stun;
  UdpRelay relay;
  relay.forwardTo(stun.port());
  DevicePeer ada(sharedServer(), freshRoom(), "ada");
  const std::string url = "stun:127.0.0.1:" + std::to_string(relay.port());
  const DevicePeer::Adjust askStun = [&](TransportOptions& options) {
    options.iceServers.emplace_back(std::vector<std::string>{url});
  };
  co_await ada.connect(askStun);
  co_await ada.join();
  co_await ada.produce();
  co_await ada.sends();
  CHECK(relay.stunRequests() > 0);
  co_await ada.leave();
}

}  // namespace

TEST_CASE("with the policy relay all media goes through a TURN server") {
  runTest(relaysAllMedia("udp"), 60s);
}

TEST_CASE("a TURN server is reached over TCP") { runTest(relaysAllMedia("tcp"), 60s); }

TEST_CASE("a TURN server that refuses fails the connection, until it is given what it wants") {
  runTest(failsWithWrongCredentials(), 90s);
}

TEST_CASE("a room is joined through the relay that its address names") {
  runTest(joinsThroughARelay(), 60s);
}

TEST_CASE("a room is joined over TCP when its address says so") { runTest(joinsOverTcp(), 60s); }

TEST_CASE("a STUN server is asked for our address") { runTest(asksTheStunServer(), 60s); }
