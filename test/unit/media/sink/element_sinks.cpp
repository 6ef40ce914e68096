// Sinks that are elements: an app's own, launch lines, screen and speakers.
#include "cosoup/async/deferred.hpp"
#include "cosoup/media/sink/element_sink.hpp"
#include "support/eventually.hpp"
#include "unit/media/rtp/fed.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// A sink element that notes what it gets.
GstElement* makeNotingElement(const std::shared_ptr<FrameLog>& log, const std::string& caps) {
  auto track = std::make_shared<Track>(MediaKind::video);
  track->addReceiver(log);
  GstElement* bin = gst_bin_new(nullptr);
  GstElement* filter = gst_element_factory_make("capsfilter", nullptr);
  const auto accepted = capsFrom(caps);
  g_object_set(filter, "caps", accepted.get(), nullptr);
  GstElement* sink = gst_element_factory_make("fakesink", nullptr);
  g_object_set(sink, "sync", TRUE, "signal-handoffs", TRUE, nullptr);
  g_signal_connect_data(
      sink, "handoff", G_CALLBACK(+[](GstElement*, GstBuffer* buffer, GstPad* pad, gpointer data) {
        Frame frame;
        frame.buffer = Ref<GstBuffer>::share(buffer);
        frame.caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
        frame.time = GST_BUFFER_PTS(buffer);
        (*static_cast<std::shared_ptr<Track>*>(data))->deliver(frame);
      }),
      new std::shared_ptr<Track>(track),
      [](gpointer data, GClosure*) { delete static_cast<std::shared_ptr<Track>*>(data); },
      static_cast<GConnectFlags>(0));
  gst_bin_add_many(GST_BIN(bin), filter, sink, nullptr);
  gst_element_link(filter, sink);
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(filter, "sink"));
  gst_element_add_pad(bin, gst_ghost_pad_new("sink", pad.get()));
  return bin;
}

Task<> entersElements(std::string accepted, std::string expected) {
  const auto log = std::make_shared<FrameLog>();
  const auto sink = makeElementSink([&](const TrackOrigin& origin, MediaKind kind) -> GstElement* {
    CHECK(origin.peerId == "ada");
    return kind == MediaKind::video ? makeNotingElement(log, accepted) : nullptr;
  });
  std::vector<std::string> failures;
  const Connection connection =
      sink->failed.connect([&](const Error& error) { failures.push_back(error.what()); });
  Fed video(MediaKind::video);
  Fed audio(MediaKind::audio);
  sink->addTrack(ada, video.track);
  sink->addTrack(TrackOrigin("c2", "ada", "Ada", "demo"), audio.track);
  const Clip clip = vp8Clip(0.5);
  video.deliver(clip);
  audio.deliver(opusClip(0.1));
  co_await eventually("all frames", [&] { return log->count() == 15; });
  CHECK(capsText(log->caps()).find(expected) == 0);
  if (expected == "video/x-vp8") CHECK(sameData(log->notes(), test::notesOf(clip)));
  CHECK_FALSE(audio.track->hasReceivers());
  co_await sink->close();
  CHECK_FALSE(video.track->hasReceivers());
  CHECK(failures.empty());
}

Task<> followsACodecChange() {
  std::vector<std::shared_ptr<FrameLog>> logs;
  const auto sink = makeElementSink([&](const TrackOrigin&, MediaKind) {
    logs.push_back(std::make_shared<FrameLog>());
    return makeNotingElement(logs.back(), "video/x-raw");
  });
  Fed video(MediaKind::video);
  sink->addTrack(ada, video.track);
  video.deliver(vp8Clip(0.5));
  co_await eventually("VP8 is shown", [&] { return logs.size() == 1 && logs[0]->count() == 15; });
  Clip larger = vp8Clip(0.5, 3000, 320);
  video.deliver(larger);
  co_await eventually("the new size is shown", [&] { return logs[0]->count() == 30; });
  CHECK(capsText(logs[0]->caps()).find("width=(int)320") != std::string::npos);
  video.deliver(
      encode("videotestsrc num-buffers=15 ! video/x-raw,width=160,height=120,"
             "framerate=30/1 ! vp9enc deadline=1 cpu-used=8"));
  co_await eventually("VP9 is shown", [&] { return logs.size() == 2 && logs[1]->count() == 15; });
  co_await sink->close();
}

Task<> writesThroughALaunchLine(std::string path) {
  const auto sink = makeLaunchSink("queue ! video/x-vp8 ! webmmux ! filesink location=" + path);
  std::vector<std::string> failures;
  const Connection connection =
      sink->failed.connect([&](const Error& error) { failures.push_back(error.what()); });
  Fed video(MediaKind::video);
  Fed audio(MediaKind::audio);
  sink->addTrack(ada, video.track);
  sink->addTrack(bob, audio.track);
  const Clip clip = vp8Clip(0.5);
  video.deliver(clip);
  audio.deliver(opusClip(0.1));
  co_await eventually("the sound is declined", [&] { return !audio.track->hasReceivers(); });
  sink->removeTrack("c1");
  co_await sink->close();
  CHECK(failures.empty());
  const MediaFile file = readMediaFile(path);
  CHECK(file.error == "");
  CHECK(sameData(file.streams.at("video").frames, test::notesOf(clip)));
}

