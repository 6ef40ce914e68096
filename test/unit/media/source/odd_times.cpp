// Whatever a file or a camera says of its rate, its times and its durations: nothing ends the
// process, and what has a time is sent.
#include <gst/app/gstappsrc.h>
#include <cstdlib>

#include <atomic>

#include "cosoup/media/rtp/payloader.hpp"
#include "cosoup/media/rtp/track_feed.hpp"
#include "cosoup/media/source/source.hpp"
#include "support/eventually.hpp"
#include "unit/media/clips.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// What comes of a source when its video is encoded and packed.
struct Outcome {
  std::atomic<int> packets = 0;
  std::string failure;
  bool ended = false;
};

RtpCodecParameters codecOf(const std::string& mimeType) {
  RtpCodecParameters codec;
  codec.mimeType = mimeType;
  codec.payloadType = 100;
  codec.clockRate = 90000;
  return codec;
}

/// A pipeline that encodes and packs a track.
class Encoding {
 public:
  Encoding(std::shared_ptr<Track> track, const std::string& mimeType, Outcome& outcome)
      : pipeline_("encoding"),
        payloader_(pipeline_.add(makePayloader(codecOf(mimeType), 1234))),
        feed_(pipeline_, payloader_, mimeType, settings()) {
    GstElement* sink = pipeline_.add(makeElement("fakesink"));
    g_object_set(sink, "async", FALSE, "sync", FALSE, nullptr);
    gst_element_link(payloader_, sink);
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(payloader_, "src"));
    const auto data =
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
    const auto count = [](GstPad*, GstPadProbeInfo*, gpointer result) {
      ++static_cast<Outcome*>(result)->packets;
      return GST_PAD_PROBE_OK;
    };
    gst_pad_add_probe(pad.get(), data, count, &outcome, nullptr);
    failed_ = feed_.failed.connect([&](const Error& error) { outcome.failure = error.what(); });
    feed_.setTrack(std::move(track));
    feed_.setMode(FeedMode::sends);
  }

  Task<> play() { return pipeline_.setState(GST_STATE_PLAYING, "play"); }
  Task<> stop() {
    feed_.setTrack(nullptr);
    co_await pipeline_.stop();
  }

 private:
  static EncoderSettings settings() {
    EncoderSettings settings;
    settings.maxFramerate = 100;
    return settings;
  }

  Pipeline pipeline_;
  GstElement* payloader_;
  TrackFeed feed_;
  Connection failed_;
};

Task<> sendAll(std::shared_ptr<Source> source, std::string mimeType, Outcome& outcome) {
  try {
    co_await source->open(nullptr);
  } catch (const Error& error) {
    outcome.failure = error.what();
  }
  if (outcome.failure.empty()) {
    const Connection ended = source->ended.connect([&] { outcome.ended = true; });
    const Connection failed =
        source->failed.connect([&](const Error& error) { outcome.failure = error.what(); });
    Encoding encoding(trackOf(source->tracks(), MediaKind::video), mimeType, outcome);
    co_await encoding.play();
    try {
      co_await source->play();
    } catch (const Error& error) {
      outcome.failure = error.what();
    }
    co_await test::eventually(
        "the source ends", [&] { return outcome.ended || !outcome.failure.empty(); }, 15s);
    // The encoder may still have some of it.
    if (outcome.failure.empty()) {
      co_await test::eventually(
          "a packet", [&] { return outcome.packets > 0; }, 15s);
    }
    co_await encoding.stop();
  }
  co_await source->close();
}

/// How a stream says when its frames are due.
struct Times {
  const char* rate;      ///< of the caps; null: nothing is said
  const char* duration;  ///< "right", "none" or "zero"
  const char* stamps;    ///< "both", "pts", "dts" or "none"
  const char* course;    ///< "on", "back", "jump", "late" or "still"
};

constexpr GstClockTime kStep = 5 * GST_MSECOND;

GstClockTime timeOf(const Times& times, std::size_t index) {
  const std::string course = times.course;
  if (course == "back" && index >= 4) return (index - 4) * kStep;
  if (course == "jump" && index >= 4) return index * kStep + 300 * GST_MSECOND;
  if (course == "late") return 36000 * GST_SECOND + index * kStep;
  if (course == "still") return 0;
  return index * kStep;
}

void stamp(GstBuffer* buffer, const Times& times, std::size_t index) {
  const std::string stamps = times.stamps;
  const GstClockTime time = timeOf(times, index);
  GST_BUFFER_PTS(buffer) = stamps == "both" || stamps == "pts" ? time : GST_CLOCK_TIME_NONE;
  GST_BUFFER_DTS(buffer) = stamps == "both" || stamps == "dts" ? time : GST_CLOCK_TIME_NONE;
  const std::string duration = times.duration;
  GST_BUFFER_DURATION(buffer) = duration == "right"  ? kStep
                                : duration == "zero" ? 0
                                                     : GST_CLOCK_TIME_NONE;
}

Ref<GstCaps> capsOf(const Ref<GstCaps>& caps, const Times& times) {
  auto changed = Ref<GstCaps>::adopt(gst_caps_copy(caps.get()));
  gst_structure_remove_field(gst_caps_get_structure(changed.get(), 0), "framerate");
  if (!times.rate) return changed;
  GValue rate = G_VALUE_INIT;
  g_value_init(&rate, GST_TYPE_FRACTION);
  REQUIRE(gst_value_deserialize(&rate, times.rate));
  gst_caps_set_value(changed.get(), "framerate", &rate);
  g_value_unset(&rate);
  return changed;
}

