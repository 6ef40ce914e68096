// What cosoup-launch says on stdout, of what happens in the room.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/cosoup.hpp"
#include "frame_counter.hpp"
#include "output.hpp"

/// Follows a client and keeps the figures; how they are said is up to the two kinds below.
class Reporter {
 public:
  virtual ~Reporter() = default;

  /// Listens to the client from now on, which is when joinRoom() starts.
  void follow(cosoup::MediasoupClient& client);

  /// The frames that come are to be counted; whoever joins takes them from frames().
  void countFrames(cosoup::FrameSinkOptions options);
  std::shared_ptr<FrameCounter> frames() const { return frames_; }

  virtual void summary() = 0;
  /// Once a second.
  virtual void tick() {}
  /// Something failed that the call goes on without.
  virtual void warn(const std::string& text);

  Output output;

 protected:
  struct Received {
    std::string peerId;
    std::string peerName;
    std::shared_ptr<cosoup::Consumer> consumer;
    cosoup::Connection firstPacket;
  };

  virtual void joined(const cosoup::Room& room) = 0;
  virtual void peerJoined(const cosoup::Peer&) {}
  virtual void peerLeft(const cosoup::Peer&) {}
  virtual void produced(const cosoup::Producer& producer) = 0;
  virtual void consuming(const Received& received) = 0;
  virtual void firstRtp(const Received& received) = 0;
  virtual void consumerPaused(const cosoup::Peer& peer, const cosoup::Consumer& consumer) = 0;
  virtual void consumerResumed(const cosoup::Peer& peer, const cosoup::Consumer& consumer) = 0;
  virtual void consumerClosed(const cosoup::Consumer& consumer) = 0;
  /// Of a peer, or of the server's bot: null.
  virtual void message(const cosoup::Peer* peer, const std::string& label,
                       const cosoup::DataMessage& message) = 0;
  virtual void recorded(const cosoup::Recording& recording) = 0;
  virtual void recordingMissed(const cosoup::RecordingGap& gap) = 0;
  virtual void nothingSent(const cosoup::Producer& producer) = 0;
  virtual void sourceEnded() {}
  virtual void reconnecting(const cosoup::Error& reason) = 0;
  virtual void reconnected() = 0;

  /// Since follow().
  std::int64_t elapsedMs() const;

  std::int64_t joinedMs_ = 0;
  std::vector<std::shared_ptr<cosoup::Producer>> produced_;
  std::vector<std::unique_ptr<Received>> received_;
  std::vector<cosoup::Recording> recordings_;
  std::shared_ptr<FrameCounter> frames_;  ///< null: they are not counted

 private:
  void listen(cosoup::Connection connection);
  void followRoom(cosoup::RoomEvents& events);
  void followMedia(cosoup::RoomEvents& events);
  void addConsumer(const cosoup::Peer& peer, const std::shared_ptr<cosoup::Consumer>& consumer);

  std::chrono::steady_clock::time_point start_;
  std::vector<cosoup::Connection> connections_;
};

/// One JSON object a line.
std::unique_ptr<Reporter> makeJsonReporter();
/// Lines for people; bit rates in place once a second when stdout is a terminal.
std::unique_ptr<Reporter> makeTextReporter();
