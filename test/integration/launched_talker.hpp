// LaunchedTalker: somebody who sends, in a process of its own.
#pragma once

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "integration/launched.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

namespace cosoup::test {

/// A cosoup-launch that sends a small picture and a tone, so that what that takes and holds is not
/// counted with the rest. leave() must be called before it is let go of.
class LaunchedTalker {
 public:
  LaunchedTalker(RoomServer& server, const std::string& room)
      : server_(server),
        room_(room),
        process_({server.url(), "--room", room, "--peer", "talker", "--consume", "none",
                  "--produce", "test:audio", "--produce",
                  "launch:videotestsrc is-live=true ! video/x-raw,width=160,height=120,"
                  "framerate=30/1"}) {}

  const std::string& room() const { return room_; }
  Task<> isThere() {
    return eventually("the talker sends", [this] { return sends(); });
  }
  Task<> leave() {
    process_.signal(SIGTERM);
    const Outcome outcome = co_await process_.finish();
    CHECK(outcome.status == 0);
  }

 private:
  Task<bool> sends() {
    const Json seen = co_await server_.peer(room_, "talker");
    if (seen.isNull()) co_return false;
    const std::vector<Json> producers = seen.list("producers");
    co_return producers.size() == 2 &&
        std::all_of(producers.begin(), producers.end(), [](const Json& producer) {
          return producer.get<Json>("stats").get<std::int64_t>("packetCount") > 0;
        });
  }

  RoomServer& server_;
  const std::string room_;
  Launch process_;
};

}  // namespace cosoup::test
