// Who is in the room and who speaks, as a server of 2025 tells it.
#include "cosoup/cosoup.hpp"
#include "support/run_test.hpp"
#include "unit/room/joined.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// Writes down who comes, goes and speaks.
class Listening final : public PeerNotificationListener {
 public:
  Task<> onNewPeer(event::NewPeer joined) override {
    return write("+" + joined.peer->displayName());
  }
  Task<> onPeerClosed(event::PeerClosed left) override {
    return write("-" + left.peer->displayName());
  }
  Task<> onActiveSpeaker(event::ActiveSpeaker speaker) override {
    std::string who = speaker.peer ? speaker.peer->id() : "nobody";
    if (speaker.isMe) who = "me";
    return write(who + (speaker.volume ? " loud" : ""));
  }
  Task<> onSpeakingPeers(event::SpeakingPeers speaking) override {
    std::string all = "speaking:";
    for (const auto& speaker : speaking.speakers) {
      const std::string volume = std::to_string(static_cast<int>(speaker.volume));
      all += " " + (speaker.isMe ? "me" : speaker.peer->id()) + volume;
    }
    return write(all);
  }

  Task<> hears(std::size_t count) {
    while (heard.size() < count) co_await changed.wait();
  }

  std::vector<std::string> heard;
  Condition changed;

 private:
  Task<> write(std::string text) {
    heard.push_back(std::move(text));
    changed.notify();
    co_return;
  }
};

struct Room {
  Room() : listener(std::make_shared<Listening>()), ada(listeners()) {}
  Listeners listeners() const {
    Listeners all;
    all.peers = listener;
    return all;
  }
  std::shared_ptr<Listening> listener;
  Joined ada;
};

using Texts = std::vector<std::string>;

/// The connection of a peer was replaced: the server says newPeer for an id that is there.
Task<> replacesAPeer() {
  Room room;
  co_await room.ada.join();
  const std::shared_ptr<Peer> before = room.ada.client.room()->peer("bob");
  bool left = false;
  const Connection leaving = before->left.connect([&] { left = true; });
  notification::NewPeer again;
  again.peer = described("bob");
  again.peer.displayName = "Bob II";
  room.ada.wire->notify(again);
  co_await room.listener->hears(2);
  CHECK(room.listener->heard == Texts{"-peer bob", "+Bob II"});
  CHECK(left);
  const std::shared_ptr<Peer> after = room.ada.client.room()->peer("bob");
  REQUIRE(after);
  CHECK(after != before);
  CHECK(room.ada.client.room()->peers().size() == 1);
  co_await room.ada.client.close();
}

Task<> hearsWhoSpeaks() {
  Room room;
  co_await room.ada.join();
  notification::SpeakingPeers speaking;
  speaking.volumes = {{"bob", -12}, {"a stranger", -20}, {"ada", -30}};
  room.ada.wire->notify(speaking);
  room.ada.wire->notify(notification::SpeakingPeers());
  notification::ActiveSpeaker speaker;
  speaker.peerId = "bob";
  room.ada.wire->notify(speaker);
  room.ada.wire->notify(notification::ActiveSpeaker());
  co_await room.listener->hears(4);
  CHECK(room.listener->heard == Texts{"speaking: bob-12 me-30", "speaking:", "bob", "nobody"});
  co_await room.ada.client.close();
}

}  // namespace

TEST_CASE("a peer of an id that is there already takes the place of the one before") {
  runTest(replacesAPeer());
}

TEST_CASE("who speaks is told with the volumes, strangers are left out") {
  runTest(hearsWhoSpeaks());
}
