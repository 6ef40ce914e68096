// Sinks of real calls: frames, elements, launch lines, recordings that are cut off.
#include <csignal>
#include <filesystem>
#include <map>

#include "integration/launched.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

const char* const kH264Line =
    "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1 ! "
    "openh264enc complexity=low gop-size=15 ! video/x-h264,profile=constrained-baseline";

struct Seen {
  std::string format;
  int frames = 0;
  bool startsWithKeyFrame = false;
  GstClockTime last = 0;
  bool forward = true;
};

std::string formatOf(const Frame& frame) {
  const GstStructure* structure = gst_caps_get_structure(frame.caps.get(), 0);
  std::string text = gst_structure_get_name(structure);
  if (const char* format = gst_structure_get_string(structure, "format"))
    text += " " + std::string(format);
  return text;
}

/// Takes frames until there are so many of each kind.
Task<std::map<MediaKind, Seen>> take(std::shared_ptr<FrameSink> sink, int count) {
  std::map<MediaKind, Seen> seen;
  while (seen[MediaKind::audio].frames < count || seen[MediaKind::video].frames < count) {
    const auto received = co_await sink->next();
    if (!received) break;
    CHECK(received->origin->peerId == "ada");
    CHECK(received->origin->displayName == "peer ada");
    Seen& stream = seen[received->kind];
    const Frame& frame = received->frame;
    if (stream.frames++ == 0) {
      stream.format = formatOf(frame);
      stream.startsWithKeyFrame =
          !GST_BUFFER_FLAG_IS_SET(frame.buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
    }
    stream.forward = stream.forward && frame.time >= stream.last;
    stream.last = frame.time;
  }
  co_return seen;
}

Task<> givesFrames(FrameSinkOptions::Form form, std::string audio, std::string video) {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  const auto sink = makeFrameSink(FrameSinkOptions(form));
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::into(sink));
  const auto seen = co_await withTimeout(30s, take(sink, 40), "frames");
  CHECK(seen.at(MediaKind::audio).format == audio);
  CHECK(seen.at(MediaKind::video).format == video);
  for (const auto& [kind, stream] : seen) {
    CHECK(stream.startsWithKeyFrame);
    CHECK(stream.forward);
  }
  co_await leaveAll(ada, bob);
  // What is left in the queue, then its end.
  while (co_await sink->next()) continue;
  CHECK(bob.failures.empty());
}

Task<bool> holds(std::function<bool()> condition) { co_return condition(); }

Task<bool> isLarger(std::string path, std::uintmax_t bytes) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  co_return !error && size > bytes;
}

Task<> runsALaunchLine(TemporaryFolder& folder) {
  const std::string path = folder.path() + "/frames.rgb";
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(),
                    ConsumeConfig::launch("video/x-raw,format=RGB,width=64,height=48 ! "
                                          "filesink buffer-mode=unbuffered location=" +
                                          path));
  constexpr std::uintmax_t frameBytes = 64 * 48 * 3;
  co_await eventually("ten pictures are written", [&] { return isLarger(path, 10 * frameBytes); });
  co_await bob.receives(2);
  co_await leaveAll(ada, bob);
  CHECK(std::filesystem::file_size(path) % frameBytes == 0);
  CHECK(bob.failures.empty());
}

Task<> keepsErrorsApart(TemporaryFolder& folder) {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member eve(sharedServer(), ada.room, "eve");
  Member bob(sharedServer(), ada.room, "bob");
  const std::string path = folder.path() + "/out";
  MakeSinkElement make = [path](const TrackOrigin& origin, MediaKind kind) {
    const bool breaks = origin.peerId == "ada" && kind == MediaKind::video;
    const std::string line = breaks ? "identity error-after=5 ! fakesink"
                                    : "filesink buffer-mode=unbuffered location=" + path +
                                          origin.peerId + toString(kind);
    return gst_parse_bin_from_description(line.c_str(), TRUE, nullptr);
  };
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await eve.join(ProduceConfig::test(), ConsumeConfig::none());
  ConsumeConfig consume = ConsumeConfig::into([make] { return makeElementSink(make); });
  co_await bob.join(ProduceConfig::none(), std::move(consume));
  co_await eventually("the failure is told",
                      [&] { return holds([&] { return !bob.failures.empty(); }); });
  CHECK(bob.failures.front().starts_with("element sink: video of 'peer ada': "));
  co_await bob.receives(4);
  for (const char* stream : {"adaaudio", "eveaudio", "evevideo"}) {
    const auto size = std::filesystem::file_size(path + stream);
    co_await eventually(std::string(stream) + " goes on",
                        [&] { return isLarger(path + stream, size + 500); });
  }
  CHECK(bob.failures.size() == 1);
  co_await leaveAll(ada, eve, bob);
}

