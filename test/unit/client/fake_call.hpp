// FakeCall: a loaded device with fake transports, and a server that agrees to everything.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/client/device.hpp"
#include "cosoup/media/track.hpp"
#include "cosoup/testing/fake_parameters.hpp"
#include "cosoup/testing/fake_peer_connection.hpp"
#include "cosoup/testing/steps.hpp"
#include "support/catch.hpp"
#include "support/run_test.hpp"

namespace cosoup::test {

using namespace cosoup::testing;

/// What a server answers to createWebRtcTransport; `withData`: also for SCTP.
inline TransportParameters transportParameters(bool withData = true) {
  return fakeTransportParameters(withData);
}

/// The capabilities of a room server's router.
inline RtpCapabilities routerCapabilities() { return fakeRouterRtpCapabilities(); }

/// A track that has its format already and never a frame.
std::shared_ptr<Track> trackOf(MediaKind kind, const std::string& caps);
std::shared_ptr<Track> opusTrack();
std::shared_ptr<Track> vp8Track();
std::shared_ptr<Track> rawVideoTrack();

/// Whether the uri of one of the header extensions contains `part`.
bool hasExtension(const RtpParameters& parameters, const char* part);

/// A consumer as the room server makes it, with a name that is derived from its SSRC.
inline ConsumeOptions audioConsumer(std::uint32_t ssrc) {
  return fakeConsumeOptions(MediaKind::audio, ssrc);
}
inline ConsumeOptions videoConsumer(std::uint32_t ssrc) {
  return fakeConsumeOptions(MediaKind::video, ssrc);
}

/// The handlers are steps "connect", "produce" and "produceData"; ids are "producer 1", "data
/// producer 1" and so on.
class FakeCall {
 public:
  struct Produced {
    MediaKind kind;
    RtpParameters rtpParameters;
    Json appData;
  };
  struct ProducedData {
    SctpStreamParameters parameters;
    std::string label;
    std::string protocol;
    Json appData;
  };

  explicit FakeCall(DeviceOptions options = DeviceOptions());

  ConnectHandler connectHandler();
  ProduceHandler produceHandler();
  ProduceDataHandler produceDataHandler();
  std::shared_ptr<SendTransport> sendTransport(bool withData = true);
  std::shared_ptr<RecvTransport> recvTransport(bool withData = true);
  /// Of the last transport.
  FakePeerConnection& peer() { return *peers.back(); }

  std::shared_ptr<Steps> steps = std::make_shared<Steps>();
  std::vector<std::shared_ptr<FakePeerConnection>> peers;  ///< in the order of the transports
  std::vector<DtlsParameters> connected;                   ///< what the server was told
  std::vector<Produced> produced;                          ///< what the server was asked for
  std::vector<ProducedData> producedData;
  Device device;

 private:
  Task<> onConnect(DtlsParameters parameters);
  Task<std::string> onProduce(MediaKind kind, RtpParameters parameters, Json appData);
  Task<std::string> onProduceData(ProducedData asked);
};

template <class T>
Task<> discard(Task<T> task) {
  co_await std::move(task);
}

/// The error of a task that must fail.
template <class T>
Task<Error> errorOf(Task<T> task) {
  try {
    co_await std::move(task);
  } catch (const Error& error) {
    co_return error;
  }
  throw std::logic_error("the task did not fail");
}

/// The error of a call that must fail.
Error errorOf(const std::function<void()>& call);

}  // namespace cosoup::test
