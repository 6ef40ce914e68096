// What a device says to arguments that make no sense.
#include <functional>
#include <map>

#include "cosoup/client/device.hpp"
#include "support/catch.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

using Change = std::function<void(TransportOptions&)>;

/// The faults of both kinds of transport, without the name of the operation.
std::string faultOf(FakeCall& call, const Change& change) {
  TransportOptions options(transportParameters());
  change(options);
  const Error send = errorOf([&] {
    call.device.createSendTransport(options, call.connectHandler(), call.produceHandler());
  });
  const Error recv =
      errorOf([&] { call.device.createRecvTransport(options, call.connectHandler()); });
  CHECK(send.code() == recv.code());
  const std::string prefix = "createSendTransport: ";
  const std::string fault = std::string(send.what()).substr(prefix.size());
  CHECK(send.what() == prefix + fault);
  CHECK(recv.what() == "createRecvTransport: " + fault);
  return fault;
}

// clang-format off
const std::map<std::string, Change> kFaults = {
    {"'id' is empty", [](auto& o) { o.parameters.id.clear(); }},
    {"iceParameters: 'usernameFragment' is empty",
     [](auto& o) { o.parameters.iceParameters.usernameFragment.clear(); }},
    {"iceParameters: 'password' is empty", [](auto& o) { o.parameters.iceParameters.password.clear(); }},
    {"iceParameters: 'password' holds a blank", [](auto& o) { o.parameters.iceParameters.password = "a b"; }},
    {"iceParameters: 'usernameFragment' holds control characters",
     [](auto& o) { o.parameters.iceParameters.usernameFragment = "a\r\na=x"; }},
    {"'iceCandidates' is empty", [](auto& o) { o.parameters.iceCandidates.clear(); }},
    {"iceCandidates[0]: 'foundation' is empty", [](auto& o) { o.parameters.iceCandidates[0].foundation.clear(); }},
    {"iceCandidates[1]: 'address' is empty", [](auto& o) { o.parameters.iceCandidates[1].address.clear(); }},
    {"iceCandidates[0]: 'port' is out of range", [](auto& o) { o.parameters.iceCandidates[0].port = 0; }},
    {"iceCandidates[0]: 'protocol' is neither udp nor tcp",
     [](auto& o) { o.parameters.iceCandidates[0].protocol = "sctp"; }},
    {"iceCandidates[0]: 'type' is empty", [](auto& o) { o.parameters.iceCandidates[0].type.clear(); }},
    {"dtlsParameters: 'fingerprints' is empty", [](auto& o) { o.parameters.dtlsParameters.fingerprints.clear(); }},
    {"dtlsParameters: fingerprints[0]: 'algorithm' is empty",
     [](auto& o) { o.parameters.dtlsParameters.fingerprints[0].algorithm.clear(); }},
    {"dtlsParameters: fingerprints[0]: 'value' is not a fingerprint",
     [](auto& o) { o.parameters.dtlsParameters.fingerprints[0].value = "AA:B"; }},
    {"sctpParameters: 'port' is out of range", [](auto& o) { o.parameters.sctpParameters->port = 0; }},
    {"sctpParameters: 'OS' is out of range", [](auto& o) { o.parameters.sctpParameters->OS = 0; }},
    {"sctpParameters: 'MIS' is out of range", [](auto& o) { o.parameters.sctpParameters->MIS = 0; }},
    {"'appData' is not an object", [](auto& o) { o.appData = Json("text"); }},
    {"iceServers[0]: 'http://x' begins with neither stun:, turn: nor turns:",
     [](auto& o) { o.iceServers.emplace_back(std::vector<std::string>{"http://x"}); }},
    {"iceServers[0]: 'credential' is empty",
     [](auto& o) { o.iceServers.emplace_back(std::vector<std::string>{"turn:x"}, "ada"); }},
    {"'iceTransportPolicy' is relay, and 'iceServers' has no TURN server",
     [](auto& o) { o.iceTransportPolicy = IceTransportPolicy::relay; }},
};
// clang-format on

Task<> makesATransport(FakeCall& call) {
  const auto transport = call.sendTransport();
  CHECK(transport->id() == "transport");
  co_await transport->connect();
  co_await transport->close();
}

}  // namespace

TEST_CASE("each field of a transport that makes no sense is refused by name, the device goes on") {
  FakeCall call;
  for (const auto& [fault, change] : kFaults) CHECK(faultOf(call, change) == fault);
  CHECK(call.peers.empty());
  runTest(makesATransport(call));
}

TEST_CASE("a transport is made without changing what it was made of") {
  runTest([]() -> Task<> {
    FakeCall call;
    TransportOptions options(transportParameters());
    options.appData = Json::object({{"color", "blue"}});
    const TransportOptions before = options;
    const auto transport = call.device.createRecvTransport(options, call.connectHandler());
    co_await transport->connect();
    CHECK(options.parameters == before.parameters);
    CHECK(options.appData == before.appData);
    CHECK(transport->appData() == before.appData);
    CHECK(transport->direction() == TransportDirection::recv);
    co_await transport->close();
  }());
}

