#include "cosoup/client/device.hpp"

#include "support/catch.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

Task<> connectNothing(DtlsParameters) { co_return; }
Task<std::string> produceNothing(MediaKind, RtpParameters, Json) { co_return "producer"; }

RtpCapabilities malformed() {
  RtpCapabilities capabilities = routerCapabilities();
  capabilities.codecs.front().preferredPayloadType.reset();
  return capabilities;
}

std::vector<std::uint8_t> payloadTypes(const RtpCapabilities& capabilities) {
  std::vector<std::uint8_t> types;
  for (const auto& codec : capabilities.codecs) types.push_back(codec.preferredPayloadType.value());
  return types;
}

}  // namespace

TEST_CASE("a device that is not loaded can be asked nothing") {
  Device device;
  CHECK_FALSE(device.isLoaded());
  const std::map<std::string, std::function<void()>> calls = {
      {"recvRtpCapabilities", [&] { device.recvRtpCapabilities(); }},
      {"sendRtpCapabilities", [&] { device.sendRtpCapabilities(); }},
      {"sctpCapabilities", [&] { device.sctpCapabilities(); }},
      {"canProduce", [&] { device.canProduce(MediaKind::audio); }},
      {"createSendTransport",
       [&] { device.createSendTransport(transportParameters(), connectNothing, produceNothing); }},
      {"createRecvTransport",
       [&] { device.createRecvTransport(transportParameters(), connectNothing); }},
  };
  for (const auto& [name, call] : calls) {
    const Error error = errorOf(call);
    CHECK(error.code() == Error::Code::InvalidState);
    CHECK(error.what() == name + ": the device is not loaded");
  }
}

TEST_CASE("a device refuses malformed capabilities, stays unloaded and can then be loaded") {
  Device device;
  const Error error = errorOf([&] { device.load(malformed()); });
  CHECK(error.code() == Error::Code::InvalidArgument);
  CHECK(error.what() == std::string("load: codec audio/opus has no payload type"));
  CHECK_FALSE(device.isLoaded());
  device.load(routerCapabilities());
  CHECK(device.isLoaded());
}

TEST_CASE("a device is loaded once") {
  Device device;
  device.load(routerCapabilities());
  const Error error = errorOf([&] { device.load(routerCapabilities()); });
  CHECK(error.code() == Error::Code::InvalidState);
  CHECK(error.what() == std::string("load: the device is loaded already"));
  CHECK(device.canProduce(MediaKind::video));
}

TEST_CASE("a device can produce both kinds for a router that has both") {
  Device device;
  device.load(routerCapabilities());
  CHECK(device.canProduce(MediaKind::audio));
  CHECK(device.canProduce(MediaKind::video));
}

TEST_CASE("a device cannot produce a kind of which the router has no codec") {
  RtpCapabilities router = routerCapabilities();
  std::erase_if(router.codecs, [](const auto& codec) { return codec.kind == MediaKind::audio; });
  Device device;
  device.load(router);
  CHECK_FALSE(device.canProduce(MediaKind::audio));
  CHECK(device.canProduce(MediaKind::video));
}

TEST_CASE("a router without codecs loads, and nothing can be produced") {
  Device device;
  device.load(RtpCapabilities());
  CHECK_FALSE(device.canProduce(MediaKind::audio));
  CHECK_FALSE(device.canProduce(MediaKind::video));
  CHECK(device.recvRtpCapabilities() == RtpCapabilities());
}

TEST_CASE("a device receives the router's payload types and sends its own") {
  DeviceOptions options;
  options.localCapabilities = RtpCapabilities();
  options.localCapabilities->codecs = {
      {MediaKind::video, "video/vp8", 77, 90000, std::nullopt, {}, {}}};
  Device device(std::move(options));
  device.load(routerCapabilities());
  CHECK(payloadTypes(device.recvRtpCapabilities()) == std::vector<std::uint8_t>{101});
  CHECK(device.rtpCapabilities() == device.recvRtpCapabilities());
  CHECK(payloadTypes(device.sendRtpCapabilities()) == std::vector<std::uint8_t>{77});
}

TEST_CASE("a device prefers its own order of codecs when it is told to") {
  DeviceOptions options;
  options.preferLocalCodecsOrder = true;
  options.localCapabilities = RtpCapabilities();
  options.localCapabilities->codecs = {
      {MediaKind::video, "video/VP9", 98, 90000, std::nullopt, {}, {}},
      {MediaKind::video, "video/VP8", 96, 90000, std::nullopt, {}, {}}};
  Device device(std::move(options));
  device.load(routerCapabilities());
  CHECK(payloadTypes(device.sendRtpCapabilities()) == std::vector<std::uint8_t>{98, 96});
}

TEST_CASE("a header extension that the local capabilities lack is not used") {
  constexpr char kAbsSendTime[] = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
  const auto isUsed = [&](const RtpCapabilities& capabilities) {
    const auto& extensions = capabilities.headerExtensions;
    return std::any_of(extensions.begin(), extensions.end(),
                       [&](const auto& extension) { return extension.uri == kAbsSendTime; });
  };
  DeviceOptions options;
  Device plain;
  plain.load(routerCapabilities());
  CHECK(isUsed(plain.sendRtpCapabilities()));
  options.localCapabilities = plain.sendRtpCapabilities();
  std::erase_if(options.localCapabilities->headerExtensions,
                [&](const auto& extension) { return extension.uri == kAbsSendTime; });
  Device device(std::move(options));
  device.load(routerCapabilities());
  CHECK_FALSE(isUsed(device.sendRtpCapabilities()));
  CHECK_FALSE(isUsed(device.recvRtpCapabilities()));
}

TEST_CASE("a device has 1024 SCTP streams each way") {
  Device device;
  device.load(routerCapabilities());
  CHECK(device.sctpCapabilities() == SctpCapabilities{{1024, 1024}});
}

TEST_CASE("a transport is refused when a handler is missing") {
  Device device;
  device.load(routerCapabilities());
  const auto create = [&](ConnectHandler connect, ProduceHandler produce) {
    return errorOf([&] { device.createSendTransport(transportParameters(), connect, produce); });
  };
  CHECK(create(nullptr, produceNothing).code() == Error::Code::InvalidArgument);
  CHECK(create(connectNothing, nullptr).code() == Error::Code::InvalidArgument);
  const Error recv = errorOf([&] { device.createRecvTransport(transportParameters(), nullptr); });
  CHECK(recv.code() == Error::Code::InvalidArgument);
}

TEST_CASE("a send transport's connection sends and a receive transport's receives") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto send = call.sendTransport();
    const auto recv = call.recvTransport();
    CHECK_FALSE(call.peers.at(0)->receives());
    CHECK(call.peers.at(1)->receives());
    CHECK(send->connectionState() == ConnectionState::fresh);
    CHECK(recv->connectionState() == ConnectionState::fresh);
    CHECK_FALSE(send->isClosed());
    CHECK(call.steps->noted().empty());
    co_await send->close();
    co_await recv->close();
  }());
}
