#include "cosoup/client/device.hpp"

#include <algorithm>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/client/check_fields.hpp"
#include "cosoup/client/device_internals.hpp"
#include "cosoup/client/make_transport.hpp"
#include "cosoup/media/rtp/local_capabilities.hpp"
#include "cosoup/rtc/ortc.hpp"
#include "cosoup/webrtc/warm_up.hpp"
#include "cosoup/webrtc/webrtcbin_connection.hpp"

namespace cosoup {
namespace {

/// With the extensions that the app adds.
RtpCapabilities extend(RtpCapabilities capabilities,
                       const std::vector<RtpHeaderExtension>& additional) {
  auto& extensions = capabilities.headerExtensions;
  for (RtpHeaderExtension extension : additional) {
    const bool isKnown = std::any_of(extensions.begin(), extensions.end(), [&](const auto& known) {
      return known.uri == extension.uri && (!known.kind || known.kind == extension.kind);
    });
    if (isKnown) continue;
    const auto isTaken = [&](std::uint8_t id) {
      return std::any_of(extensions.begin(), extensions.end(), [&](const auto& known) {
        return known.preferredId == id && known.uri != extension.uri;
      });
    };
    if (extension.preferredId == 0) {
      // One-byte headers (RFC 8285, section 4.2) end at 14.
      for (std::uint8_t id = 1; id <= 14 && extension.preferredId == 0; ++id) {
        if (!isTaken(id)) extension.preferredId = id;
      }
    }
    extensions.push_back(std::move(extension));
  }
  return capabilities;
}

void checkOptions(const std::string& operation, const TransportOptions& options) {
  checkFields(operation, options.parameters);
  if (options.parameters.iceCandidates.empty()) {
    throw Error(Error::Code::InvalidArgument, operation + ": 'iceCandidates' is empty");
  }
  checkAppData(operation, options.appData);
  std::vector<IceServerUrl> servers;
  try {
    servers = readIceServers(options.iceServers);
  } catch (const Error& error) {
    throw error.within(operation);
  }
  const bool hasTurn = std::any_of(servers.begin(), servers.end(), [](const auto& server) {
    return server.kind == IceServerUrl::Kind::turn;
  });
  if (options.iceTransportPolicy == IceTransportPolicy::relay && !hasTurn) {
    throw Error(Error::Code::InvalidArgument,
                operation + ": 'iceTransportPolicy' is relay, and 'iceServers' has no TURN server");
  }
}

}  // namespace

struct Device::State {
  ortc::ExtendedRtpCapabilities extended;
};

void DeviceOptions::Internals::setPeerConnections(DeviceOptions& options,
                                                  PeerConnectionFactory factory) {
  options.internals_ = std::make_shared<Internals>(Internals{std::move(factory)});
}

PeerConnectionFactory DeviceOptions::Internals::peerConnectionsOf(const DeviceOptions& options) {
  return options.internals_ ? options.internals_->peerConnections : PeerConnectionFactory();
}

Device::Device(DeviceOptions options) : options_(std::move(options)) {}

Device::~Device() = default;

Task<> Device::warmUp() { return warmUpPeerConnections(); }

void Device::load(const RtpCapabilities& routerRtpCapabilities) {
  if (state_) throw Error(Error::Code::InvalidState, "load: the device is loaded already");
  checkFields("load", routerRtpCapabilities);
  RtpCapabilities local = localRtpCapabilities();
  if (options_.localCapabilities) local = *options_.localCapabilities;
  local = extend(std::move(local), options_.headerExtensions);
  try {
    auto made = std::make_shared<State>();
    made->extended = ortc::getExtendedRtpCapabilities(local, routerRtpCapabilities,
                                                      options_.preferLocalCodecsOrder);
    state_ = std::move(made);
  } catch (const Error& error) {
    throw error.within("load");
  }
}

bool Device::isLoaded() const { return state_ != nullptr; }

const Device::State& Device::loaded(const char* operation) const {
  if (state_) return *state_;
  throw Error(Error::Code::InvalidState, std::string(operation) + ": the device is not loaded");
}

std::shared_ptr<PeerConnection> Device::makePeerConnection(bool receives) const {
  if (const auto make = DeviceOptions::Internals::peerConnectionsOf(options_))
    return make(receives);
  return std::make_shared<WebrtcbinConnection>(receives ? "recv-transport" : "send-transport",
                                               receives);
}

RtpCapabilities Device::recvRtpCapabilities() const {
  return ortc::receiveRtpCapabilities(loaded("recvRtpCapabilities").extended);
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

std::shared_ptr<SendTransport> Device::createSendTransport(TransportOptions options,
                                                           ConnectHandler onConnect,
                                                           ProduceHandler onProduce,
                                                           ProduceDataHandler onProduceData) {
  const State& device = loaded("createSendTransport");
  if (!onConnect || !onProduce) {
    throw Error(Error::Code::InvalidArgument, "createSendTransport: a handler is missing");
  }
  checkOptions("createSendTransport", options);
  std::shared_ptr<SendTransport> transport;
  try {
    SendHandlers handlers{std::move(onConnect), std::move(onProduce), std::move(onProduceData)};
    transport = makeSendTransport(makePeerConnection(false), std::move(options), device.extended,
                                  std::move(handlers));
  } catch (const Error& error) {
    throw error.within("createSendTransport");
  }
  emitSignal(newSendTransport, transport);
  return transport;
}

std::shared_ptr<RecvTransport> Device::createRecvTransport(TransportOptions options,
                                                           ConnectHandler onConnect) {
  const State& device = loaded("createRecvTransport");
  if (!onConnect) {
    throw Error(Error::Code::InvalidArgument, "createRecvTransport: the handler is missing");
  }
  checkOptions("createRecvTransport", options);
  std::shared_ptr<RecvTransport> transport;
  try {
    transport = makeRecvTransport(makePeerConnection(true), std::move(options), device.extended,
                                  std::move(onConnect));
  } catch (const Error& error) {
    throw error.within("createRecvTransport");
  }
  emitSignal(newRecvTransport, transport);
  return transport;
}

}  // namespace cosoup
