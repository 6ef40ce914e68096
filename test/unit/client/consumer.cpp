#include "cosoup/client/consumer.hpp"

#include "cosoup/client/recv_transport.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/sections.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

using Released = FakePeerConnection::ReleasedStream;

TEST_CASE("a consumer tells of its first packet, and counts all of them") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const auto consumer = co_await transport->consume(videoConsumer(1000));
    int firsts = 0;
    const Connection listening = consumer->firstPacket.connect([&] { ++firsts; });
    CHECK(consumer->counters().packets == 0);
    for (int i = 0; i < 3; ++i) call.peer().receivePacket(1000);
    co_await eventually("the first packet is told", [&] { return firsts > 0; });
    call.peer().losePackets(7);
    CHECK(consumer->counters().packets == 3);
    CHECK(consumer->counters().bytes == 36);
    CHECK(consumer->counters().lost == 7);
    CHECK(firsts == 1);
    co_await transport->close();
  }());
}

TEST_CASE("a consumer is paused and resumed, and asks for a key frame on resuming") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const auto consumer = co_await transport->consume(videoConsumer(1000));
    consumer->pause();
    consumer->pause();
    CHECK(consumer->isPaused());
    CHECK(call.peer().keyFrameRequests().empty());
    consumer->resume();
    CHECK_FALSE(consumer->isPaused());
    CHECK(call.peer().keyFrameRequests() == std::vector<std::uint32_t>{1000});
    CHECK(call.peer().descriptions().size() == 4);
    co_await transport->close();
  }());
}

namespace {

struct FrameCount final : FrameReceiver {
  void onFrame(const Frame&) override { ++frames; }
  int frames = 0;
};

Frame frameOf(const Ref<GstCaps>& caps, bool isKey) {
  Frame frame;
  frame.caps = caps;
  frame.buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, 100, nullptr));
  if (!isKey) GST_BUFFER_FLAG_SET(frame.buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
  return frame;
}

}  // namespace

TEST_CASE("a consumer that is paused gives no frames, and goes on with a key frame") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const auto consumer = co_await transport->consume(videoConsumer(1000));
    const auto caps = Ref<GstCaps>::adopt(gst_caps_new_empty_simple("video/x-vp8"));
    const auto count = std::make_shared<FrameCount>();
    consumer->track()->addReceiver(count);
    consumer->track()->deliver(frameOf(caps, true));
    CHECK(count->frames == 1);
    consumer->pause();
    CHECK_FALSE(consumer->track()->hasReceivers());
    consumer->track()->deliver(frameOf(caps, true));
    consumer->track()->deliver(frameOf(caps, false));
    CHECK(count->frames == 1);
    consumer->resume();
    CHECK(consumer->track()->hasReceivers());
    consumer->track()->deliver(frameOf(caps, false));
    CHECK(count->frames == 1);
    consumer->track()->deliver(frameOf(caps, true));
    consumer->track()->deliver(frameOf(caps, false));
    CHECK(count->frames == 3);
    co_await transport->close();
  }());
}

TEST_CASE("a consumer that is closed tells, once, and can only be read") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const auto consumer = co_await transport->consume(videoConsumer(1000));
    int closed = 0;
    int transportClosed = 0;
    int ended = 0;
    const Connection first = consumer->closed.connect([&] { ++closed; });
    const Connection second = consumer->transportClosed.connect([&] { ++transportClosed; });
    const Connection third = consumer->track()->ended.connect([&] { ++ended; });
    call.peer().receivePacket(1000);
    consumer->close();
    consumer->close();
    CHECK(consumer->isClosed());
    CHECK(closed == 1);
    CHECK(transportClosed == 0);
    CHECK(ended == 1);
    CHECK(consumer->counters().packets == 1);
    CHECK(consumer->id() == "consumer 1000");
    CHECK(errorOf([&] { consumer->pause(); }).code() == Error::Code::InvalidState);
    CHECK(errorOf([&] { consumer->resume(); }).code() == Error::Code::InvalidState);
    co_await transport->close();
    CHECK(closed == 1);
    CHECK(transportClosed == 0);
  }());
}

TEST_CASE("a consumer that is closed frees its streams and leaves its slot to the next") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const auto video = co_await transport->consume(videoConsumer(1000));
    const auto audio = co_await transport->consume(audioConsumer(2000));
    CHECK(sectionsOf(*transport) == 3);
    video->close();
    co_await eventually("the streams are free",
                        [&] { return call.peer().releasedStreams().size() == 1; });
    CHECK(call.peer().releasedStreams()[0] == Released{1000, 1001});
    CHECK_FALSE(call.peer().receivePacket(1000));
    CHECK_FALSE(call.peer().makeStream(1000));
    // Another kind does not fit into it.
    co_await transport->consume(audioConsumer(3000));
    CHECK(sectionsOf(*transport) == 4);
    co_await transport->consume(videoConsumer(4000));
    CHECK(sectionsOf(*transport) == 4);
    CHECK(call.peer().remote().sections.at(1).ssrcs == std::vector<std::uint32_t>{4000, 4001});
    audio->close();
    co_await eventually("the stream is free",
                        [&] { return call.peer().releasedStreams().size() == 2; });
    CHECK(call.peer().releasedStreams()[1] == Released{2000, std::nullopt});
    co_await transport->close();
  }());
}

TEST_CASE("a hundred consumers one after the other need one slot") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    for (std::uint32_t ssrc = 1000; ssrc < 1200; ssrc += 2) {
      const auto consumer = co_await transport->consume(videoConsumer(ssrc));
      consumer->close();
    }
    CHECK(sectionsOf(*transport) == 2);
    co_await transport->close();
    CHECK(call.peer().releasedStreams().size() >= 99);
  }());
}

TEST_CASE("a consumer whose stream came to be is received by its track") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const auto consumer = co_await transport->consume(audioConsumer(1000));
    CHECK(call.peer().makeStream(1000));
    CHECK_FALSE(call.peer().makeStream(2000));
    consumer->track()->requestKeyFrame();
    CHECK(call.peer().keyFrameRequests() == std::vector<std::uint32_t>{1000});
    co_await transport->close();
  }());
}
