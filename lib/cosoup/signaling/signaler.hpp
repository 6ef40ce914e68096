// Signaler: the typed interface between the client and whatever carries its requests to the server.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cosoup/async/channel.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/core/json.hpp"
#include "cosoup/core/version.hpp"
#include "cosoup/rtc/ice_server.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

/// Where the room is, and how to get there.
struct RoomAddress {
  RoomAddress(std::string serverUrl, std::string room)
      : url(std::move(serverUrl)), roomId(std::move(room)) {}

  std::string url;  ///< "wss://host:port"; "ws://…" without TLS
  std::string roomId;
  std::optional<std::string>
      caFile;             ///< PEM of the certificate authorities to trust instead of the system's
  bool insecure = false;  ///< accept any server certificate

  // What the request that opens the connection says. An HTTP proxy is used as the system's settings
  // have it.
  /// The Origin (RFC 6454), "https://host"; absent: of the scheme and host of `url`.
  std::optional<std::string> origin;
  /// Header fields of the app's own: {"Authorization", "Bearer …"}, {"Cookie", "…"}.
  std::vector<std::pair<std::string, std::string>> headers;

  // How media finds the way, as of TransportOptions; mediasoup itself needs none of this.
  std::vector<IceServer> iceServers;
  IceTransportPolicy iceTransportPolicy = IceTransportPolicy::all;
  bool forceTcp = false;  ///< the server is asked to offer TCP only
};

/// The demo protocol's description of the program at the other end.
struct DeviceInfo {
  DeviceInfo() = default;
  DeviceInfo(std::string flag_, std::string name_, std::string version_)
      : flag(std::move(flag_)), name(std::move(name_)), version(std::move(version_)) {}

  std::string flag = "cosoup";
  std::string name = "cosoup";
  std::string version = cosoup::version();
};

/// Who we are in the room.
struct PeerInfo {
  PeerInfo(std::string peerId, std::string name)
      : id(std::move(peerId)), displayName(std::move(name)) {}

  std::string id;  ///< unique in the room; the server ends an older connection of the same id
  std::string displayName;
  DeviceInfo device;
};

/// Another peer, as the server describes it.
struct PeerDescription {
  std::string id;
  std::string displayName;
  DeviceInfo device;
  std::optional<std::string> remoteAddress;  ///< where the server tells it
};

/// The transport that the server is asked to make.
struct WebRtcTransportOptions {
  explicit WebRtcTransportOptions(bool producing_) : producing(producing_) {}

  bool producing;                                    ///< for sending; else for receiving
  bool forceTcp = false;                             ///< without UDP candidates
  std::optional<SctpCapabilities> sctpCapabilities;  ///< absent: no data channels
};

/// With what we enter the room.
struct JoinOptions {
  explicit JoinOptions(PeerInfo me_) : me(std::move(me_)) {}

  PeerInfo me;
  std::optional<RtpCapabilities> rtpCapabilities;    ///< absent: nothing is received
  std::optional<SctpCapabilities> sctpCapabilities;  ///< absent: no data is received
};

/// A bad network for the whole server machine, for trying things out.
struct NetworkThrottle {
  explicit NetworkThrottle(std::string secret_) : secret(std::move(secret_)) {}

  std::string secret;                  ///< as the server's operator set it
  std::uint32_t uplink = 1'000'000;    ///< kbit/s
  std::uint32_t downlink = 1'000'000;  ///< kbit/s
  std::chrono::milliseconds rtt{0};
  double packetLoss = 0;  ///< percent
};

/// How well a stream arrives at us (mediasoup's ConsumerScore); 0 (worst) to 10.
struct StreamScore {
  int score = 0;                    ///< of the stream to us
  int producerScore = 0;            ///< of the producer's stream of which that is made
  std::vector<int> producerScores;  ///< of all its streams
};

/// How well one stream of a producer arrives at the server (mediasoup's ProducerScore).
struct EncodingScore {
  std::uint32_t encodingIdx = 0;
  std::optional<std::uint32_t> ssrc;
  std::optional<std::string> rid;
  int score = 0;  ///< 0 (worst) to 10
};

/// What the server reckons it can send us; bit/s.
struct BandwidthEstimate {
  double desiredBitrate = 0;           ///< what all consumers together would take
  double effectiveDesiredBitrate = 0;  ///< the same, but it goes down slowly
  double availableBitrate = 0;         ///< what the path carries
};

// What the server asks for.

/// To receive a producer of another peer, for which the server has made a consumer.
struct NewConsumer {
  std::string peerId;
  std::string producerId;
  std::string id;
  MediaKind kind = MediaKind::audio;
  RtpParameters rtpParameters;
  std::string type;               ///< "simple", "simulcast" or "svc"
  Json appData = Json::object();  ///< as of the producer; {"share": true} for a screen
  bool producerPaused = false;
  std::optional<StreamScore> score;  ///< where the server tells it at once
};

/// To receive a data producer, likewise.
struct NewDataConsumer {
  std::optional<std::string> peerId;  ///< absent for the server's bot
  std::string dataProducerId;
  std::string id;
  SctpStreamParameters sctpStreamParameters;
  std::string label;
  std::string protocol;
  Json appData = Json::object();
};

/// A request of the server. It must be answered; one that is dropped unanswered is answered with an
/// error by itself, a second answer is ignored. Copies share the answer. Main-context-bound.
class COSOUP_API ServerRequest {
 public:
  using Content = std::variant<NewConsumer, NewDataConsumer>;
  /// Called once: errorCode 0 means accepted. What it throws (the connection is closed …) is logged
  /// and reaches nobody: there is nothing that the client could do about it.
  using Answer = std::function<void(int errorCode, const std::string& reason)>;

  ServerRequest(Content content, Answer answer);

