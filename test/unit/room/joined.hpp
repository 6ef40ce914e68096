// Joined: a client in a room of a fake signaler.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "cosoup/cosoup.hpp"
#include "unit/room/fake_signaler.hpp"

namespace cosoup::test {

inline PeerDescription described(const std::string& id) {
  PeerDescription peer;
  peer.id = id;
  peer.displayName = "peer " + id;
  return peer;
}

/// What the task throws.
inline Task<Error> thrownBy(Task<> task) {
  try {
    co_await std::move(task);
  } catch (const Error& error) {
    co_return error;
  }
  co_return Error(Error::Code::Media, "nothing was thrown");
}

/// A client in a room in which "bob" is already.
struct Joined {
  explicit Joined(Listeners listeners = Listeners())
      : wire(std::make_shared<FakeSignaler::Wire>()),
        client(std::make_unique<FakeSignaler>(wire), std::move(listeners)) {
    wire->peers.push_back(described("bob"));
  }

  Task<> join() {
    RoomAddress address("ws://nowhere", "room");
    PeerInfo me("ada", "Ada");
    return client.joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                           ConsumeConfig::none());
  }
  void arrive(const std::string& id) {
    notification::NewPeer added;
    added.peer = described(id);
    wire->notify(added);
  }
  void go(const std::string& id) {
    notification::PeerClosed gone;
    gone.peerId = id;
    wire->notify(gone);
  }
  void rename(const std::string& id, const std::string& name) {
    notification::PeerDisplayNameChanged changed;
    changed.peerId = id;
    changed.displayName = name;
    wire->notify(changed);
  }
  void estimate(double bitrate) {
    notification::DownlinkBwe bwe;
    bwe.estimate.availableBitrate = bitrate;
    wire->notify(bwe);
  }

  std::shared_ptr<FakeSignaler::Wire> wire;
  MediasoupClient client;
};

}  // namespace cosoup::test