Task<> keepsAnElementsErrorApart() {
  const auto log = std::make_shared<FrameLog>();
  const auto sink = makeElementSink([&](const TrackOrigin& origin, MediaKind) -> GstElement* {
    if (origin.peerId == "bob") return makeNotingElement(log, "video/x-raw");
    GstElement* broken =
        gst_parse_bin_from_description("identity error-after=3 ! fakesink", TRUE, nullptr);
    return broken;
  });
  std::vector<std::string> failures;
  const Connection connection =
      sink->failed.connect([&](const Error& error) { failures.push_back(error.what()); });
  Fed video(MediaKind::video);
  const auto other = std::make_shared<FrameLog>();
  video.track->addReceiver(other);
  sink->addTrack(ada, video.track);
  sink->addTrack(bob, video.track);
  video.deliver(vp8Clip(0.5));
  co_await eventually("the failure", [&] { return failures.size() == 1; });
  CHECK(failures[0].find("element sink: video of 'Ada': ") == 0);
  co_await eventually("the other pipeline goes on", [&] { return log->count() == 15; });
  CHECK(other->count() == 15);
  co_await sink->close();
  CHECK(failures.size() == 1);
}

Task<> isLeftUnclosed() {
  auto sink = makeLaunchSink("fakesink");
  Fed video(MediaKind::video);
  sink->addTrack(ada, video.track);
  video.deliver(vp8Clip(0.2));
  co_await sleepFor(1ms);
  sink.reset();
  CHECK_FALSE(video.track->hasReceivers());
}

/// Lets autovideosink and autoaudiosink find a sink where there is neither display nor sound card.
class FakeDevices {
 public:
  FakeDevices() {
    ensureGStreamer();
    raise("fakevideosink");
    raise("fakeaudiosink");
  }
  FakeDevices(const FakeDevices&) = delete;
  FakeDevices& operator=(const FakeDevices&) = delete;
  ~FakeDevices() {
    for (auto& [feature, rank] : before_) {
      gst_plugin_feature_set_rank(feature, rank);
      gst_object_unref(feature);
    }
  }

 private:
  void raise(const char* name) {
    GstPluginFeature* feature = gst_registry_lookup_feature(gst_registry_get(), name);
    REQUIRE(feature);
    before_.emplace_back(feature, gst_plugin_feature_get_rank(feature));
    gst_plugin_feature_set_rank(feature, GST_RANK_PRIMARY + 1000);
  }
  std::vector<std::pair<GstPluginFeature*, guint>> before_;
};

Task<> plays() {
  const FakeDevices devices;
  const auto sink = makePlaySink();
  std::vector<std::string> failures;
  const Connection connection =
      sink->failed.connect([&](const Error& error) { failures.push_back(error.what()); });
  Fed video(MediaKind::video);
  Fed audio(MediaKind::audio);
  sink->addTrack(ada, video.track);
  sink->addTrack(bob, audio.track);
  video.deliver(vp8Clip(0.5));
  audio.deliver(opusClip(0.5));
  co_await sleepFor(1ms);
  co_await sink->close();  // which waits for the end of stream
  CHECK(failures == std::vector<std::string>());
}

}  // namespace

TEST_CASE("an element gets a track as it comes if it takes that, else decoded") {
  SECTION("anything") { runTest(entersElements("ANY", "video/x-vp8")); }
  SECTION("encoded") { runTest(entersElements("video/x-vp8", "video/x-vp8")); }
  SECTION("raw") { runTest(entersElements("video/x-raw, format=RGB", "video/x-raw")); }
}

TEST_CASE("a change of size goes on in the same element, one of the codec in another") {
  runTest(followsACodecChange());
}

TEST_CASE("a launch line gets what it takes and the end of the stream, other kinds are ignored") {
  const TemporaryDirectory directory;
  runTest(writesThroughALaunchLine(directory.file("out.webm")));
}

TEST_CASE("a launch line that is none is refused at once") {
  struct Row {
    const char* line;
    const char* reason;
  };
  const Row row = GENERATE(Row{"nosuchelement", "nosuchelement"}, Row{"fakesink !", "syntax"},
                           Row{"fakesrc ! fakesink", "no unlinked sink pad"},
                           Row{"funnel ! fakesink", "no unlinked sink pad"},
                           Row{"identity", "unlinked source pad"},
                           Row{"fakesink fakesink", "more than one unlinked sink pad"});
  INFO(row.line);
  std::string reason;
  try {
    makeLaunchSink(row.line);
  } catch (const Error& error) {
    reason = error.what();
  }
  INFO(reason);
  CHECK(reason.find("launch sink '") == 0);
  CHECK(reason.find(row.reason) != std::string::npos);
}

TEST_CASE("an element's error reaches neither the track nor the other elements") {
  runTest(keepsAnElementsErrorApart());
}

TEST_CASE("an element sink that was not closed ends in the background") {
  runTest(isLeftUnclosed());
}

TEST_CASE(
    "whatever an app's function throws comes out of the sink, once, and the track is let go") {
  runTest([]() -> Task<> {
    const auto sink = makeElementSink([](const TrackOrigin&, MediaKind kind) -> GstElement* {
      if (kind == MediaKind::video) throw std::runtime_error("no window");
      throw 7;
    });
    std::vector<std::string> failures;
    const Connection connection =
        sink->failed.connect([&](const Error& error) { failures.push_back(error.what()); });
    Fed video(MediaKind::video);
    Fed audio(MediaKind::audio);
    sink->addTrack(ada, video.track);
    sink->addTrack(bob, audio.track);
    video.deliver(vp8Clip(0.2));
    audio.deliver(opusClip(0.1));
    co_await eventually("both failures", [&] { return failures.size() == 2; });
    std::sort(failures.begin(), failures.end());
    CHECK(failures[0] == "element sink: audio of 'Bob': something unknown was thrown");
    CHECK(failures[1] == "element sink: video of 'Ada': no window");
    CHECK_FALSE(video.track->hasReceivers());
    CHECK_FALSE(audio.track->hasReceivers());
    co_await sink->close();
    CHECK(failures.size() == 2);
  }());
}

TEST_CASE("a play sink finds the system's screen and speakers") { runTest(plays()); }
