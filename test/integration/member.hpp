// Member: a client in a room of the test server, and what it has seen there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cosoup/cosoup.hpp"
#include "support/room_server.hpp"
#include "support/run_test.hpp"

namespace cosoup::test {

class Member {
 public:
  Member(RoomServer& server, std::string room, std::string id,
         std::unique_ptr<Signaler> signaler = std::make_unique<ProtooSignaler>(),
         Listeners listeners = Listeners());
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  /// Where join() goes; the server's own address, unless another is set.
  RoomAddress address;
  Task<> join(ProduceConfig produce, ConsumeConfig consume);
  Task<> leave() { return client.close(); }

  /// Until so many consumers of ours have received RTP, and go on receiving it.
  Task<> receives(std::size_t streams);
  /// Until all consumers, at least so many, have delivered frames of this length, from a key frame
  /// on; so long is then a recording, too.
  Task<> receives(std::size_t streams, std::chrono::milliseconds length);
  /// Until the server gets RTP of audio and video from us, in perfect quality, and ever more of it.
  Task<> isHeardAndSeen();
  /// The server's view of us.
  Task<Json> asServerSees() { return server.peer(room, id); }
  /// Until the server knows us no more.
  Task<> isGone();

  RoomServer& server;
  const std::string room;
  const std::string id;
  MediasoupClient client;
  std::vector<std::shared_ptr<Producer>> producers;
  std::vector<std::shared_ptr<Consumer>> consumers;  ///< those not closed
  std::vector<Recording> recordings;
  std::vector<std::string> failures;

 private:
  Task<bool> isUnknown();
  Task<bool> receivesMore(std::size_t streams);
  Task<bool> hasPerfectScores();
  std::vector<Connection> connections_;
};

/// All leave at the same time.
template <class... Members>
Task<> leaveAll(Members&... members) {
  Scope leaving;
  (leaving.spawn(members.leave()), ...);
  co_await leaving.join();
}

/// Until what was left to the background of the loop has ended.
Task<> backgroundEnds();

/// A folder that is removed in the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// What a media file holds.
struct MediaSummary {
  double seconds = 0;
  std::vector<std::string> codecs;  ///< caps names, sorted: "audio/x-opus", "video/x-vp8"
  int width = 0;
  int height = 0;
};

/// Looks into a file with GStreamer; throws std::runtime_error when it cannot be played.
MediaSummary inspect(const std::string& path);

}  // namespace cosoup::test
