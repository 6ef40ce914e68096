// What the loop does not wait for: an encoder that is in the middle of a picture.
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/rtp/payloader.hpp"
#include "cosoup/media/rtp/track_feed.hpp"
#include "support/eventually.hpp"
#include "unit/media/rtp/held_encoder.hpp"
#include "unit/media/rtp/row.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr int kPictureBytes = 64 * 64 * 3 / 2;

/// A track of raw pictures through a HeldEncoder to a payloader.
class HeldFeed {
 public:
  HeldFeed() : track(std::make_shared<Track>(MediaKind::video)), pipeline_("held") {
    HeldEncoder::install();
    HeldEncoder::get().reset();
    caps_ = capsFrom(
        "video/x-raw, format=(string)NV12, width=(int)64, height=(int)64, "
        "framerate=(fraction)30/1");
    track->setCaps(caps_);
    RtpCodecParameters codec;
    codec.mimeType = "video/H264";
    codec.payloadType = 102;
    codec.clockRate = 90000;
    GstElement* payloader = pipeline_.add(makePayloader(codec, 1234));
    GstElement* sink = pipeline_.add(makeElement("fakesink"));
    g_object_set(sink, "async", FALSE, nullptr);
    gst_element_link(payloader, sink);
    EncoderSettings settings;
    settings.elementName = HeldEncoder::kFactory;
    settings.bitrate = 400000;
    feed = std::make_unique<TrackFeed>(pipeline_, payloader, "video/H264", std::move(settings));
    feed->setTrack(track);
    feed->setMode(FeedMode::sends);
  }

  Task<> play() { return pipeline_.setState(GST_STATE_PLAYING, "play"); }
  Task<> stop() { return pipeline_.stop(); }

  void deliver() {
    Frame frame;
    frame.caps = caps_;
    frame.buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, kPictureBytes, nullptr));
    gst_buffer_memset(frame.buffer.get(), 0, 0, kPictureBytes);
    frame.time = gst_element_get_base_time(pipeline_.element()) + time_;
    time_ += GST_SECOND / 30;
    track->deliver(frame);
  }
  /// The encoder is in the middle of a picture.
  void makeBusy() {
    HeldEncoder::get().hold();
    deliver();
    REQUIRE(HeldEncoder::get().waitUntilBusy());
  }
  /// Until the encoder has done what there is.
  Task<> encodes() {
    const std::size_t before = HeldEncoder::get().frames();
    deliver();
    co_await eventually("a frame", [&] { return HeldEncoder::get().frames() > before; });
  }

  std::shared_ptr<Track> track;
  std::unique_ptr<TrackFeed> feed;

 private:
  Ref<GstCaps> caps_;
  Pipeline pipeline_;
  GstClockTime time_ = GST_SECOND;
};

bool anyWaited() {
  const auto settings = HeldEncoder::get().settings();
  return std::any_of(settings.begin(), settings.end(),
                     [](const auto& each) { return each.waited; });
}

}  // namespace

TEST_CASE(
    "a bitrate is set by the thread that encodes, between two pictures; nobody waits for it") {
  runTest([]() -> Task<> {
    HeldFeed held;
    co_await held.play();
    held.makeBusy();
    held.feed->setBitrate(200000);
    CHECK(HeldEncoder::get().isBusy());
    CHECK_FALSE(anyWaited());
    HeldEncoder::get().release();
    co_await held.encodes();
    co_await held.encodes();
    REQUIRE_FALSE(HeldEncoder::get().settings().empty());
    const HeldEncoder::Setting last = HeldEncoder::get().settings().back();
    CHECK(last.bitrate == 200);
    CHECK(last.thread != std::this_thread::get_id());
    CHECK_FALSE(anyWaited());
    held.feed.reset();
    co_await held.stop();
  }());
}

TEST_CASE("a bitrate that changes by less than 3 % is left alone, but small steps add up") {
  runTest([]() -> Task<> {
    HeldFeed held;
    co_await held.play();
    co_await held.encodes();
    const std::size_t before = HeldEncoder::get().settings().size();
    held.feed->setBitrate(392000);
    co_await held.encodes();
    CHECK(HeldEncoder::get().settings().size() == before);
    held.feed->setBitrate(384000);
    co_await held.encodes();
    REQUIRE(HeldEncoder::get().settings().size() == before + 1);
    CHECK(HeldEncoder::get().settings().back().bitrate == 384);
    held.feed.reset();
    co_await held.stop();
  }());
}

TEST_CASE("a feed goes, or goes on with another track, without waiting for its encoder") {
  const bool replaces = GENERATE(false, true);
  runTest([](bool replacing) -> Task<> {
    HeldFeed held;
    co_await held.play();
    held.makeBusy();
    if (replacing) {
      const auto encoded = std::make_shared<Track>(MediaKind::video);
      encoded->setCaps(
          capsFrom("video/x-h264, stream-format=(string)byte-stream, alignment=(string)au"));
      held.feed->setTrack(encoded);
    } else {
      held.feed.reset();
    }
    CHECK(HeldEncoder::get().isBusy());
    HeldEncoder::get().release();
    held.feed.reset();
    co_await held.stop();
  }(replaces));
}
