// ICE restart, ICE servers and DTLS roles of transports.
#include "cosoup/async/emit_signal.hpp"
#include "cosoup/client/device.hpp"
#include "cosoup/webrtc/certificate.hpp"
#include "support/catch.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

const IceParameters kFresh{"freshUfrag", "freshPassword", true};

std::size_t mentions(const FakePeerConnection& peer, const std::string& text) {
  std::size_t found = 0;
  for (const auto& description : peer.descriptions()) {
    if (!description.isLocal && description.text.find(text) != std::string::npos) ++found;
  }
  return found;
}

template <class Transport>
Task<> restarts(FakeCall& call, std::shared_ptr<Transport> transport) {
  FakePeerConnection& peer = call.peer();
  co_await transport->connect();
  const std::size_t negotiated = peer.descriptions().size();
  co_await transport->restartIce(kFresh);
  REQUIRE(peer.restarts().size() == 1);
  CHECK(peer.restarts()[0].first == kFresh);
  CHECK(peer.restarts()[0].second == peer.preparedFor());
  // Nothing is negotiated, and DTLS is not touched.
  CHECK(peer.descriptions().size() == negotiated);
  CHECK(call.connected.size() == 1);
  CHECK(mentions(peer, kFresh.usernameFragment) == 0);
}

}  // namespace

TEST_CASE("an ICE restart of a send transport reaches the agent and the descriptions to come") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    co_await restarts(call, transport);
    ProduceOptions options(opusTrack());
    co_await transport->produce(std::move(options));
    CHECK(mentions(call.peer(), "a=ice-ufrag:freshUfrag\r\na=ice-pwd:freshPassword\r\n") == 1);
    co_await transport->close();
  }());
}

TEST_CASE("an ICE restart of a receive transport reaches the agent and the descriptions to come") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    co_await restarts(call, transport);
    co_await transport->consume(audioConsumer(1000));
    CHECK(mentions(call.peer(), "a=ice-ufrag:freshUfrag\r\na=ice-pwd:freshPassword\r\n") == 1);
    co_await transport->close();
  }());
}

TEST_CASE("an ICE restart before the first negotiation is what that negotiates") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    co_await transport->restartIce(kFresh);
    CHECK(call.peer().restarts().empty());
    co_await transport->connect();
    CHECK(mentions(call.peer(), kFresh.usernameFragment) == 1);
    co_await transport->close();
  }());
}

TEST_CASE("an ICE restart waits for the negotiation that is going on") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    call.steps->hold("setLocalDescription");
    Scope scope;
    scope.spawn(transport->connect());
    co_await call.steps->untilHeld();
    scope.spawn(transport->restartIce(kFresh));
    CHECK(call.peer().restarts().empty());
    call.steps->release();
    co_await scope.join();
    CHECK(call.peer().restarts().size() == 1);
    co_await transport->close();
  }());
}

TEST_CASE("ICE parameters that make no sense are refused, and the transport goes on") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const Error error = co_await errorOf(transport->restartIce(IceParameters()));
    CHECK(error.code() == Error::Code::InvalidArgument);
    CHECK(error.what() == std::string("restartIce: 'usernameFragment' is empty"));
    co_await transport->connect();
    co_await transport->close();
  }());
}

TEST_CASE("ICE servers are given to the agent before it looks for addresses") {
  runTest([]() -> Task<> {
    FakeCall call;
    TransportOptions options(transportParameters());
    options.iceServers.emplace_back(std::vector<std::string>{"turn:turn.example"}, "ada", "secret");
    options.iceTransportPolicy = IceTransportPolicy::relay;
    const auto transport = call.device.createRecvTransport(options, call.connectHandler());
    CHECK(call.peer().iceServers() == readIceServers(options.iceServers));
    CHECK(call.peer().iceTransportPolicy() == IceTransportPolicy::relay);
    co_await transport->close();
  }());
}

namespace {

template <class Transport>
Task<> takesIceServers(FakeCall& call, std::shared_ptr<Transport> transport) {
  std::vector<IceServer> servers;
  servers.emplace_back(std::vector<std::string>{"stun:stun.example"});
  transport->updateIceServers(servers);
  CHECK(call.peer().iceServers() == readIceServers(servers));
  const std::vector<IceServer> wrong = {IceServer({"turn:x"})};
  const Error error = errorOf([&] { transport->updateIceServers(wrong); });
  CHECK(error.what() == std::string("updateIceServers: iceServers[0]: 'username' is empty"));
  CHECK(call.peer().iceServers() == readIceServers(servers));
  transport->updateIceServers({});
  CHECK(call.peer().iceServers().empty());
  co_await transport->close();
}

}  // namespace

