// Consumers of a real mediasoup server.
#include <atomic>

#include "integration/stage.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

Task<std::int64_t> pliCount(Stage& stage, std::shared_ptr<Consumer> consumer) {
  const Json seen = co_await stage.atServer(consumer);
  co_return seen.get<Json>("stats").get<std::int64_t>("pliCount");
}

Task<bool> asksForKeyFrames(Stage& stage, std::shared_ptr<Consumer> consumer, std::int64_t before) {
  consumer->requestKeyFrame();
  const std::int64_t now = co_await pliCount(stage, consumer);
  co_return now > before;
}

std::size_t keyFrames(const FrameLog& log) {
  std::size_t count = 0;
  for (const auto& entry : log.entries()) count += entry.isKeyFrame ? 1 : 0;
  return count;
}

Task<> requestsKeyFrames() {
  Stage stage;
  co_await stage.open();
  const auto track = co_await stage.picture("red");
  ProduceOptions options(track);
  const auto producer = co_await stage.produce(std::move(options));
  const auto consumer = co_await stage.consumerOf(producer);
  const auto log = std::make_shared<FrameLog>();
  consumer->track()->addReceiver(log);
  co_await eventually("frames come", [&] { return log->count() > 5; });
  const std::int64_t before = co_await pliCount(stage, consumer);
  co_await eventually("the server counts the PLI",
                      [&] { return asksForKeyFrames(stage, consumer, before); });
  const std::size_t have = keyFrames(*log);
  co_await eventually("a key frame comes", [&] {
    consumer->requestKeyFrame();
    return keyFrames(*log) > have;
  });
  consumer->track()->removeReceiver(log);
  consumer->close();
  CHECK_THROWS_AS(consumer->requestKeyFrame(), Error);
  CHECK_THROWS_AS(consumer->pause(), Error);
  co_await stage.close();
}

Task<> tellsOfItsStates() {
  Stage stage;
  co_await stage.open();
  const auto track = co_await stage.sound();
  ProduceOptions options(track);
  const auto producer = co_await stage.produce(std::move(options));
  const auto consumer = co_await stage.consumerOf(producer);
  std::string said;
  std::vector<Connection> connections;
  connections.push_back(consumer->paused.connect([&] { said += "paused "; }));
  connections.push_back(consumer->resumed.connect([&] { said += "resumed "; }));
  connections.push_back(consumer->trackEnded.connect([&] { said += "trackEnded "; }));
  connections.push_back(consumer->transportClosed.connect([&] { said += "transportClosed "; }));
  connections.push_back(consumer->closed.connect([&] { said += "closed "; }));
  co_await stage.bob.client.pauseConsumer(consumer);
  consumer->pause();
  CHECK(consumer->isPaused());
  co_await stage.bob.client.resumeConsumer(consumer);
  consumer->resume();
  co_await stage.bob.client.recvTransport()->close();
  CHECK(said == "paused resumed transportClosed trackEnded closed ");
  CHECK(track->isEnded() == false);
  CHECK(consumer->track()->isEnded());
  co_await stage.close();
}

Task<> carriesStreamIds() {
  Stage stage;
  co_await stage.open();
  const auto red = co_await stage.picture("red");
  const auto sound = co_await stage.sound();
  ProduceOptions camera(red);
  camera.streamId = "camera";
  const auto named = co_await stage.produce(std::move(camera));
  ProduceOptions microphone(sound);
  const auto unnamed = co_await stage.produce(std::move(microphone));
  const auto consumer = co_await stage.consumerOf(named);
  CHECK(named->rtpParameters().msid->starts_with("camera "));
  CHECK(consumer->rtpParameters().msid == named->rtpParameters().msid);
  CHECK(unnamed->rtpParameters().msid.has_value());
  CHECK_FALSE(unnamed->rtpParameters().msid->starts_with("camera "));
  CHECK(consumer->streamId() == "ada");  // as the room groups them
  // The same stream once more, for one who names no stream id.
  consumer->close();
  ConsumeOptions options("again", consumer->producerId(), MediaKind::video,
                         consumer->rtpParameters());
  options.rtpParameters.encodings.at(0).ssrc = 4711;
  options.rtpParameters.encodings.at(0).rtxSsrc.reset();
  const auto again = co_await stage.bob.client.recvTransport()->consume(std::move(options));
  CHECK(again->streamId() == "camera");
  co_await stage.close();
}

/// Counts on the streaming thread.
struct PacketCount {
  std::atomic<int> packets = 0;
  std::atomic<int> pads = 0;
  std::atomic<guint> ssrc = 0;
};

GstPadProbeReturn countPacket(GstPad*, GstPadProbeInfo*, gpointer count) {
  ++static_cast<PacketCount*>(count)->packets;
  return GST_PAD_PROBE_OK;
}

/// Keeps the offers for the test to consume by itself.
class OfferKeeper final : public ConsumerRequestListener {
 public:
  Task<bool> onNewConsumer(NewConsumer offer, std::shared_ptr<Peer>) override {
    offers.push_back(std::move(offer));
    co_return false;
  }
  std::vector<NewConsumer> offers;
};

Task<> showsItsRtp() {
  Stage stage;
  co_await stage.open();
  const auto keeper = std::make_shared<OfferKeeper>();
  Listeners listeners;
  listeners.consumerRequests = keeper;
  MediasoupClient eve(listeners);
  RoomAddress address = stage.ada.server.address(stage.ada.room);
  PeerInfo me("eve", "Eve");
  co_await eve.joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                        ConsumeConfig::discard());
  const auto sound = co_await stage.sound();
  ProduceOptions options(sound);
  const auto producer = co_await stage.produce(std::move(options));
  co_await eventually("eve has an offer", [&] { return !keeper->offers.empty(); });
  const NewConsumer offer = keeper->offers.front();
  const auto count = std::make_shared<PacketCount>();
  ConsumeOptions wanted(offer.id, offer.producerId, offer.kind, offer.rtpParameters);
  wanted.onRtpReceiver = [count](GstPad* pad) {
    ++count->pads;
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
    guint ssrc = 0;
    if (caps) gst_structure_get_uint(gst_caps_get_structure(caps.get(), 0), "ssrc", &ssrc);
    count->ssrc = ssrc;
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, &countPacket, count.get(), nullptr);
  };
  const auto consumer = co_await eve.recvTransport()->consume(std::move(wanted));
  const auto log = std::make_shared<FrameLog>();
  consumer->track()->addReceiver(log);
  const std::string path = "/test/consumers/" + offer.id + "/resume";
  co_await stage.ada.server.post(path, Json::object());
  co_await eventually("packets pass the pad", [&] { return count->packets > 10; });
  CHECK(count->pads == 1);
  CHECK(count->ssrc == *consumer->rtpParameters().encodings.at(0).ssrc);
  consumer->track()->removeReceiver(log);
  co_await eve.close();
  co_await stage.close();
}

}  // namespace

TEST_CASE("requestKeyFrame sends a PLI, and a key frame comes") {
  runTest(requestsKeyFrames(), 120s);
}

TEST_CASE("a consumer tells when it is paused, resumed and ended") {
  runTest(tellsOfItsStates(), 120s);
}

TEST_CASE("the stream id of a producer reaches its consumers", "[newer-mediasoup]") {
  // Before, a server keeps the msid of a producer to itself.
  runTest(carriesStreamIds(), 120s);
}

TEST_CASE("a consumer shows the pad on which its RTP packets come") {
  runTest(showsItsRtp(), 120s);
}