/// An element that gives these frames and then ends.
std::shared_ptr<Source> sourceOf(const Clip& clip, const Times& times) {
  const auto element = Ref<GstElement>::sink(makeElement("appsrc"));
  g_object_set(element.get(), "format", GST_FORMAT_TIME, "handle-segment-change", TRUE, nullptr);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  segment.start = segment.position = timeOf(times, 0);
  const Ref<GstCaps> caps = capsOf(clip.front().caps, times);
  for (std::size_t i = 0; i < clip.size(); ++i) {
    const auto buffer = Ref<GstBuffer>::adopt(gst_buffer_copy(clip[i].buffer.get()));
    stamp(buffer.get(), times, i);
    const auto sample =
        Ref<GstSample>::adopt(gst_sample_new(buffer.get(), caps.get(), &segment, nullptr));
    gst_app_src_push_sample(GST_APP_SRC(element.get()), sample.get());
  }
  gst_app_src_end_of_stream(GST_APP_SRC(element.get()));
  return makeElementSource(element);
}

Clip clipOf(const std::string& form) {
  const std::string picture =
      "videotestsrc num-buffers=8 ! video/x-raw,format=I420,width=64,height=64,framerate=200/1";
  if (form == "raw") return encode(picture);
  if (form == "vp8") return encode(picture + " ! vp8enc deadline=1");
  return encode(picture + " ! openh264enc ! video/x-h264,stream-format=byte-stream,alignment=au");
}

/// All combinations with COSOUP_TEST_THOROUGH in the environment, which takes a quarter of an hour;
/// else every stamp with every course, and each rate and duration with most of them.
std::vector<Times> allTimes() {
  constexpr const char* kRates[] = {"200/1", "0/1", nullptr};
  constexpr const char* kDurations[] = {"right", "none", "zero"};
  constexpr const char* kStamps[] = {"both", "pts", "dts", "none"};
  constexpr const char* kCourses[] = {"on", "back", "jump", "late", "still"};
  const bool thorough = std::getenv("COSOUP_TEST_THOROUGH") != nullptr;
  std::vector<Times> all;
  for (std::size_t i = 0; i < 180; ++i) {
    const std::size_t stamps = i % 4;
    const std::size_t course = i / 4 % 5;
    const std::size_t rate = i / 20 % 3;
    const std::size_t duration = i / 60;
    const bool isChosen = rate == (stamps + course) % 3 && duration == (stamps + 2 * course) % 3;
    if (!thorough && !isChosen) continue;
    all.push_back({kRates[rate], kDurations[duration], kStamps[stamps], kCourses[course]});
  }
  return all;
}

Task<> checkAll(std::string form, std::string mimeType, std::vector<Times> all) {
  const Clip clip = clipOf(form);
  for (const Times& times : all) {
    INFO(form << ", rate " << (times.rate ? times.rate : "not said") << ", duration "
              << times.duration << ", stamps " << times.stamps << ", course " << times.course);
    Outcome outcome;
    co_await sendAll(sourceOf(clip, times), mimeType, outcome);
    INFO(outcome.failure);
    // Without any time nothing can be sent, and that is told.
    const bool hasTimes = std::string(times.stamps) != "none";
    CHECK((outcome.packets > 0 || (!hasTimes && !outcome.failure.empty())));
  }
}

}  // namespace

TEST_CASE("raw pictures with whatever rate, times and durations are encoded") {
  const std::string mimeType = GENERATE("video/VP8", "video/H264");
  runTest(checkAll("raw", mimeType, allTimes()), 200s);
}

TEST_CASE("encoded pictures with whatever rate, times and durations are encoded once more") {
  const std::string form = GENERATE("vp8", "h264");
  runTest(checkAll(form, form == "vp8" ? "video/H264" : "video/VP8", allTimes()), 200s);
}

namespace {

Task<> encodeFile(std::string path, std::string mimeType) {
  INFO(path);
  Outcome outcome;
  co_await sendAll(makeFileSource(path), mimeType, outcome);
  CHECK(outcome.failure == "");
  CHECK(outcome.packets > 0);
}

std::string record(Clip clip, RecordOptions::Container container, const std::string& path) {
  Bench bench(container, [&](const std::string& extension) { return path + extension; });
  bench.add(MediaKind::video, std::move(clip));
  bench.runUntil(3);
  bench.finish();
  REQUIRE(bench.recorded.size() == 1);
  return bench.recorded[0];
}

}  // namespace

TEST_CASE("recordings can be sent into a room with another codec") {
  const TemporaryDirectory directory;
  const bool mp4 = GENERATE(true, false);
  const auto container = mp4 ? RecordOptions::Container::mp4 : RecordOptions::Container::automatic;
  const std::string h264 = record(h264Clip(0.5, 176), container, directory.file("h264"));
  const std::string vp8 = record(vp8Clip(0.5), container, directory.file("vp8"));
  CHECK(h264.ends_with(mp4 ? ".mp4" : ".mkv"));
  CHECK(vp8.ends_with(".webm"));
  runTest(encodeFile(h264, "video/VP8"));
  runTest(encodeFile(vp8, "video/H264"));
}

TEST_CASE("a transport stream, which says no rate, can be sent into a room with another codec") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("tiny.ts");
  runLaunchLine("mpegtsmux name=m ! filesink location=" + path +
                " videotestsrc num-buffers=10 ! video/x-raw,width=160,height=120,framerate=30/1"
                " ! openh264enc ! h264parse config-interval=-1 ! m.");
  runTest(encodeFile(path, "video/VP8"));
}

TEST_CASE("a source that ends without a frame that can be sent is an error") {
  runTest([]() -> Task<> {
    const Times times{"0/1", "none", "none", "on"};
    const auto source = sourceOf(clipOf("raw"), times);
    Outcome outcome;
    co_await sendAll(source, "video/VP8", outcome);
    CHECK(outcome.failure.find("without a single frame") != std::string::npos);
    CHECK_FALSE(outcome.ended);
  }());
}
