// File sources.
#include <fstream>

#include "cosoup/media/source/source.hpp"
#include "support/eventually.hpp"
#include "unit/media/open_error.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

struct Played {
  std::vector<std::string> kinds;
  std::map<std::string, std::shared_ptr<FrameLog>> logs;
};

/// Plays a file to its end and keeps what came out.
Task<> playToEnd(std::string path, std::string accepted, Played& played) {
  const auto source = makeFileSource(path);
  bool ended = false;
  int tracksEnded = 0;
  std::string failure;
  const Connection onEnded = source->ended.connect([&] { ended = true; });
  const Connection onFailed =
      source->failed.connect([&](const Error& error) { failure = error.what(); });
  std::exception_ptr thrown;
  try {
    Ref<GstCaps> caps = capsFrom(accepted);
    co_await source->open(std::move(caps));
    std::vector<Connection> connections;
    for (const auto& track : source->tracks()) {
      connections.push_back(track->ended.connect([&] { ++tracksEnded; }));
      const std::string text = capsText(track->caps());
      played.kinds.push_back(text.substr(0, text.find(',')));
      played.logs[toString(track->kind())] = logOf(track);
    }
    co_await source->play();
    co_await eventually("the end of the file", [&] { return ended || !failure.empty(); });
    CHECK(failure == "");
    CHECK(tracksEnded == static_cast<int>(source->tracks().size()));
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await source->close();
  if (thrown) std::rethrow_exception(thrown);
}

constexpr const char* webCodecs = "video/x-vp8; audio/x-opus, channel-mapping-family=0";

bool goesForward(const std::vector<FrameNote>& notes) {
  for (std::size_t i = 1; i < notes.size(); ++i) {
    if (notes[i].time <= notes[i - 1].time) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("VP8 and Opus of a WebM come out frame by frame as they are in the file") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("talk.webm");
  makeWebM(path, 1, 1);
  const MediaFile file = readMediaFile(path);
  Played played;
  runTest(playToEnd(path, webCodecs, played));
  REQUIRE(played.logs.size() == 2);
  for (const std::string kind : {"audio", "video"}) {
    const auto frames = played.logs[kind]->notes();
    const auto& wanted = file.streams.at(kind).frames;
    REQUIRE(frames.size() == wanted.size());
    CHECK(goesForward(frames));
    CHECK(played.logs[kind]->ended());
    for (std::size_t i = 0; i < frames.size(); ++i) {
      CHECK(frames[i].data == wanted[i].data);
      CHECK(frames[i].keyFrame == wanted[i].keyFrame);
    }
  }
  const double skew = static_cast<double>(played.logs["audio"]->notes()[0].time) -
                      static_cast<double>(played.logs["video"]->notes()[0].time);
  CHECK(std::abs(skew) < 10e6);
}

TEST_CASE("what the router does not take is decoded to raw") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("other");
  const std::string video = "videotestsrc num-buffers=15 ! video/x-raw,width=160,height=120 ! ";
  const std::string audio =
      "audiotestsrc num-buffers=25 samplesperbuffer=960 ! "
      "audio/x-raw,rate=48000 ! audioconvert ! ";
  using Case = std::pair<std::string, std::vector<std::string>>;
  const std::vector<Case> cases = {
      Case("mp4mux name=m ! filesink location=" + path + " " + video +
               "openh264enc ! h264parse ! m. " + audio + "avenc_aac ! m.",
           {"audio/x-raw", "video/x-raw"}),
      Case("oggmux name=m ! filesink location=" + path + " " + video + "theoraenc ! m. " + audio +
               "vorbisenc ! m.",
           {"audio/x-raw", "video/x-raw"}),
      Case(audio + "wavenc ! filesink location=" + path, {"audio/x-raw"}),
      Case(audio + "opusenc ! oggmux ! filesink location=" + path, {"audio/x-opus"}),
      Case("webmmux name=m ! filesink location=" + path + " " + video + "vp9enc deadline=1 ! m.",
           {"video/x-raw"})};
  const auto& [line, kinds] = cases[GENERATE(range(0, 5))];
  runLaunchLine(line);
  Played played;
  runTest(playToEnd(path, webCodecs, played));
  std::sort(played.kinds.begin(), played.kinds.end());
  CHECK(played.kinds == kinds);
  for (const auto& [kind, log] : played.logs) {
    CHECK(log->count() >= (kind == "video" ? 15u : 10u));
    CHECK(goesForward(log->notes()));
  }
}

TEST_CASE("H264 of an accepted profile passes undecoded, as whole access units") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("cam.mp4");
  runLaunchLine(
      "videotestsrc num-buffers=20 ! video/x-raw,width=160,height=120 ! openh264enc ! "
      "video/x-h264,profile=constrained-baseline ! h264parse ! mp4mux ! filesink location=" +
      path);
  Played played;
  runTest(playToEnd(path,
                    "video/x-h264, stream-format=byte-stream, alignment=au, "
                    "profile={ constrained-baseline, baseline }",
                    played));
  REQUIRE(played.kinds == std::vector<std::string>{"video/x-h264"});
  CHECK(played.logs["video"]->count() == 20);
  const std::string caps = capsText(played.logs["video"]->caps());
  CHECK(caps.find("byte-stream") != std::string::npos);
  CHECK(caps.find("alignment=(string)au") != std::string::npos);
}

