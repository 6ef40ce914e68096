// Device: what this program can send to and receive from a router.
#pragma once

#include <memory>
#include <optional>

#include "cosoup/client/transport.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

struct DeviceOptions {
  DeviceOptions() = default;

  /// Choose codecs in our order instead of the router's.
  bool preferLocalCodecsOrder = false;
  /// What we can; absent: what the installed GStreamer elements can.
  std::optional<RtpCapabilities> localCapabilities;
};

/// As mediasoup-client's Device. Main-context-bound.
class Device {
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
  RtpCapabilities rtpCapabilities() const;
  /// What we can send.
  RtpCapabilities sendRtpCapabilities() const;
  SctpCapabilities sctpCapabilities() const;
  bool canProduce(MediaKind kind) const;

  /// Throw Error(InvalidArgument) for parameters that make no sense, Error(Media).
  std::shared_ptr<SendTransport> createSendTransport(TransportParameters parameters,
                                                     ConnectHandler onConnect,
                                                     ProduceHandler onProduce);
  std::shared_ptr<RecvTransport> createRecvTransport(TransportParameters parameters,
                                                     ConnectHandler onConnect);

 private:
  struct Loaded;
  const Loaded& loaded(const char* operation) const;

  DeviceOptions options_;
  std::shared_ptr<const Loaded> loaded_;
};

}  // namespace cosoup
