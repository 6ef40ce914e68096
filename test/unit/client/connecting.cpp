// What the server is told when a transport connects, and what the app hears of the connection.
#include "cosoup/webrtc/certificate.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/sections.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

std::vector<std::string> protocols(const std::vector<IceCandidate>& candidates) {
  std::vector<std::string> result;
  for (const IceCandidate& candidate : candidates) result.push_back(candidate.protocol);
  return result;
}

TransportParameters withRole(DtlsRole role) {
  TransportParameters parameters = transportParameters();
  parameters.dtlsParameters.role = role;
  return parameters;
}

struct Roles {
  DtlsRole told;
  std::string answered;
};

Task<Roles> sendRoles(DtlsRole serverRole) {
  FakeCall call;
  const auto transport = call.device.createSendTransport(
      withRole(serverRole), call.connectHandler(), call.produceHandler());
  co_await transport->connect();
  Roles roles{call.connected.at(0).role, call.peer().remote().sections.at(0).setup};
  co_await transport->close();
  co_return roles;
}

Task<Roles> recvRoles(DtlsRole serverRole) {
  FakeCall call;
  const auto transport =
      call.device.createRecvTransport(withRole(serverRole), call.connectHandler());
  co_await transport->connect();
  Roles roles{call.connected.at(0).role, call.peer().remote().sections.at(0).setup};
  co_await transport->close();
  co_return roles;
}

}  // namespace

TEST_CASE("the server is told the certificate's fingerprint") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    co_await transport->connect();
    REQUIRE(call.connected.size() == 1);
    const std::vector<DtlsFingerprint> expected = {dtlsCertificate().fingerprint};
    CHECK(call.connected[0].fingerprints == expected);
    co_await transport->close();
  }());
}

TEST_CASE("sending we are the DTLS server, unless the server insists on a role") {
  runTest([]() -> Task<> {
    const Roles open = co_await sendRoles(DtlsRole::automatic);
    CHECK(open.told == DtlsRole::server);
    CHECK(open.answered == "active");
    const Roles server = co_await sendRoles(DtlsRole::server);
    CHECK(server.told == DtlsRole::client);
    CHECK(server.answered == "passive");
    const Roles client = co_await sendRoles(DtlsRole::client);
    CHECK(client.told == DtlsRole::server);
    CHECK(client.answered == "active");
  }());
}

TEST_CASE("receiving we are the DTLS client, unless the server insists on a role") {
  runTest([]() -> Task<> {
    const Roles open = co_await recvRoles(DtlsRole::automatic);
    CHECK(open.told == DtlsRole::client);
    CHECK(open.answered == "actpass");
    const Roles client = co_await recvRoles(DtlsRole::client);
    CHECK(client.told == DtlsRole::server);
    CHECK(client.answered == "actpass");
  }());
}

TEST_CASE("the server is told once however often and by what a transport is connected") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto send = call.sendTransport();
    co_await send->connect();
    co_await send->connect();
    co_await send->produce(ProduceOptions(opusTrack()));
    CHECK(call.connected.size() == 1);
    const auto recv = call.recvTransport();
    co_await recv->consume(audioConsumer(1000));
    co_await recv->connect();
    CHECK(call.connected.size() == 2);
    co_await send->close();
    co_await recv->close();
  }());
}

TEST_CASE("a transport connects by its data slot before there is any media") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto send = call.sendTransport();
    co_await send->connect();
    REQUIRE(call.peer().local().sections.size() == 1);
    CHECK(call.peer().local().sections[0].media == "application");
    CHECK(call.peer().local().sections[0].maxMessageSize == 262144U);
    const auto recv = call.recvTransport();
    co_await recv->connect();
    REQUIRE(call.peer().remote().sections.size() == 1);
    CHECK(call.peer().remote().sections[0].media == "application");
    CHECK(sectionsOf(*recv) == 1);
    co_await send->close();
    co_await recv->close();
  }());
}

TEST_CASE("without SCTP there is nothing to connect by before the first media") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport(false);
    co_await transport->connect();
    CHECK(call.connected.empty());
    CHECK(call.steps->noted().empty());
    co_await transport->produce(ProduceOptions(opusTrack()));
    CHECK(call.connected.size() == 1);
    REQUIRE(call.peer().local().sections.size() == 1);
    CHECK(call.peer().local().sections[0].mid == "audio0");
    co_await transport->close();
  }());
}

TEST_CASE("the server is asked while the first descriptions are negotiated") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    call.steps->hold("connect");
    Scope scope;
    scope.spawn(transport->connect());
    co_await eventually("the descriptions are set",
                        [&] { return call.peer().descriptions().size() == 2; });
    CHECK(call.steps->isHeld());
    CHECK(scope.running() == 1);
    call.steps->release();
    co_await scope.join();
    co_await transport->close();
  }());
}

TEST_CASE("a connect handler that fails fails every connect, produce and consume") {
  runTest([]() -> Task<> {
    FakeCall call;
    call.steps->fail("connect", Error(Error::Code::Rejected, "no", 403));
    const auto send = call.sendTransport();
    for (int i = 0; i < 2; ++i) {
      const Error connect = co_await errorOf(send->connect());
      CHECK(connect.code() == Error::Code::Rejected);
      CHECK(connect.errorCode() == 403);
      const Error produce = co_await errorOf(send->produce(ProduceOptions(opusTrack())));
      CHECK(produce.errorCode() == 403);
    }
    call.steps->fail("connect", Error(Error::Code::Rejected, "no", 404));
    const auto recv = call.recvTransport();
    const Error first = co_await errorOf(recv->consume(audioConsumer(1000)));
    CHECK(first.errorCode() == 404);
    const Error second = co_await errorOf(recv->consume(audioConsumer(2000)));
    CHECK(second.errorCode() == 404);
    CHECK(call.connected.size() == 2);
    co_await send->close();
    co_await recv->close();
  }());
}

TEST_CASE("TCP is tried when UDP has had its time, and not when UDP has connected") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto slow = call.sendTransport();
    const auto quick = call.sendTransport();
    const auto& slowPeer = *call.peers.at(0);
    CHECK(protocols(slowPeer.preparedFor()) == std::vector<std::string>{"udp"});
    co_await quick->connect();
    call.peers.at(1)->changeConnectionState(ConnectionState::connected);
    co_await slow->connect();
    CHECK(slowPeer.remote().sections.at(0).media == "application");
    call.peers.at(0)->changeConnectionState(ConnectionState::connecting);
    co_await eventually("TCP is tried", [&] { return !slowPeer.addedCandidates().empty(); });
    CHECK(protocols(slowPeer.addedCandidates()) == std::vector<std::string>{"tcp"});
    CHECK(call.peers.at(1)->addedCandidates().empty());
    co_await slow->close();
    co_await quick->close();
  }());
}

TEST_CASE("a server that has only TCP is connected to by TCP at once") {
  runTest([]() -> Task<> {
    FakeCall call;
    TransportParameters parameters = transportParameters();
    parameters.iceCandidates.erase(parameters.iceCandidates.begin());
    const auto transport = call.device.createRecvTransport(parameters, call.connectHandler());
    CHECK(protocols(call.peer().preparedFor()) == std::vector<std::string>{"tcp"});
    co_await transport->close();
  }());
}
