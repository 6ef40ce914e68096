// How loud a consumer is, and when somebody speaks in it.
#include "cosoup/client/consumer.hpp"
#include "cosoup/client/recv_transport.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

using namespace std::chrono_literals;

/// A consumer whose packets are made by hand.
struct Heard {
  std::shared_ptr<Consumer> consumer;
  Ref<GstPad> pad;

  /// A packet of Opus; with a level: its extension has the id 6, as that of the consumer.
  void packet(std::optional<int> dBov, bool voice = false) const {
    std::vector<std::uint8_t> bytes = {0x80, 100, 0, 1, 0, 0, 0, 2, 0, 0, 3, 0xe8};
    if (dBov) {
      bytes[0] = 0x90;
      const auto level = static_cast<std::uint8_t>(-*dBov | (voice ? 0x80 : 0));
      bytes.insert(bytes.end(), {0xbe, 0xde, 0, 1, 0x60, level, 0, 0});
    }
    bytes.insert(bytes.end(), {0xf8, 0xff, 0xfe});
    GstBuffer* buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
    CHECK(gst_pad_chain(pad.get(), buffer) == GST_FLOW_OK);
  }
};

Task<Heard> hear(FakeCall& call, RecvTransport& transport, ConsumeOptions options) {
  Heard heard;
  const std::uint32_t ssrc = options.rtpParameters.encodings.front().ssrc.value();
  heard.consumer = co_await transport.consume(std::move(options));
  GstElement* stream = call.peer().makeStream(ssrc);
  REQUIRE(stream);
  heard.pad = Ref<GstPad>::adopt(gst_element_get_static_pad(stream, "sink"));
  gst_pad_send_event(heard.pad.get(), gst_event_new_stream_start("stream"));
  const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(
      "application/x-rtp, media=audio, encoding-name=OPUS, clock-rate=48000, payload=100"));
  gst_pad_send_event(heard.pad.get(), gst_event_new_caps(caps.get()));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_send_event(heard.pad.get(), gst_event_new_segment(&segment));
  co_return heard;
}

/// Speaks until it is told that somebody speaks.
Task<> speak(const Heard& heard) {
  for (int i = 0; i < 500 && !heard.consumer->isSpeaking(); ++i) {
    heard.packet(-20);
    co_await sleepFor(5ms);
  }
}

}  // namespace

TEST_CASE("a consumer knows the level of its newest packet, without a receiver") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const Heard heard = co_await hear(call, *transport, audioConsumer(1000));
    CHECK_FALSE(heard.consumer->audioLevel());
    heard.packet(-30, true);
    CHECK(heard.consumer->audioLevel() == AudioLevel{-30, true});
    heard.packet(-127);
    CHECK(heard.consumer->audioLevel() == AudioLevel{-127, false});
    heard.consumer->pause();
    heard.packet(0);
    CHECK(heard.consumer->audioLevel() == AudioLevel{0, false});
    CHECK_FALSE(heard.consumer->isSpeaking());
    co_await eventually("it is too old", [&] { return !heard.consumer->audioLevel(); });
    heard.consumer->close();
    CHECK_FALSE(heard.consumer->audioLevel());
    co_await transport->close();
  }());
}

TEST_CASE("a consumer tells when somebody starts to speak, and when packets fail to come") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const Heard heard = co_await hear(call, *transport, audioConsumer(1000));
    std::vector<bool> told;
    const Connection listening =
        heard.consumer->speakingChanged.connect([&](bool speaks) { told.push_back(speaks); });
    heard.packet(-80);
    co_await speak(heard);
    CHECK(told == std::vector<bool>{true});
    co_await eventually("it is told", [&] { return told.size() == 2; });
    CHECK_FALSE(told[1]);
    CHECK_FALSE(heard.consumer->isSpeaking());
    co_await speak(heard);
    CHECK(told.size() == 3);
    heard.consumer->close();
    CHECK(told == std::vector<bool>{true, false, true, false});
    co_await transport->close();
  }());
}

TEST_CASE("a transport that is closed while somebody speaks leaves nothing behind") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const Heard heard = co_await hear(call, *transport, audioConsumer(1000));
    co_await speak(heard);
    CHECK(heard.consumer->isSpeaking());
    co_await transport->close();
    CHECK_FALSE(heard.consumer->isSpeaking());
  }());
}

TEST_CASE("a consumer has no level without the extension") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const Heard silent = co_await hear(call, *transport, audioConsumer(1000));
    silent.packet(std::nullopt);
    CHECK_FALSE(silent.consumer->audioLevel());
    ConsumeOptions options = audioConsumer(2000);
    options.rtpParameters.headerExtensions.clear();
    const Heard without = co_await hear(call, *transport, std::move(options));
    without.packet(-10);
    CHECK_FALSE(without.consumer->audioLevel());
    CHECK_FALSE(without.consumer->isSpeaking());
    co_await transport->close();
  }());
}
