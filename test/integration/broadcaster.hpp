// Broadcaster: a participant that speaks HTTP and plain RTP.
#pragma once

#include <gst/gst.h>

#include <string>

#include "cosoup/cosoup.hpp"
#include "cosoup/gst/ref.hpp"
#include "support/room_server.hpp"

namespace cosoup::test {

/// Sends Opus and VP8 into a room of the shared server, as the demo's broadcasters/gstreamer.sh
/// does, by the API of the dialect that the server speaks. In that of 2025 the room must exist.
class Broadcaster {
 public:
  explicit Broadcaster(std::string room) : path_("/rooms/" + std::move(room) + "/broadcasters") {}
  Broadcaster(const Broadcaster&) = delete;
  Broadcaster& operator=(const Broadcaster&) = delete;
  ~Broadcaster();

  /// As "tv", called "Television".
  Task<> start();
  Task<> stop() { return server_.remove(path_ + "/tv"); }

  std::string videoId;

 private:
  Task<> enter();
  Task<int> offer(std::string kind, Json parameters);
  Task<int> offer2024(std::string kind, Json parameters);
  Task<int> offer2025(std::string kind, Json parameters);
  void play(int audioPort, int videoPort);

  RoomServer& server_ = sharedServer();
  const std::string path_;
  Ref<GstElement> pipeline_;
};

}  // namespace cosoup::test
