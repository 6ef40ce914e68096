// Session: one connection to a room, from the signaling to the consumers.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/mutex.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/client/device.hpp"
#include "cosoup/media/source.hpp"
#include "cosoup/room/config.hpp"
#include "cosoup/room/events.hpp"
#include "cosoup/room/listener_calls.hpp"
#include "cosoup/room/room.hpp"
#include "cosoup/signaling/signaler.hpp"

namespace cosoup {

/// A source that is sent. It outlives the session that sends it.
struct Outgoing {
  std::shared_ptr<Source> source;
  EncodingConfig encoding;
  std::optional<PlayoutDelay> playoutDelay;
  Json appData = Json::object();  ///< of its producers
  bool opened = false;
  std::vector<Connection> connections;
};

/// How a session came to its end by itself.
struct Loss {
  Error error;
  bool meant = false;  ///< the server wants us to stay away
};

/// What a session works for; all of it outlives the session.
struct SessionContext {
  DeviceOptions device;  ///< of the device that each session makes
  std::shared_ptr<Signaler> signaler;
  std::shared_ptr<Room> room;
  std::shared_ptr<RoomEvents> events;
  std::shared_ptr<ListenerCalls> listeners;
  std::shared_ptr<Sink> sink;  ///< null: neither audio nor video is received
  bool data = false;           ///< data is received
  /// For an ICE restart to bring a lost path back; 0: such a loss is the end of the session.
  std::chrono::milliseconds iceTimeout{0};

  bool receives() const { return sink || data; }

  void tell(const RoomEvent& event) const {
    events->emit(event);
    listeners->tell(event);
  }
};

/// Main-context-bound; leave() must be called before it is let go of.
class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(SessionContext context);
  ~Session();

  /// Signaling and transports. Throws Error and Cancelled; then leave() is due.
  Task<> connect(RoomAddress address, bool sends);
  /// Enters the room and brings its roster up to date; `again`: and tells what has changed in it.
  Task<> join(bool again);
  /// Opens the source, if it was not, produces its tracks and plays it.
  Task<> produce(std::shared_ptr<Outgoing> outgoing);
  /// Closes its producers, here and at the server.
  Task<> stopProducing(std::shared_ptr<Outgoing> outgoing);
  /// Pauses and resumes a consumer here and at the server.
  Task<> pauseConsumer(std::shared_ptr<Consumer> consumer);
  Task<> resumeConsumer(std::shared_ptr<Consumer> consumer);
  /// Looks for another way to the server for both transports, while media goes on; returns when
  /// they are connected. Throws Error and Cancelled.
  Task<> restartIce();
  /// Opens a channel for messages, on a send transport made for it if there is none.
  Task<std::shared_ptr<DataProducer>> produceData(DataProduceOptions options);
  /// Sends to all peers, or to the server's bot, on a channel that is made the first time.
  Task<> sendChat(std::string text);
  Task<> sendToBot(std::string text);
  /// Ends the consumers as if their producers had gone.
  void closeConsumers();
  /// Ends everything in bounded time. Not cancellable, never throws. Idempotent: a second call
  /// waits for the first.
  Task<> leave();

  /// Resolves when the session has ended by itself; leave() is still due.
  Task<Loss> lost() { return lost_.wait(); }
  bool isJoined() const { return joined_.isSettled() && !leaving_ && !lost_.isSettled(); }

  Signaler& signaler() { return *context_.signaler; }
  std::shared_ptr<SendTransport> sendTransport() const { return sendTransport_; }
  std::shared_ptr<RecvTransport> recvTransport() const { return recvTransport_; }

 private:
  /// A consumer from the server's request on, while it may not be there yet.
  struct Incoming {
    std::string peerId;
    std::shared_ptr<Consumer> consumer;
    bool pausedThere = false;  // by whoever sends
    bool pausedHere = false;
    bool closedEarly = false;
  };

  /// A data consumer, likewise.
  struct IncomingData {
    std::optional<std::string> peerId;
    std::shared_ptr<DataConsumer> consumer;
    bool closedEarly = false;
    std::vector<Connection> connections;
  };
  struct Sent {
    std::shared_ptr<Producer> producer;
    Connection failed;
  };
  /// A data producer that is made when it is needed.
  struct Line {
    Mutex making;
    std::shared_ptr<DataProducer> producer;
  };

