#include "unit/client/fake_call.hpp"

#include <algorithm>
#include "cosoup/client/device_internals.hpp"

namespace cosoup::test {

std::shared_ptr<Track> trackOf(MediaKind kind, const std::string& caps) {
  ensureGStreamer();
  auto track = std::make_shared<Track>(kind);
  track->setCaps(Ref<GstCaps>::adopt(gst_caps_from_string(caps.c_str())));
  return track;
}

std::shared_ptr<Track> opusTrack() {
  return trackOf(MediaKind::audio,
                 "audio/x-opus, rate=48000, channels=2, channel-mapping-family=0");
}

std::shared_ptr<Track> vp8Track() {
  return trackOf(MediaKind::video, "video/x-vp8, width=640, height=480, framerate=30/1");
}

std::shared_ptr<Track> rawVideoTrack() {
  return trackOf(MediaKind::video, "video/x-raw, format=I420, width=64, height=48, framerate=15/1");
}

bool hasExtension(const RtpParameters& parameters, const char* part) {
  return std::any_of(
      parameters.headerExtensions.begin(), parameters.headerExtensions.end(),
      [&](const auto& extension) { return extension.uri.find(part) != std::string::npos; });
}

FakeCall::FakeCall(DeviceOptions options)
    : device([&] {
        DeviceOptions::Internals::setPeerConnections(options, [this](bool receives) {
          peers.push_back(std::make_shared<FakePeerConnection>(receives, steps));
          return peers.back();
        });
        return std::move(options);
      }()) {
  device.load(routerCapabilities());
}

ConnectHandler FakeCall::connectHandler() {
  return [this](DtlsParameters parameters) { return onConnect(std::move(parameters)); };
}

ProduceHandler FakeCall::produceHandler() {
  return [this](MediaKind kind, RtpParameters parameters, Json appData) {
    return onProduce(kind, std::move(parameters), std::move(appData));
  };
}

ProduceDataHandler FakeCall::produceDataHandler() {
  return [this](SctpStreamParameters parameters, std::string label, std::string protocol,
                Json appData) {
    return onProduceData(
        ProducedData{parameters, std::move(label), std::move(protocol), std::move(appData)});
  };
}

std::shared_ptr<SendTransport> FakeCall::sendTransport(bool withData) {
  return device.createSendTransport(transportParameters(withData), connectHandler(),
                                    produceHandler(), produceDataHandler());
}

std::shared_ptr<RecvTransport> FakeCall::recvTransport(bool withData) {
  return device.createRecvTransport(transportParameters(withData), connectHandler());
}

Task<> FakeCall::onConnect(DtlsParameters parameters) {
  connected.push_back(std::move(parameters));
  co_await steps->pass("connect");
}

Task<std::string> FakeCall::onProduce(MediaKind kind, RtpParameters parameters, Json appData) {
  produced.push_back(Produced{kind, std::move(parameters), std::move(appData)});
  const std::string id = "producer " + std::to_string(produced.size());
  co_await steps->pass("produce");
  co_return id;
}

Task<std::string> FakeCall::onProduceData(ProducedData asked) {
  producedData.push_back(std::move(asked));
  const std::string id = "data producer " + std::to_string(producedData.size());
  co_await steps->pass("produceData");
  co_return id;
}

Error errorOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("the call did not fail");
}

}  // namespace cosoup::test
