// RoomServer: the real mediasoup room server of test/server, for one test or for many.
#pragma once

#include <gio/gio.h>

#include <functional>
#include <string>
#include <vector>

#include "cosoup/cosoup.hpp"
#include "cosoup/glib/ref.hpp"

namespace cosoup::test {

/// Runs the server on free ports of 127.0.0.1 while it lives, with its test API.
class RoomServer {
 public:
  /// Starts it, in the dialect of this run, with further options and waits until it listens; throws
  /// std::runtime_error with what it said otherwise.
  explicit RoomServer(std::vector<std::string> options = {"--insecure-ws"});
  RoomServer(const RoomServer&) = delete;
  RoomServer& operator=(const RoomServer&) = delete;
  ~RoomServer();

  /// "ws://127.0.0.1:port".
  const std::string& url() const { return url_; }
  RoomAddress address(const std::string& room) const { return RoomAddress(url_, room); }

  /// What the server says of itself: `pid`, `rtcPorts` …
  Task<Json> about() const;
  /// The server's own view of a room; null while there is none.
  Task<Json> room(std::string roomId) const;
  /// The peer's part of it; null while it is not there.
  Task<Json> peer(std::string roomId, std::string peerId) const;
  // Calls of the test API, or of the broadcasters'.
  Task<Json> get(std::string path) const;
  Task<Json> post(std::string path, Json body) const;

  Task<> remove(std::string path) const;

  /// Ends it without a word, as a crash would.
  void kill();
  /// Stops it from doing anything, answering included, until thaw().
  void freeze();
  void thaw();
  /// Starts it once more, on the same port.
  void restart();

 private:
  void start(const std::string& port);
  void checkThatItWouldLive() const;
  Task<std::string> fetch(const char* method, std::string path, std::string body) const;
  Task<Json> call(const char* method, std::string path, std::string body) const;

  const std::vector<std::string> options_;
  Ref<GSubprocess> process_;
  std::string url_;
};

/// Whether the servers of these tests speak the dialect of 2024: in a second run of the tests that
/// are tagged [dialect]. Else they speak that of 2025.
bool speaks2024();

/// A server with no special options, started once for all tests of the program.
RoomServer& sharedServer();

/// A room name that no other test uses.
std::string freshRoom();

}  // namespace cosoup::test