Task<> recordsMp4(TemporaryFolder& folder) {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  ProduceConfig produce = ProduceConfig::launch(kH264Line);
  produce.add(ProduceConfig::test(TestSourceOptions(true, false)));
  RecordOptions options(folder.path());
  options.container = RecordOptions::Container::mp4;
  co_await ada.join(std::move(produce), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::record(std::move(options)));
  co_await bob.receives(2, 3s);
  co_await leaveAll(ada, bob);
  REQUIRE(bob.recordings.size() == 1);
  CHECK(bob.recordings[0].path.ends_with(".mp4"));
  const MediaSummary file = inspect(bob.recordings[0].path);
  CHECK(file.codecs == std::vector<std::string>{"audio/x-opus", "video/x-h264"});
  CHECK(file.width == 320);
  CHECK(file.seconds > 2);
  CHECK(bob.failures.empty());
}

Task<> splitsRecordings(TemporaryFolder& folder) {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  RecordOptions options(folder.path());
  options.splitAfter = 1s;
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::record(std::move(options)));
  co_await eventually("two parts are final",
                      [&] { return holds([&] { return bob.recordings.size() >= 2; }); });
  co_await leaveAll(ada, bob);
  for (const Recording& recording : bob.recordings) {
    CHECK(inspect(recording.path).codecs ==
          std::vector<std::string>{"audio/x-opus", "video/x-vp8"});
  }
  CHECK(bob.failures.empty());
}

/// Whether the server has sent bob so many packets of audio.
Task<bool> hasSound(std::string room, std::int64_t packets) {
  const Json bob = co_await sharedServer().peer(std::move(room), "bob");
  if (bob.isNull()) co_return false;
  for (const Json& consumer : bob.list("consumers")) {
    if (consumer.get<std::string>("kind") != "audio") continue;
    co_return consumer.get<Json>("stats").get<std::int64_t>("packetCount") >= packets;
  }
  co_return false;
}

/// How far the file can be played, s: all of its frames are decoded.
double playToTheEnd(const std::string& path) {
  ensureGStreamer();
  char* uri = g_filename_to_uri(path.c_str(), nullptr, nullptr);
  const std::string line = "uridecodebin uri=\"" + std::string(uri) +
                           "\" name=d d. ! audio/x-raw ! fakesink name=audio d. ! video/x-raw ! "
                           "fakesink name=video";
  g_free(uri);
  GError* error = nullptr;
  const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(line.c_str(), &error));
  REQUIRE(error == nullptr);
  double played = 0;
  const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "video"));
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sink.get(), "sink"));
  gst_pad_add_probe(
      pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        const GstClockTime time = GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info));
        *static_cast<double*>(data) = static_cast<double>(time) / GST_SECOND;
        return GST_PAD_PROBE_OK;
      },
      &played, nullptr);
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
  const auto ends = static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  const auto end =
      Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(bus.get(), 30 * GST_SECOND, ends));
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  REQUIRE(end);
  CHECK(GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS);
  return played;
}

std::string onlyFileBelow(const std::string& folder) {
  std::string path;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) path = entry.path().string();
  }
  return path;
}

Task<> survivesSigkill(TemporaryFolder& folder, bool mp4) {
  constexpr std::int64_t audioPackets = 50 * 8;
  Member ada(sharedServer(), freshRoom(), "ada");
  ProduceConfig produce = ProduceConfig::test();
  if (mp4) {
    produce = ProduceConfig::launch(kH264Line);
    produce.add(ProduceConfig::test(TestSourceOptions(true, false)));
  }
  co_await ada.join(std::move(produce), ConsumeConfig::none());
  std::vector<std::string> words{sharedServer().url(), "--room", ada.room, "--peer", "bob",
                                 "--consume"};
  words.push_back("record:" + folder.path() + (mp4 ? ",mp4" : ""));
  Launch launch(std::move(words));
  co_await eventually("bob has been sent eight seconds",
                      [&] { return hasSound(ada.room, audioPackets); });
  launch.signal(SIGKILL);
  const Outcome outcome = co_await launch.finish();
  CHECK(outcome.status == -SIGKILL);
  const std::string path = onlyFileBelow(folder.path());
  INFO(path);
  CHECK(path.ends_with(mp4 ? ".mp4" : ".webm"));
  const LoopMayWait playing;
  // The first key frame takes up to a second, and the last seconds may be missing.
  CHECK(playToTheEnd(path) > 4);
  co_await ada.leave();
}