TEST_CASE("ICE servers can be replaced, and taken away") {
  runTest([]() -> Task<> {
    FakeCall call;
    co_await takesIceServers(call, call.sendTransport());
    co_await takesIceServers(call, call.recvTransport());
  }());
}

TEST_CASE("a transport tells of a server that gave no address, while it is open") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto send = call.sendTransport();
    const auto recv = call.recvTransport();
    std::vector<std::string> urls;
    const auto tell = [&](const IceCandidateError& error) { urls.push_back(error.url); };
    const Connection first = send->iceCandidateError.connect(tell);
    const Connection second = recv->iceCandidateError.connect(tell);
    emitSignal(call.peers.at(0)->iceCandidateFailed, {"turn:host:1?transport=udp", "it refuses"});
    emitSignal(call.peers.at(1)->iceCandidateFailed, {"turn:host:2?transport=udp", "it refuses"});
    CHECK(urls ==
          std::vector<std::string>{"turn:host:1?transport=udp", "turn:host:2?transport=udp"});
    CHECK(send->connectionState() == ConnectionState::fresh);
    co_await send->close();
    co_await recv->close();
    emitSignal(call.peers.at(0)->iceCandidateFailed, {"turn:host:3?transport=udp", "it refuses"});
    CHECK(urls.size() == 2);
  }());
}

namespace {

/// The role that the server is told, and the setup of the description that says ours.
template <class Transport>
Task<> takesRole(FakeCall& call, std::shared_ptr<Transport> transport, DtlsRole role,
                 std::string setup) {
  co_await transport->connect();
  REQUIRE(call.connected.size() == 1);
  CHECK(call.connected[0].role == role);
  CHECK(call.connected[0].fingerprints.at(0).value == dtlsCertificate().fingerprint.value);
  const auto& descriptions = call.peer().descriptions();
  CHECK(descriptions.back().text.find("a=setup:" + setup + "\r\n") != std::string::npos);
  co_await transport->close();
}

TransportOptions insistingOn(DtlsRole role) {
  TransportOptions options(transportParameters());
  options.parameters.dtlsParameters.role = role;
  return options;
}

}  // namespace

TEST_CASE("a server that insists on a DTLS role leaves a send transport the other one") {
  // What ends the negotiation is the fabricated answer, which says the server's role.
  runTest([]() -> Task<> {
    FakeCall call;
    TransportOptions options = insistingOn(DtlsRole::client);
    const auto transport = call.device.createSendTransport(
        std::move(options), call.connectHandler(), call.produceHandler());
    co_await takesRole(call, transport, DtlsRole::server, "active");
  }());
  runTest([]() -> Task<> {
    FakeCall call;
    TransportOptions options = insistingOn(DtlsRole::server);
    const auto transport = call.device.createSendTransport(
        std::move(options), call.connectHandler(), call.produceHandler());
    co_await takesRole(call, transport, DtlsRole::client, "passive");
  }());
}

TEST_CASE("a server that insists on a DTLS role leaves a receive transport the other one") {
  // What ends the negotiation is our answer, which says our role.
  runTest([]() -> Task<> {
    FakeCall call;
    TransportOptions options = insistingOn(DtlsRole::client);
    const auto transport =
        call.device.createRecvTransport(std::move(options), call.connectHandler());
    co_await takesRole(call, transport, DtlsRole::server, "passive");
  }());
  runTest([]() -> Task<> {
    FakeCall call;
    TransportOptions options = insistingOn(DtlsRole::server);
    const auto transport =
        call.device.createRecvTransport(std::move(options), call.connectHandler());
    co_await takesRole(call, transport, DtlsRole::client, "active");
  }());
}

namespace {

template <class Transport>
Task<> refusesEverything(std::shared_ptr<Transport> transport) {
  const Error restart = co_await errorOf(transport->restartIce(kFresh));
  CHECK(restart.code() == Error::Code::InvalidState);
  CHECK(restart.what() == std::string("restartIce: the transport is closed"));
  const Error update = errorOf([&] { transport->updateIceServers({}); });
  CHECK(update.code() == Error::Code::InvalidState);
  const Error stats = co_await errorOf(transport->getStats());
  CHECK(stats.code() == Error::Code::InvalidState);
}

}  // namespace

TEST_CASE("a closed transport is not restarted, updated or measured") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto send = call.sendTransport();
    const auto recv = call.recvTransport();
    co_await recv->connect();
    co_await send->close();
    co_await recv->close();
    co_await refusesEverything(send);
    co_await refusesEverything(recv);
    CHECK(call.peers.at(0)->restarts().empty());
    CHECK(call.peers.at(1)->restarts().empty());
  }());
}
