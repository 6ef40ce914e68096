// Device: what this program can send to and receive from a router.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cosoup/client/recv_transport.hpp"
#include "cosoup/client/send_transport.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

class PeerConnection;

struct DeviceOptions {
  DeviceOptions() = default;

  /// Choose codecs in our order instead of the router's.
  bool preferLocalCodecsOrder = false;
  /// Header extensions beyond those that we know of, used when the router has them, too: for an app
  /// that writes or reads them itself. One that is there already changes nothing; preferredId 0
  /// stands for any free one.
  std::vector<RtpHeaderExtension> headerExtensions;
  /// What we can; absent: what the installed GStreamer elements can.
  std::optional<RtpCapabilities> localCapabilities;

  struct Internals;

 private:
  std::shared_ptr<const Internals> internals_;  // what does ICE, DTLS and RTP; null: webrtcbin
};

/// As mediasoup-client's Device. Main-context-bound.
class COSOUP_API Device {
 public:
  explicit Device(DeviceOptions options = DeviceOptions());
  ~Device();

  /// Makes what the first transport of a process needs (plugins, DTLS keys: some 100 ms of CPU) on
  /// a helper thread, so that it is there when it is wanted. joinRoom() does it by itself. Throws
  /// Cancelled.
  static Task<> warmUp();

  /// Throws Error(InvalidArgument) for capabilities that make no sense (the device stays unloaded),
  /// Error(InvalidState) the second time.
  void load(const RtpCapabilities& routerRtpCapabilities);
  bool isLoaded() const;

  // All of these throw Error(InvalidState) before load().

  /// What we can receive: for the server's `join`.
  RtpCapabilities recvRtpCapabilities() const;
  /// The older name of recvRtpCapabilities().
  RtpCapabilities rtpCapabilities() const { return recvRtpCapabilities(); }
  /// What we can send.
  RtpCapabilities sendRtpCapabilities() const;
  SctpCapabilities sctpCapabilities() const;
  /// Whether the router has a codec of that kind which we have, too.
  bool canProduce(MediaKind kind) const;

  /// Throw Error: InvalidArgument or Unsupported naming the field that makes no sense, Media; the
  /// device is as before then. Without `onProduceData` a transport cannot produceData().
  std::shared_ptr<SendTransport> createSendTransport(TransportOptions options,
                                                     ConnectHandler onConnect,
                                                     ProduceHandler onProduce,
                                                     ProduceDataHandler onProduceData = {});
  std::shared_ptr<RecvTransport> createRecvTransport(TransportOptions options,
                                                     ConnectHandler onConnect);

  // mediasoup-client's `newtransport`.
  Signal<std::shared_ptr<SendTransport>> newSendTransport;
  Signal<std::shared_ptr<RecvTransport>> newRecvTransport;

 private:
  struct State;
  const State& loaded(const char* operation) const;
  std::shared_ptr<PeerConnection> makePeerConnection(bool receives) const;

  DeviceOptions options_;
  std::shared_ptr<const State> state_;
};

}  // namespace cosoup
