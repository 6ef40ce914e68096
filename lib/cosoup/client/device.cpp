#include "cosoup/client/device.hpp"

#include "cosoup/client/transport_internals.hpp"
#include "cosoup/media/local_capabilities.hpp"
#include "cosoup/rtc/ortc.hpp"
#include "cosoup/webrtc/warm_up.hpp"

namespace cosoup {

struct Device::Loaded {
  ortc::ExtendedRtpCapabilities extended;
};

Device::Device(DeviceOptions options) : options_(std::move(options)) {}

Device::~Device() = default;

Task<> Device::warmUp() { return warmUpPeerConnections(); }

void Device::load(const RtpCapabilities& routerRtpCapabilities) {
  if (loaded_) throw Error(Error::Code::InvalidState, "load: the device is loaded already");
  const RtpCapabilities local =
      options_.localCapabilities ? *options_.localCapabilities : localRtpCapabilities();
  try {
    auto made = std::make_shared<Loaded>();
    made->extended = ortc::getExtendedRtpCapabilities(local, routerRtpCapabilities,
                                                      options_.preferLocalCodecsOrder);
    loaded_ = std::move(made);
  } catch (const Error& error) {
    throw error.within("load");
  }
}

bool Device::isLoaded() const { return loaded_ != nullptr; }

const Device::Loaded& Device::loaded(const char* operation) const {
  if (loaded_) return *loaded_;
  throw Error(Error::Code::InvalidState, std::string(operation) + ": the device is not loaded");
}

RtpCapabilities Device::rtpCapabilities() const {
  return ortc::receiveRtpCapabilities(loaded("rtpCapabilities").extended);
}

RtpCapabilities Device::sendRtpCapabilities() const {
  return ortc::sendRtpCapabilities(loaded("sendRtpCapabilities").extended);
}

SctpCapabilities Device::sctpCapabilities() const {
  loaded("sctpCapabilities");
  return SctpCapabilities();
}

bool Device::canProduce(MediaKind kind) const {
  return ortc::canSend(kind, loaded("canProduce").extended);
}

std::shared_ptr<SendTransport> Device::createSendTransport(TransportParameters parameters,
                                                           ConnectHandler onConnect,
                                                           ProduceHandler onProduce) {
  const Loaded& device = loaded("createSendTransport");
  if (!onConnect || !onProduce) {
    throw Error(Error::Code::InvalidArgument, "createSendTransport: a handler is missing");
  }
  try {
    return std::make_shared<SendTransport>(std::make_shared<SendTransport::Internals>(
        std::move(parameters), device.extended, std::move(onConnect), std::move(onProduce)));
  } catch (const Error& error) {
    throw error.within("createSendTransport");
  }
}

std::shared_ptr<RecvTransport> Device::createRecvTransport(TransportParameters parameters,
                                                           ConnectHandler onConnect) {
  const Loaded& device = loaded("createRecvTransport");
  if (!onConnect) {
    throw Error(Error::Code::InvalidArgument, "createRecvTransport: the handler is missing");
  }
  try {
    return std::make_shared<RecvTransport>(std::make_shared<RecvTransport::Internals>(
        std::move(parameters), device.extended, std::move(onConnect)));
  } catch (const Error& error) {
    throw error.within("createRecvTransport");
  }
}

}  // namespace cosoup
