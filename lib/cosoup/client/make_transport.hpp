// How Device makes transports. Internal to the client floor.
#pragma once

#include <memory>

#include "cosoup/client/recv_transport.hpp"
#include "cosoup/client/send_transport.hpp"
#include "cosoup/rtc/ortc.hpp"
#include "cosoup/webrtc/peer_connection.hpp"

namespace cosoup {

/// Whom a send transport asks to tell the server.
struct SendHandlers {
  ConnectHandler connect;
  ProduceHandler produce;
  ProduceDataHandler produceData;  ///< null: no messages can be sent
};

/// Throw Error(InvalidArgument) for ICE servers that make no sense.
std::shared_ptr<SendTransport> makeSendTransport(std::shared_ptr<PeerConnection> peer,
                                                 TransportOptions options,
                                                 ortc::ExtendedRtpCapabilities capabilities,
                                                 SendHandlers handlers);
std::shared_ptr<RecvTransport> makeRecvTransport(std::shared_ptr<PeerConnection> peer,
                                                 TransportOptions options,
                                                 ortc::ExtendedRtpCapabilities capabilities,
                                                 ConnectHandler connect);

}  // namespace cosoup
