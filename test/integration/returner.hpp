// Returner: a member who comes back when the connection is lost.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "integration/member.hpp"
#include "support/eventually.hpp"

namespace cosoup::test {

inline void letReconnect(Member& member) {
  member.client.reconnect.enabled = true;
  member.client.reconnect.minDelay = std::chrono::milliseconds(100);
  member.client.reconnect.maxDelay = std::chrono::milliseconds(400);
  member.client.reconnect.maxAttempts = 100;
}

inline Task<bool> isAtLeast(int count, int wanted) { co_return count >= wanted; }

/// A member who comes back, and how that goes.
class Returner : public Member {
 public:
  Returner(RoomServer& where, std::string roomId, std::string peerId,
           std::unique_ptr<Signaler> signaler = std::make_unique<ProtooSignaler>())
      : Member(where, std::move(roomId), std::move(peerId), std::move(signaler)) {
    letReconnect(*this);
    events_.push_back(client.events().on<event::Reconnecting>(
        [this](const event::Reconnecting& attempt) { attempts = attempt.attempt; }));
    events_.push_back(
        client.events().on<event::Reconnected>([this](const event::Reconnected&) { ++returns; }));
  }

  Task<> hasTriedInVain(int times) {
    return eventually(id + " has tried in vain", [=, this] { return isAtLeast(attempts, times); });
  }
  Task<> isBack(int times) {
    return eventually(
        id + " is back", [=, this] { return isAtLeast(returns, times); }, std::chrono::seconds(30));
  }

  int attempts = 0;  ///< of the last time
  int returns = 0;

 private:
  std::vector<Connection> events_;
};

}  // namespace cosoup::test