TEST_CASE("a transport's appData is an empty object by itself") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    CHECK(transport->appData() == Json::object());
    CHECK(transport->direction() == TransportDirection::send);
    co_await transport->close();
  }());
}

TEST_CASE("router capabilities with a fault are refused by name, the device can be loaded then") {
  const std::map<std::string, std::function<void(RtpCapabilities&)>> faults = {
      {"load: codecs[0]: 'mimeType' is empty",
       [](auto& router) { router.codecs[0].mimeType = ""; }},
      {"load: codecs[1]: 'mimeType' is not of the form kind/name",
       [](auto& router) { router.codecs[1].mimeType = "VP8"; }},
      {"load: codecs[1]: 'clockRate' is out of range",
       [](auto& router) { router.codecs[1].clockRate = 0; }},
      {"load: codecs[1]: 'preferredPayloadType' is out of range",
       [](auto& router) { router.codecs[1].preferredPayloadType = 128; }},
      {"load: headerExtensions[0]: 'uri' is empty",
       [](auto& router) { router.headerExtensions[0].uri = ""; }},
      {"load: headerExtensions[0]: 'preferredId' is out of range",
       [](auto& router) { router.headerExtensions[0].preferredId = 0; }},
  };
  Device device;
  for (const auto& [fault, change] : faults) {
    RtpCapabilities router = routerCapabilities();
    change(router);
    const RtpCapabilities before = router;
    const Error error = errorOf([&] { device.load(router); });
    CHECK(error.code() == Error::Code::InvalidArgument);
    CHECK(error.what() == fault);
    CHECK(router == before);
    CHECK_FALSE(device.isLoaded());
  }
  device.load(routerCapabilities());
  CHECK(device.isLoaded());
}

TEST_CASE("a device tells of its transports") {
  runTest([]() -> Task<> {
    FakeCall call;
    std::shared_ptr<SendTransport> send;
    std::shared_ptr<RecvTransport> recv;
    const Connection sending = call.device.newSendTransport.connect(
        [&](std::shared_ptr<SendTransport> made) { send = std::move(made); });
    const Connection receiving = call.device.newRecvTransport.connect(
        [&](std::shared_ptr<RecvTransport> made) { recv = std::move(made); });
    const auto first = call.sendTransport();
    CHECK(send == first);
    CHECK_FALSE(recv);
    const auto second = call.recvTransport();
    CHECK(recv == second);
    co_await first->close();
    co_await second->close();
  }());
}

namespace {

constexpr char kTimeOffset[] = "urn:ietf:params:rtp-hdrext:toffset";

bool hasExtension(const RtpCapabilities& capabilities, const std::string& uri) {
  return std::any_of(capabilities.headerExtensions.begin(), capabilities.headerExtensions.end(),
                     [&](const auto& extension) { return extension.uri == uri; });
}

}  // namespace

TEST_CASE("a header extension of the app's own is used when the router has it, too") {
  DeviceOptions options;
  RtpHeaderExtension offset;
  offset.kind = MediaKind::video;
  offset.uri = kTimeOffset;
  RtpHeaderExtension unknown;
  unknown.uri = "urn:example:unknown";
  options.headerExtensions = {offset, unknown};
  Device device(std::move(options));
  device.load(routerCapabilities());
  CHECK(hasExtension(device.recvRtpCapabilities(), kTimeOffset));
  CHECK(hasExtension(device.sendRtpCapabilities(), kTimeOffset));
  CHECK_FALSE(hasExtension(device.recvRtpCapabilities(), unknown.uri));
  Device plain;
  plain.load(routerCapabilities());
  CHECK_FALSE(hasExtension(plain.recvRtpCapabilities(), kTimeOffset));
}

TEST_CASE("a header extension that only the app can write is negotiated, and left to the app") {
  runTest([]() -> Task<> {
    RtpHeaderExtension toffset;
    toffset.uri = "urn:ietf:params:rtp-hdrext:toffset";
    DeviceOptions options;
    options.headerExtensions = {toffset};
    FakeCall call(std::move(options));
    const auto transport = call.sendTransport();
    const auto producer = co_await transport->produce(ProduceOptions(vp8Track()));
    CHECK(hasExtension(producer->rtpParameters(), "toffset"));
    co_await transport->close();
  }());
}

TEST_CASE("a header extension whose id is taken is refused") {
  DeviceOptions options;
  RtpHeaderExtension offset;
  offset.uri = kTimeOffset;
  offset.preferredId = 1;
  options.headerExtensions = {offset};
  Device device(std::move(options));
  CHECK(errorOf([&] { device.load(routerCapabilities()); }).code() == Error::Code::InvalidArgument);
}
