// The ways of the low-level transports to a real server: restarts, relays, roles, protocols.
#include "integration/device_peer.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/udp_relay.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kLimit = 30s;

std::vector<std::string> serverBehind(const UdpRelay& relay) {
  return {"--insecure-ws", "--announced-rtc-port", std::to_string(relay.port()),
          "--ice-consent-timeout", "60"};
}

/// Needs a mediasoup with WebRtcServer: before, each transport has a port of its own.
Task<> forward(UdpRelay& relay, RoomServer& server) {
  const Json about = co_await server.about();
  relay.forwardTo(about.get<Json>("rtcPorts").get<std::uint16_t>("udp"));
}

Task<bool> hasSeen(UdpRelay& relay, std::string ufrag) { co_return relay.hasSeenUfrag(ufrag); }

Task<> isChecked(UdpRelay& relay, std::string ufrag) {
  return eventually(
      "the new credentials are used", [&relay, ufrag] { return hasSeen(relay, ufrag); }, kLimit);
}

// ---- ICE restart -------------------------------------------------------------------------------

Task<> restartsUnderTraffic() {
  UdpRelay relay;
  RoomServer server(serverBehind(relay));
  co_await forward(relay, server);
  DeviceCall call(server);
  co_await call.begin();
  co_await call.flows();
  const std::uint64_t handshake = relay.handshakePackets();
  CHECK(handshake > 0);
  for (int i = 0; i < 3; ++i) {
    const std::string sendUfrag = co_await call.ada.restartSend();
    const std::string recvUfrag = co_await call.bob.restartRecv();
    co_await isChecked(relay, sendUfrag);
    co_await isChecked(relay, recvUfrag);
    co_await call.flows();
  }
  CHECK(relay.handshakePackets() == handshake);
  CHECK(call.ada.send->connectionState() == ConnectionState::connected);
  CHECK(call.bob.recv->connectionState() == ConnectionState::connected);
  co_await call.end();
}

Task<> negotiatesAfterARestart() {
  UdpRelay relay;
  RoomServer server(serverBehind(relay));
  co_await forward(relay, server);
  DeviceCall call(server);
  co_await call.begin();
  co_await call.flows();
  const std::string recvUfrag = co_await call.bob.restartRecv();
  co_await isChecked(relay, recvUfrag);
  // More consumers want a new description, which names the ICE credentials.
  DevicePeer eve(server, call.room, "eve");
  co_await eve.connect();
  co_await eve.join();
  co_await eve.produce();
  co_await call.bob.receives(4);
  // The consent checks, every 4 to 6 s, go on in the name of the new ones.
  relay.forgetUfrags();
  co_await isChecked(relay, recvUfrag);
  co_await call.bob.receives(4);
  co_await eve.leave();
  co_await call.end();
}

Task<> restartsBeforeConnecting() {
  DeviceCall call(sharedServer());
  co_await call.ada.connect();
  co_await call.bob.connect();
  co_await call.ada.restartSend();
  co_await call.bob.restartRecv();
  co_await call.ada.join();
  co_await call.bob.join();
  co_await call.ada.produce();
  co_await call.flows();
  co_await call.end();
}

/// Counts how often somebody joins anew from now on.
Connection countReconnections(Member& member, int& count) {
  member.client.reconnect.enabled = true;
  member.client.reconnect.iceTimeout = kLimit;
  return member.client.events().on<event::Reconnecting>(
      [&count](const event::Reconnecting&) { ++count; });
}

template <class Transport>
Connection whenFailed(Transport& transport, Deferred<> failed) {
  return transport.connectionStateChanged.connect([failed](ConnectionState state) mutable {
    if (state == ConnectionState::failed) failed.resolve();
  });
}

Task<> repairsALostPath() {
  UdpRelay relay;
  RoomServer server(serverBehind(relay));
  co_await forward(relay, server);
  Member ada(server, freshRoom(), "ada");
  Member bob(server, ada.room, "bob");
  int reconnections = 0;
  const Connection adas = countReconnections(ada, reconnections);
  const Connection bobs = countReconnections(bob, reconnections);
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.receives(2);
  const auto consumers = bob.consumers;
  const auto sending = ada.client.sendTransport();
  const auto receiving = bob.client.recvTransport();
  const Deferred<> sendingFailed;
  const Deferred<> receivingFailed;
  const Connection first = whenFailed(*sending, sendingFailed);
  const Connection second = whenFailed(*receiving, receivingFailed);
  relay.cut(true);
  co_await withTimeout(40s, sendingFailed.wait(), "the loss is noticed by who sends");
  co_await withTimeout(40s, receivingFailed.wait(), "the loss is noticed by who receives");
  relay.cut(false);
  co_await bob.receives(2);
  CHECK(ada.client.sendTransport() == sending);
  CHECK(bob.client.recvTransport() == receiving);
  CHECK(bob.consumers == consumers);
  CHECK(reconnections == 0);
  co_await leaveAll(ada, bob);
}

// ---- DTLS roles, TCP, IPv6 ----------------------------------------------------------------------

Task<> playsTheRole(DtlsRole serverRole) {
  DeviceCall call(sharedServer());
  const DevicePeer::Adjust insist = [&](TransportOptions& options) {
    options.parameters.dtlsParameters.role = serverRole;
  };
  co_await call.begin(insist);
  co_await call.flows();
  co_await call.end();
}

