// How the tests of an app look that is built on cosoup: nothing but public headers, no network.
#include <cosoup/cosoup.hpp>
#include <cosoup/testing/fake_handler.hpp>
#include <cosoup/testing/fake_parameters.hpp>

#include "support/catch.hpp"
#include "support/run_test.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace cosoup::testing;

namespace {

/// The app: publishes a track and a telemetry channel, and answers to what it is told.
class Robot {
 public:
  explicit Robot(DeviceOptions options) : device_(std::move(options)) {
    device_.load(fakeRouterRtpCapabilities());
  }

  Task<> start(std::shared_ptr<Track> camera) {
    send_ = device_.createSendTransport(
        fakeTransportParameters(), [this](DtlsParameters) { return connect(); },
        [this](MediaKind kind, RtpParameters parameters, Json) {
          return produce(kind, std::move(parameters));
        },
        [this](SctpStreamParameters, std::string label, std::string, Json) {
          return produceData(std::move(label));
        });
    recv_ = device_.createRecvTransport(fakeTransportParameters(),
                                        [this](DtlsParameters) { return connect(); });
    state_ = send_->connectionStateChanged.connect(
        [this](ConnectionState now) { alarmed = now == ConnectionState::failed; });
    producer = co_await send_->produce(ProduceOptions(std::move(camera)));
    DataProduceOptions options("telemetry");
    telemetry = co_await send_->produceData(std::move(options));
    operatorVoice = co_await recv_->consume(fakeConsumeOptions(MediaKind::audio, 1000));
    commands = co_await recv_->consumeData(fakeDataConsumeOptions(3));
    command_ = commands->message.connect([this](const DataMessage& message) {
      heard.push_back(message.text());
      telemetry->send("done: " + message.text());
    });
  }
  Task<> stop() {
    co_await send_->close();
    co_await recv_->close();
  }

  std::shared_ptr<Producer> producer;
  std::shared_ptr<DataProducer> telemetry;
  std::shared_ptr<Consumer> operatorVoice;
  std::shared_ptr<DataConsumer> commands;
  std::vector<std::string> heard;
  std::vector<std::string> told;  ///< what the server was
  bool alarmed = false;

 private:
  Task<> connect() {
    told.push_back("connect");
    co_return;
  }
  Task<std::string> produce(MediaKind kind, RtpParameters parameters) {
    told.push_back(toString(kind) + " " + parameters.codecs.front().mimeType);
    co_return "producer 1";
  }
  Task<std::string> produceData(std::string label) {
    told.push_back(label);
    co_return "data producer 1";
  }

  Device device_;
  std::shared_ptr<SendTransport> send_;
  std::shared_ptr<RecvTransport> recv_;
  Connection state_;
  Connection command_;
};

std::shared_ptr<Track> camera() {
  auto track = std::make_shared<Track>(MediaKind::video);
  GstCaps* caps = gst_caps_from_string("video/x-vp8, width=640, height=480, framerate=30/1");
  track->setCaps(Ref<GstCaps>::adopt(caps));
  return track;
}

class Ear : public FrameReceiver {
 public:
  void onFrame(const Frame&) override { ++frames; }
  int frames = 0;
};

}  // namespace

TEST_CASE("an app's call is tested with a fake handler and fake parameters, without a network") {
  runTest([]() -> Task<> {
    gst_init(nullptr, nullptr);
    FakeHandler handler;
    Robot robot(handler.deviceOptions());
    co_await robot.start(camera());
    const std::vector<std::string> told{"connect", "video video/VP8", "telemetry", "connect"};
    CHECK(robot.told == told);
    REQUIRE(handler.connections().size() == 2);
    FakeConnection& send = *handler.connections()[0];
    FakeConnection& recv = *handler.connections()[1];
    CHECK_FALSE(send.receives());
    CHECK(recv.receives());

    send.setConnectionState(ConnectionState::connected);
    CHECK_FALSE(robot.alarmed);
    send.setConnectionState(ConnectionState::failed);
    CHECK(robot.alarmed);

    send.openDataChannels();
    recv.openDataChannels();
    CHECK(robot.telemetry->readyState() == DataChannelState::open);
    CHECK(recv.receiveMessage(3, DataMessage::text("forward")));
    CHECK_FALSE(recv.receiveMessage(4, DataMessage::text("forward")));
    CHECK(robot.heard == std::vector<std::string>{"forward"});
    const std::uint16_t streamId = robot.telemetry->sctpStreamParameters().streamId;
    CHECK(robot.telemetry->bufferedAmount() == 13);
    CHECK(send.takeMessages(streamId) == std::vector{DataMessage::text("done: forward")});
    CHECK(send.takeMessages(streamId).empty());
    CHECK(robot.telemetry->bufferedAmount() == 0);

    co_await robot.stop();
    CHECK(send.isClosed());
    CHECK(recv.isClosed());
    CHECK(robot.commands->isClosed());
  }());
}