  // session.cpp
  Task<> makeTransports(bool sends);
  WebRtcTransportOptions transportToAskFor(bool producing) const;
  TransportOptions withIce(TransportParameters parameters) const;
  void makeSendTransport(TransportParameters parameters);
  void makeRecvTransport(TransportParameters parameters);
  /// The server takes a producer only from a peer that has joined.
  Task<std::string> produceWhenJoined(std::string transportId, MediaKind kind,
                                      RtpParameters parameters, Json appData);
  void renewRoster(std::vector<PeerDescription> peers, bool again);
  template <class Transport>
  void watch(std::shared_ptr<Transport> transport);
  template <class Transport>
  Task<> restartIceOf(std::shared_ptr<Transport> transport);
  /// After the loss of its path.
  template <class Transport>
  Task<> repair(std::shared_ptr<Transport> transport);
  Task<> leaveSteps();

  // session_events.cpp
  Task<> readEvents(Channel<SignalerEvent> events);
  void tell(const Notification& notification);
  void on(const NewPeer& added);
  void on(const PeerClosed& gone);
  void on(const PeerDisplayNameChanged& changed);
  void on(const ActiveSpeaker& speaker);
  void on(const SpeakingPeers& speaking);
  void on(const DownlinkBwe& estimate);
  void on(const ProducerScore& changed);
  void on(const ConsumerScore& changed);
  void on(const ConsumerLayersChanged& changed);
  void on(const ConsumerPaused& paused);
  void on(const ConsumerResumed& resumed);
  void on(const ConsumerClosed& gone);
  void on(const DataConsumerClosed& gone);
  Task<> answer(ServerRequest request);

  // session_consume.cpp
  /// Whether it was wanted.
  Task<bool> consume(NewConsumer offer);
  Task<std::shared_ptr<Consumer>> makeConsumer(NewConsumer offer);
  void setPausedThere(const std::string& consumerId, bool paused);
  void closeConsumer(const std::string& consumerId);
  void removePeer(const std::string& peerId);

  // session_data.cpp
  Task<> ensureSendTransport();
  Task<std::string> produceDataWhenJoined(std::string transportId, SctpStreamParameters parameters,
                                          std::string label, std::string protocol, Json appData);
  Task<> say(Line& line, DataProduceOptions options, std::string text);
  /// Whether it was wanted.
  Task<bool> consumeData(NewDataConsumer offer);
  Task<std::shared_ptr<DataConsumer>> makeDataConsumer(NewDataConsumer offer);
  void followDataConsumer(const std::shared_ptr<DataConsumer>& consumer,
                          const std::shared_ptr<Peer>& peer);
  void closeDataConsumer(const std::string& dataConsumerId);
  void closeDataConsumersOf(const std::optional<std::string>& peerId);

  // session_produce.cpp
  Task<> produceAll(std::shared_ptr<Outgoing> outgoing);
  Task<> produceTrack(std::shared_ptr<Outgoing> outgoing, std::shared_ptr<Track> track);
  std::shared_ptr<Producer> producerOf(const std::string& producerId) const;

  const SessionContext context_;
  std::optional<RoomAddress> address_;  // since connect()
  Device device_;
  Scope scope_;
  Deferred<> joined_;
  Deferred<Loss> lost_;
  Deferred<> left_;
  bool leaving_ = false;

  std::shared_ptr<SendTransport> sendTransport_;
  std::shared_ptr<RecvTransport> recvTransport_;
  std::vector<Connection> connections_;
  std::map<std::shared_ptr<Outgoing>, std::vector<Sent>> producers_;
  std::map<std::string, Incoming> incoming_;          // by consumer id
  std::map<std::string, ProducerScore> earlyScores_;  // by producer id
  std::map<std::string, IncomingData> incomingData_;  // by data consumer id
  Mutex makingSendTransport_;
  Line chat_;
  Line bot_;
};

}  // namespace cosoup
