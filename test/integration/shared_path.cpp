// What the producers of a transport share on their way out, in the moments in which one of them
// goes.
#include <algorithm>

#include "cosoup/media/codec_caps.hpp"
#include "integration/device_peer.hpp"
#include "integration/stage.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

/// Ada alone, with sound that goes on and pictures that come and go.
class Sender {
 public:
  Sender()
      : peer(sharedServer(), freshRoom(), "ada"),
        source_(makeTestSource()),
        encoded_(makeLaunchSource("videotestsrc is-live=true ! vp8enc deadline=1")) {}

  Task<> begin() {
    co_await peer.connect();
    co_await peer.join();
    for (const auto& source : {source_, encoded_}) {
      co_await source->open(encodedCaps(peer.device.sendRtpCapabilities()));
      co_await source->play();
    }
    sound = co_await produce(MediaKind::audio);
  }
  Task<> end() {
    co_await peer.leave();
    co_await source_->close();
    co_await encoded_->close();
  }

  Task<std::shared_ptr<Producer>> produce(MediaKind kind) {
    const auto& tracks = source_->tracks();
    const auto track = std::find_if(tracks.begin(), tracks.end(),
                                    [kind](const auto& each) { return each->kind() == kind; });
    ProduceOptions options(*track);
    co_return co_await peer.send->produce(std::move(options));
  }
  Task<> close(std::shared_ptr<Producer> producer) {
    producer->close();
    co_await peer.signaler.closeProducer(producer->id());
  }

  /// Until the server gets ever more packets of it.
  Task<> arrives(std::shared_ptr<Producer> producer) {
    return eventually("packets arrive", [this, producer] { return grows(producer->id()); });
  }
  Task<> isConnected() {
    return eventually("the transport is connected", [this] {
      return peer.send->connectionState() == ConnectionState::connected;
    });
  }
  std::shared_ptr<Track> encodedTrack() const { return encoded_->tracks().at(0); }

  DevicePeer peer;
  std::shared_ptr<Producer> sound;

 private:
  Task<std::int64_t> packetsOf(std::string id) {
    const Json seen = co_await peer.server.peer(peer.room, peer.id);
    for (const Json& producer : seen.list("producers")) {
      if (producer.get<std::string>("id") != id) continue;
      co_return producer.get<Json>("stats").getOr<std::int64_t>("packetCount", 0);
    }
    co_return 0;
  }
  Task<bool> grows(std::string id) {
    const std::int64_t before = co_await packetsOf(id);
    co_await sleepFor(100ms);
    const std::int64_t after = co_await packetsOf(id);
    co_return after > before;
  }

  std::shared_ptr<Source> source_;
  std::shared_ptr<Source> encoded_;
};

// The network is healthy, so that the state is "connecting" only for a moment.
Task<> goesOn(std::function<void(Sender&, Producer&)> disturb) {
  Sender ada;
  co_await ada.begin();
  co_await ada.arrives(ada.sound);
  LogCapture log;
  for (int round = 0; round < 6; ++round) {
    INFO("round " << round);
    const auto picture = co_await ada.produce(MediaKind::video);
    co_await ada.arrives(picture);
    bool disturbed = false;
    const Connection changes =
        ada.peer.send->connectionStateChanged.connect([&](ConnectionState now) {
          if (now != ConnectionState::connecting || std::exchange(disturbed, true)) return;
          disturb(ada, *picture);
        });
    co_await ada.peer.restartSend();
    co_await eventually("the transport connects once more", [&] { return disturbed; });
    co_await ada.isConnected();
    co_await ada.arrives(ada.sound);
    if (!picture->isClosed()) co_await ada.arrives(picture);
    co_await ada.close(picture);
  }
  CHECK(log.messages().empty());
  co_await ada.end();
}

}  // namespace

TEST_CASE("a producer that is closed during an ICE restart leaves the others as they are") {
  runTest(goesOn([](Sender&, Producer& picture) { picture.close(); }), 90s);
}

TEST_CASE("a track that is replaced during an ICE restart leaves the other producers as they are") {
  // Raw by encoded: the encoder goes.
  runTest(goesOn([](Sender& ada, Producer& picture) { picture.replaceTrack(ada.encodedTrack()); }),
          90s);
}

TEST_CASE("a producer that is closed before the first connection leaves its slot to the next one") {
  runTest(
      []() -> Task<> {
        Sender ada;
        co_await ada.begin();
        const auto first = co_await ada.produce(MediaKind::video);
        co_await ada.close(first);
        const auto second = co_await ada.produce(MediaKind::video);
        co_await ada.arrives(second);
        co_await ada.arrives(ada.sound);
        co_await ada.end();
      }(),
      60s);
}