TEST_CASE("what a fake connection receives reaches the consumer") {
  runTest([]() -> Task<> {
    gst_init(nullptr, nullptr);
    FakeHandler handler;
    Robot robot(handler.deviceOptions());
    co_await robot.start(camera());
    FakeConnection& recv = *handler.connections()[1];
    int first = 0;
    const Connection counting = robot.operatorVoice->firstPacket.connect([&] { ++first; });
    CHECK(recv.receivePacket(1000));
    CHECK_FALSE(recv.receivePacket(2000));
    co_await sleepFor(std::chrono::milliseconds(0));
    CHECK(robot.operatorVoice->counters().packets == 1);
    const auto ear = std::make_shared<Ear>();
    robot.operatorVoice->track()->addReceiver(ear);
    Frame frame;
    frame.buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, 10, nullptr));
    robot.operatorVoice->track()->deliver(frame);
    CHECK(ear->frames == 1);
    robot.operatorVoice->track()->removeReceiver(ear);
    co_await robot.stop();
  }());
}

TEST_CASE("the server's wish for a key frame and a refused address come from a fake connection") {
  runTest([]() -> Task<> {
    gst_init(nullptr, nullptr);
    FakeHandler handler;
    Device device(handler.deviceOptions());
    device.load(fakeRouterRtpCapabilities());
    const auto send = device.createSendTransport(
        fakeTransportParameters(), [](DtlsParameters) -> Task<> { co_return; },
        [](MediaKind, RtpParameters, Json) -> Task<std::string> { co_return "producer"; });
    const auto track = camera();
    int asked = 0;
    track->setKeyFrameRequest([&] { ++asked; });
    const auto producer = co_await send->produce(ProduceOptions(track));
    const int before = asked;
    FakeConnection& connection = *handler.connections().front();
    while (asked == before) {  // what encodes and packs may still be starting
      connection.requestKeyFrame(*producer->rtpParameters().encodings.front().ssrc);
      co_await sleepFor(std::chrono::milliseconds(1));
    }
    CHECK(asked == before + 1);
    std::string url;
    const Connection listening =
        send->iceCandidateError.connect([&](const IceCandidateError& error) { url = error.url; });
    connection.failIceCandidate({"turn:relay:3478?transport=udp", "it refuses"});
    CHECK(url == "turn:relay:3478?transport=udp");
    co_await send->close();
    track->setKeyFrameRequest(nullptr);
  }());
}

TEST_CASE("a fake handler's negotiation fails when it is told to, once") {
  runTest([]() -> Task<> {
    gst_init(nullptr, nullptr);
    FakeHandler handler;
    Robot robot(handler.deviceOptions());
    handler.failNegotiation(Error(Error::Code::Media, "the codec is not there"));
    std::string reason;
    try {
      co_await robot.start(camera());
    } catch (const Error& error) {
      reason = error.what();
    }
    CHECK(reason == "produce: the codec is not there");
    co_await robot.stop();
  }());
}

TEST_CASE("a device with fake local capabilities depends on no installed encoder") {
  FakeHandler handler;
  DeviceOptions options;
  options.localCapabilities = fakeLocalRtpCapabilities();
  Device device(handler.deviceOptions(std::move(options)));
  device.load(fakeRouterRtpCapabilities());
  std::vector<std::string> codecs;
  for (const auto& codec : device.sendRtpCapabilities().codecs) codecs.push_back(codec.mimeType);
  CHECK(codecs == std::vector<std::string>{"audio/opus", "video/VP8", "video/rtx", "video/H264",
                                           "video/rtx"});
}

TEST_CASE("ORTC tells without a transport what can be sent and received") {
  const RtpCapabilities router = fakeRouterRtpCapabilities();
  const ortc::ExtendedRtpCapabilities common =
      ortc::getExtendedRtpCapabilities(fakeLocalRtpCapabilities(), router);
  CHECK(ortc::canSend(MediaKind::audio, common));
  CHECK(ortc::canReceive(fakeConsumerRtpParameters(MediaKind::video, 1), common));
  CHECK(ortc::receiveRtpCapabilities(common).codecs.size() == 5);
  CHECK_NOTHROW(ortc::validateRtpCapabilities(router));
  RtpParameters unknown = fakeConsumerRtpParameters(MediaKind::video, 1);
  unknown.codecs.front().mimeType = "video/H265";
  CHECK_FALSE(ortc::canReceive(unknown, common));
}
