// When frames are played, where some come late.
#include <atomic>

#include "cosoup/async/deferred.hpp"
#include "cosoup/media/sink/element_sink.hpp"
#include "cosoup/media/sink/frame_sink.hpp"
#include "support/eventually.hpp"
#include "unit/media/rtp/fed.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// What an element that drops late frames, as those of screens and speakers do, has shown. It is
/// patient enough for a busy machine.
class Screen {
 public:
  GstElement* makeElement() {
    GstElement* sink = gst_element_factory_make("fakesink", nullptr);
    g_object_set(sink, "sync", TRUE, "max-lateness", gint64{500 * GST_MSECOND}, "signal-handoffs",
                 TRUE, nullptr);
    g_signal_connect(sink, "handoff",
                     G_CALLBACK(+[](GstElement*, GstBuffer*, GstPad*, gpointer shown) {
                       ++*static_cast<std::atomic<std::size_t>*>(shown);
                     }),
                     &shown_);
    element_ = Ref<GstElement>::share(sink);
    return sink;
  }

  std::size_t shown() const { return shown_; }
  /// How long its pipeline holds frames back; ms.
  guint64 delay() const {
    auto* pipeline = GST_PIPELINE(GST_ELEMENT_PARENT(element_.get()));
    return gst_pipeline_get_latency(pipeline) / GST_MSECOND;
  }

 private:
  std::atomic<std::size_t> shown_ = 0;
  Ref<GstElement> element_;
};

/// A sound and a picture with a screen each, until they are finished.
struct Stage {
  Stage() {
    sink->addTrack(ada, video.track);
    sink->addTrack(TrackOrigin("c2", "ada", "Ada", "demo"), audio.track);
  }
  void setLatency(std::chrono::milliseconds latency) {
    for (Fed* fed : {&video, &audio}) fed->track->setLatency(latency);
  }
  /// One frame each, which come when they are due.
  void begin() {
    video.deliver({clip.front()});
    audio.deliver({sound.front()});
  }

  const Clip clip = vp8Clip(0.5);
  const Clip sound = opusClip(0.02);
  Screen picture;
  Screen speaker;
  Fed video{MediaKind::video};
  Fed audio{MediaKind::audio};
  std::shared_ptr<Sink> sink = makeElementSink([this](const TrackOrigin&, MediaKind kind) {
    return (kind == MediaKind::video ? picture : speaker).makeElement();
  });
};

/// All of the clip at once, so much later than it is due.
void deliverLate(Fed& fed, const Clip& clip, std::chrono::nanoseconds late) {
  const GstClockTime start = gst_util_get_timestamp() - static_cast<GstClockTime>(late.count());
  for (Frame frame : clip) {
    frame.time += start;
    fed.track->deliver(frame);
  }
}

Task<> showsWhatIsLate(bool isKnownBefore) {
  Stage stage;
  if (isKnownBefore) stage.setLatency(3s);
  stage.begin();
  co_await eventually("the first frames",
                      [&] { return stage.picture.shown() == 1 && stage.speaker.shown() == 1; });
  stage.setLatency(3s);
  // What comes along with the news may be too late for it.
  deliverLate(stage.video, {stage.clip.front()}, 1600ms);
  co_await eventually("the delay", [&] { return stage.picture.delay() == 3050; });
  deliverLate(stage.video, stage.clip, 1500ms);
  co_await eventually("all frames", [&] { return stage.picture.shown() >= 16; });
  co_await stage.sink->close();
}

Task<> dropsWhatIsLaterThanTold() {
  Stage stage;
  stage.begin();
  co_await eventually("the first frames", [&] { return stage.picture.shown() == 1; });
  deliverLate(stage.video, stage.clip, 1500ms);
  co_await stage.sink->close();
  CHECK(stage.picture.shown() < 16);
}

Task<> delaysBoth() {
  Stage stage;
  stage.setLatency(0ms);
  stage.begin();
  co_await eventually("the first frames",
                      [&] { return stage.picture.shown() == 1 && stage.speaker.shown() == 1; });
  CHECK(stage.picture.delay() == 50);
  CHECK(stage.speaker.delay() == 50);
  stage.setLatency(700ms);
  stage.begin();
  co_await eventually("both are delayed more",
                      [&] { return stage.picture.delay() == 750 && stage.speaker.delay() == 750; });
  co_await stage.sink->close();
}

Task<> delaysByDefault() {
  Stage stage;
  stage.begin();
  co_await eventually("the first frames", [&] { return stage.picture.shown() == 1; });
  CHECK(stage.picture.delay() == 300);
  co_await stage.sink->close();
}

Task<> keepsWhatWaits(std::optional<std::chrono::milliseconds> latency, std::size_t& count) {
  FrameSinkOptions options(FrameSinkOptions::Form::raw);
  options.queueLength = 1000;
  const auto sink = makeFrameSink(options);
  Fed audio(MediaKind::audio);
  if (latency) audio.track->setLatency(*latency);
  sink->addTrack(ada, audio.track);
  audio.deliver(opusClip(8));
  co_await sink->close();
  while (co_await sink->next()) ++count;
}

}  // namespace

TEST_CASE("a frame that comes as late as the latency allows is played, also when that has grown") {
  runTest(showsWhatIsLate(GENERATE(true, false)));
}

TEST_CASE("a frame that comes later than anybody said is not played") {
  runTest(dropsWhatIsLaterThanTold());
}

TEST_CASE("sound and picture are delayed by the latency, which may be none, and grow together") {
  runTest(delaysBoth());
}

TEST_CASE("frames of which nobody says how late they may come are played after 300 ms") {
  runTest(delaysByDefault());
}

TEST_CASE("frames that wait for their time are not taken for those of an element that hangs") {
  std::size_t count = 0;
  SECTION("a long latency") {
    runTest(keepsWhatWaits(10s, count));
    CHECK(count >= 400);
  }
  SECTION("the usual one") {
    runTest(keepsWhatWaits(std::nullopt, count));
    CHECK(count < 200);
  }
}