Task<> countsFrames() {
  Member ada(sharedServer(), freshRoom(), "ada");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  for (const bool raw : {true, false}) {
    std::vector<std::string> words{sharedServer().url(),
                                   "--room",
                                   ada.room,
                                   "--peer",
                                   "bob",
                                   "--consume",
                                   raw ? "frames" : "frames:encoded",
                                   "--json"};
    Launch launch(std::move(words));
    // Some seconds of it, since pictures are counted from the first key frame on.
    co_await eventually("bob is served",
                        [&] { return isServed(sharedServer(), ada.room, "bob", 300); });
    launch.signal(SIGINT);
    const Outcome outcome = co_await launch.finish();
    INFO(outcome.err);
    CHECK(outcome.status == 0);
    const auto streams = outcome.event("summary").get<Json>("frames").list("streams");
    INFO(outcome.out);
    CHECK(streams.size() == 2);
    for (const Json& stream : streams) {
      CHECK(stream.get<std::string>("peer") == "ada");
      CHECK(stream.get<std::int64_t>("frames") > 10);
      const bool video = stream.get<std::string>("kind") == "video";
      const std::string format = stream.get<std::string>("format");
      if (video && raw) CHECK(format == "video/x-raw I420 640x480");
      if (video && !raw) CHECK(format.starts_with("video/x-vp8"));
      if (!video && raw) CHECK(format == "audio/x-raw S16LE 48000 Hz 2 ch");
      if (!video && !raw) CHECK(format.starts_with("audio/x-opus"));
      // Per second, and not per another unit; how many of 30 or 50 come is up to the machine.
      CHECK(stream.get<double>("rate") > 1);
      CHECK(stream.get<double>("rate") < 100);
    }
  }
  co_await ada.leave();
}

Task<> playsOnFakeDevices() {
  Member ada(sharedServer(), freshRoom(), "ada");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  std::vector<std::string> words{sharedServer().url(), "--room", ada.room, "--peer", "bob",
                                 "--consume",          "play",   "--json"};
  Launch launch(std::move(words),
                {{"GST_PLUGIN_FEATURE_RANK", "fakevideosink:MAX,fakeaudiosink:MAX"}});
  co_await eventually("bob is served", [&] { return isServed(sharedServer(), ada.room, "bob"); });
  launch.signal(SIGINT);
  const Outcome outcome = co_await launch.finish();
  CHECK(outcome.err == "");
  CHECK(outcome.status == 0);
  CHECK(outcome.event("summary").list("consumed").size() == 2);
  co_await ada.leave();
}

}  // namespace

TEST_CASE("a frame sink gives the encoded frames of a call") {
  runTest(givesFrames(FrameSinkOptions::Form::encoded, "audio/x-opus", "video/x-vp8"), 60s);
}

TEST_CASE("a frame sink gives the decoded frames of a call") {
  runTest(givesFrames(FrameSinkOptions::Form::raw, "audio/x-raw S16LE", "video/x-raw I420"), 60s);
}

TEST_CASE("a launch line takes the decoded pictures of a call") {
  TemporaryFolder folder;
  runTest(runsALaunchLine(folder), 60s);
}

TEST_CASE("an element that fails is told once, and all other streams go on") {
  TemporaryFolder folder;
  runTest(keepsErrorsApart(folder), 60s);
}

TEST_CASE("H264 and Opus are recorded into MP4") {
  TemporaryFolder folder;
  runTest(recordsMp4(folder), 60s);
}

TEST_CASE("a recording goes on in a next file when it is long enough") {
  TemporaryFolder folder;
  runTest(splitsRecordings(folder), 60s);
}

TEST_CASE("a recording of a killed cosoup-launch plays to its end") {
  TemporaryFolder folder;
  SECTION("WebM") { runTest(survivesSigkill(folder, false), 120s); }
  SECTION("MP4") { runTest(survivesSigkill(folder, true), 120s); }
}

TEST_CASE("cosoup-launch counts frames, decoded or as received") { runTest(countsFrames(), 120s); }

TEST_CASE("cosoup-launch plays on the system's screen and speakers") {
  runTest(playsOnFakeDevices(), 60s);
}