TEST_CASE("H264 of profile main and constrained-high passes where the router takes it") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("cam.mp4");
  const std::string profile = GENERATE("main", "constrained-high");
  runLaunchLine(
      "videotestsrc num-buffers=20 ! video/x-raw,width=160,height=120 ! openh264enc ! "
      "video/x-h264,profile=" +
      std::string(profile == "main" ? "main" : "high") +
      " ! h264parse ! mp4mux ! filesink location=" + path);
  const std::string form = "video/x-h264, stream-format=byte-stream, alignment=au, profile=";
  Played passed;
  runTest(playToEnd(path, form + "{ constrained-baseline, " + profile + " }", passed));
  CHECK(passed.kinds == std::vector<std::string>{"video/x-h264"});
  CHECK(passed.logs["video"]->count() == 20);
  CHECK(capsText(passed.logs["video"]->caps()).find(profile) != std::string::npos);
  Played decoded;
  runTest(playToEnd(path, form + "{ constrained-baseline, baseline }", decoded));
  CHECK(decoded.kinds == std::vector<std::string>{"video/x-raw"});
}

TEST_CASE("files with one kind only have one track") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("one.webm");
  const bool audio = GENERATE(true, false);
  makeWebM(path, audio ? 0 : 0.5, audio ? 0.5 : 0);
  Played played;
  runTest(playToEnd(path, webCodecs, played));
  REQUIRE(played.logs.size() == 1);
  CHECK(played.logs.begin()->first == (audio ? "audio" : "video"));
}

TEST_CASE("a file that cannot be played is refused with path and reason") {
  const TemporaryDirectory directory;
  const std::string missing = directory.file("missing.webm");
  runTest(failsToOpen(makeFileSource(missing), Error::Code::Media, missing));
  runTest(failsToOpen(makeFileSource(missing), Error::Code::Media, "No such file"));
  runTest(failsToOpen(makeFileSource(directory.path().string()), Error::Code::Media,
                      "it is a directory"));
  const std::string empty = directory.file("empty.webm");
  std::ofstream(empty).close();
  runTest(failsToOpen(makeFileSource(empty), Error::Code::Media, "it is empty"));
  const std::string garbage = directory.file("garbage.webm");
  std::ofstream file(garbage);
  for (int i = 0; i < 5000; ++i) file << "no media " << i * 7919 % 1000;
  file.close();
  runTest(failsToOpen(makeFileSource(garbage), Error::Code::Media, garbage));
  const std::string cut = directory.file("cut.webm");
  makeWebM(cut, 0.2, 0.2);
  std::filesystem::resize_file(cut, 60);
  runTest(failsToOpen(makeFileSource(cut), Error::Code::Media, cut));
}

namespace {

struct Loops {
  std::vector<FrameNote> audio;
  std::vector<FrameNote> video;
};

Task<> playLoops(std::string path, std::size_t videoFrames, Loops& loops) {
  const auto source = makeFileSource(path, FileSourceOptions(true));
  bool ended = false;
  const Connection onEnded = source->ended.connect([&] { ended = true; });
  Ref<GstCaps> caps = capsFrom(webCodecs);
  co_await source->open(std::move(caps));
  const auto audio = logOf(trackOf(source->tracks(), MediaKind::audio));
  const auto video = logOf(trackOf(source->tracks(), MediaKind::video));
  co_await source->play();
  co_await eventually("several loops", [&] { return video->count() >= videoFrames; });
  CHECK_FALSE(ended);
  co_await source->close();
  CHECK(audio->ended());
  loops.audio = audio->notes();
  loops.video = video->notes();
}

/// The times at which the first frame of the file comes again.
std::vector<double> startsOf(const std::vector<FrameNote>& notes) {
  std::vector<double> starts;
  for (const FrameNote& note : notes) {
    if (note.data == notes.front().data) starts.push_back(static_cast<double>(note.time) / 1e9);
  }
  return starts;
}

}  // namespace

TEST_CASE("a looping file goes on without a gap, audio and video in sync") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("loop.webm");
  const bool audioIsLonger = GENERATE(true, false);  // the shorter one waits for the longer one
  makeWebM(path, audioIsLonger ? 0.5 : 0.7, audioIsLonger ? 0.7 : 0.5);
  Loops loops;
  runTest(playLoops(path, (audioIsLonger ? 15 : 21) * 4 + 5, loops));
  CHECK(goesForward(loops.audio));
  CHECK(goesForward(loops.video));
  const std::vector<double> audio = startsOf(loops.audio);
  const std::vector<double> video = startsOf(loops.video);
  REQUIRE(audio.size() >= 4);
  REQUIRE(video.size() >= 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(std::abs(audio[i] - video[i]) < 0.01);
    if (i > 0) CHECK(std::abs(audio[i] - audio[i - 1] - 0.7) < 0.03);
  }
}