  const Content& content() const { return shared_->content; }
  /// To be called when the consumer is able to receive: the server then starts to send.
  void accept();
  /// `errorCode` as of HTTP; 403 is what the demo's app says when it does not want to consume.
  void reject(int errorCode, const std::string& reason);

 private:
  struct Shared {
    Content content;
    Answer answer;
    ~Shared();
    void settle(int errorCode, const std::string& reason) noexcept;
  };
  std::shared_ptr<Shared> shared_;
};

/// What the server tells, by the words of its protocol. Ids that are not (or no longer) known are
/// to be ignored. What an app hears of it is in the namespace `event`.
namespace notification {

struct NewPeer {
  PeerDescription peer;
};
struct PeerClosed {
  std::string peerId;
};
struct PeerDisplayNameChanged {
  std::string peerId, displayName, oldDisplayName;
};
struct ActiveSpeaker {
  std::optional<std::string> peerId;  ///< absent: silence
  std::optional<double> volume;       ///< dB, -127 to 0; where the server tells it
};
/// Who can be heard, the loudest first; empty: silence.
struct SpeakingPeers {
  struct Volume {
    std::string peerId;
    double volume = 0;  ///< dBov, -127 to 0
  };
  std::vector<Volume> volumes;
};
struct ProducerScore {
  std::string producerId;
  std::vector<EncodingScore> scores;
};
struct ConsumerScore {
  std::string consumerId;
  StreamScore score;
};
struct ConsumerLayersChanged {
  std::string consumerId;
  std::optional<int> spatialLayer, temporalLayer;  ///< absent: nothing flows
};
struct ConsumerPaused {
  std::string consumerId;
};
struct ConsumerResumed {
  std::string consumerId;
};
struct ConsumerClosed {
  std::string consumerId;
};
struct DataConsumerClosed {
  std::string dataConsumerId;
};
struct DownlinkBwe {
  BandwidthEstimate estimate;
};

}  // namespace notification

using Notification = std::variant<
    notification::NewPeer, notification::PeerClosed, notification::PeerDisplayNameChanged,
    notification::ActiveSpeaker, notification::SpeakingPeers, notification::ProducerScore,
    notification::ConsumerScore, notification::ConsumerLayersChanged, notification::ConsumerPaused,
    notification::ConsumerResumed, notification::ConsumerClosed, notification::DataConsumerClosed,
    notification::DownlinkBwe>;

/// The last event of a connection that was once open and that we did not close ourselves.
struct SignalerClosed {
  int code = 0;  ///< the WebSocket's close code, where there is one; 4000: the server meant it
  std::string reason;
};

using SignalerEvent = std::variant<ServerRequest, Notification, SignalerClosed>;

/// Requests to the server and events from it. Every request throws Error: Rejected with the
/// server's errorCode, Timeout, Disconnected, InvalidArgument for an answer that is malformed; and
/// Cancelled. Requests may be made concurrently. Main-context-bound.
class COSOUP_API Signaler {
 public:
  virtual ~Signaler() = default;

  /// Opens the connection, for a peer of that id; nothing is joined by that.
  virtual Task<> connect(RoomAddress address, std::string peerId) = 0;
  /// Server requests and notifications in the order of their arrival; closed when the connection
  /// has ended. A new connect() starts a new channel.
  virtual Channel<SignalerEvent> events() = 0;
  /// Ends the connection in bounded time; never throws an Error. connect() may follow.
  virtual Task<> close() = 0;

  virtual Task<RtpCapabilities> getRouterRtpCapabilities() = 0;
  virtual Task<TransportParameters> createWebRtcTransport(WebRtcTransportOptions options) = 0;
  virtual Task<> connectWebRtcTransport(std::string transportId, DtlsParameters dtls) = 0;
  virtual Task<IceParameters> restartIce(std::string transportId) = 0;
  /// Gives the other peers.
  virtual Task<std::vector<PeerDescription>> join(JoinOptions options) = 0;

  /// Gives the producer's id.
  virtual Task<std::string> produce(std::string transportId, MediaKind kind,
                                    RtpParameters parameters, Json appData) = 0;
  virtual Task<> closeProducer(std::string producerId) = 0;
  virtual Task<> pauseProducer(std::string producerId) = 0;
  virtual Task<> resumeProducer(std::string producerId) = 0;

  virtual Task<> pauseConsumer(std::string consumerId) = 0;
  virtual Task<> resumeConsumer(std::string consumerId) = 0;
  virtual Task<> setConsumerPreferredLayers(std::string consumerId, int spatialLayer,
                                            std::optional<int> temporalLayer) = 0;
  virtual Task<> setConsumerPriority(std::string consumerId, int priority) = 0;
  virtual Task<> requestConsumerKeyFrame(std::string consumerId) = 0;

  /// Gives the data producer's id.
  virtual Task<std::string> produceData(std::string transportId, SctpStreamParameters parameters,
                                        std::string label, std::string protocol, Json appData) = 0;

  virtual Task<> changeDisplayName(std::string displayName) = 0;

  /// Only the demo's server has these two; others throw Error(Unsupported).
  virtual Task<> applyNetworkThrottle(NetworkThrottle throttle);
  virtual Task<> resetNetworkThrottle(std::string secret);

  // Statistics as the server gives them: an array of objects.
  virtual Task<Json> getTransportStats(std::string transportId) = 0;
  virtual Task<Json> getProducerStats(std::string producerId) = 0;
  virtual Task<Json> getConsumerStats(std::string consumerId) = 0;
  virtual Task<Json> getDataProducerStats(std::string dataProducerId) = 0;
  virtual Task<Json> getDataConsumerStats(std::string dataConsumerId) = 0;
};

}  // namespace cosoup