Task<> connectsOver(std::vector<std::string> options, std::string protocol, std::string address) {
  options.insert(options.begin(), "--insecure-ws");
  RoomServer server(options);
  DeviceCall call(server);
  co_await call.begin();
  co_await call.flows();
  const Json seen = co_await call.bob.transportAtServer("recv");
  CHECK(seen.get<Json>("iceSelectedTuple").get<std::string>("protocol") == protocol);
  const RtcStatsReport report = co_await call.bob.recv->getStats();
  REQUIRE(report.selectedCandidatePair);
  CHECK(report.selectedCandidatePair->local.protocol == protocol);
  CHECK(report.selectedCandidatePair->remote.address == address);
  co_await call.end();
}

// ---- statistics --------------------------------------------------------------------------------

Task<bool> isReportedOn(SendTransport& transport) {
  const RtcStatsReport report = co_await transport.getStats();
  co_return !report.remoteInbound.empty();
}

std::int64_t packetsOf(const Json& peer, const Producer& producer) {
  for (const Json& each : peer.list("producers")) {
    if (each.get<std::string>("id") != producer.id()) continue;
    return each.get<Json>("stats").get<std::int64_t>("packetCount");
  }
  return 0;
}

Task<> checkSent(DeviceCall& call) {
  const Json before = co_await call.ada.server.peer(call.room, "ada");
  const RtcStatsReport sent = co_await call.ada.send->getStats();
  const Json after = co_await call.ada.server.peer(call.room, "ada");
  for (const auto& producer : call.ada.producers) {
    const RtcStatsReport own = producer->getStats();
    REQUIRE(own.outbound.size() == 1);
    const OutboundRtpStats* stats = sent.outboundOf(own.outbound.front().ssrc);
    REQUIRE(stats);
    CHECK(own.outbound.front().packetsSent >= stats->packetsSent);
    // What is still under way is not there yet; more than we sent cannot be.
    CHECK(packetsOf(before, *producer) <= static_cast<std::int64_t>(stats->packetsSent));
    CHECK(packetsOf(after, *producer) > 0);
  }
  CHECK(sent.inbound.empty());
  REQUIRE(sent.selectedCandidatePair);
  CHECK(sent.selectedCandidatePair->remote.address == "127.0.0.1");
  CHECK(sent.raw.keys().size() > 3);
  for (const RemoteInboundRtpStats& report : sent.remoteInbound) {
    CHECK(sent.outboundOf(report.ssrc));
    CHECK(report.fractionLost <= 1);
  }
}

Task<> checkReceived(DeviceCall& call) {
  const RtcStatsReport received = co_await call.bob.recv->getStats();
  for (const auto& consumer : call.bob.consumers) {
    const std::uint32_t ssrc = *consumer->rtpParameters().encodings.front().ssrc;
    const InboundRtpStats* stats = received.inboundOf(ssrc);
    REQUIRE(stats);
    CHECK(stats->packetsReceived > 0);
    CHECK(stats->bytesReceived > stats->packetsReceived);
    CHECK(stats->jitter < 1);
    const RtcStatsReport own = consumer->getStats();
    REQUIRE(own.inboundOf(ssrc));
    CHECK(own.inboundOf(ssrc)->packetsReceived >= stats->packetsReceived);
    CHECK(own.inbound.size() <= 2);  // and its retransmissions
    const auto packets = static_cast<double>(consumer->counters().packets);
    CHECK(static_cast<double>(own.inboundOf(ssrc)->packetsReceived) >= 0.5 * packets);
  }
}

Task<> agreesWithTheServersStatistics() {
  DeviceCall call(sharedServer());
  co_await call.begin();
  co_await call.flows();
  co_await eventually("the server has reported", [&] { return isReportedOn(*call.ada.send); });
  co_await checkSent(call);
  co_await checkReceived(call);
  co_await call.end();
}

}  // namespace

TEST_CASE("an ICE restart under traffic keeps media flowing and DTLS as it is, both ways",
          "[newer-mediasoup]") {
  runTest(restartsUnderTraffic(), 90s);
}

TEST_CASE("negotiations after an ICE restart keep its credentials", "[newer-mediasoup]") {
  runTest(negotiatesAfterARestart(), 90s);
}

TEST_CASE("an ICE restart before the first negotiation changes what that uses") {
  runTest(restartsBeforeConnecting(), 60s);
}

TEST_CASE("a lost path is repaired by an ICE restart, without joining again",
          "[dialect][newer-mediasoup]") {
  runTest(repairsALostPath(), 120s);
}

TEST_CASE("a server that insists on being the DTLS client makes us the server") {
  runTest(playsTheRole(DtlsRole::client), 60s);
}

TEST_CASE("a server that insists on being the DTLS server makes us the client") {
  runTest(playsTheRole(DtlsRole::server), 60s);
}

TEST_CASE("a server that has only TCP is reached, and the statistics say so") {
  runTest(connectsOver({"--ice-tcp-only"}, "tcp", "127.0.0.1"), 60s);
}

TEST_CASE("a server on IPv6 is reached") {
  runTest(connectsOver({"--host", "::1"}, "udp", "::1"), 60s);
}

TEST_CASE("the statistics agree with the server's", "[dialect]") {
  runTest(agreesWithTheServersStatistics(), 60s);
}
