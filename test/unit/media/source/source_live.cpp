// Test sources and launch lines.
#include "cosoup/media/source/source.hpp"
#include "support/eventually.hpp"
#include "unit/media/open_error.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

Task<> playAWhile(std::shared_ptr<Source> source, std::string accepted,
                  std::vector<std::string>& caps, std::size_t frames) {
  Ref<GstCaps> wanted = capsFrom(accepted);
  co_await source->open(std::move(wanted));
  std::vector<std::shared_ptr<FrameLog>> logs;
  for (const auto& track : source->tracks()) {
    caps.push_back(capsText(track->caps()));
    logs.push_back(logOf(track));
  }
  co_await source->play();
  for (const auto& log : logs) {
    co_await eventually("frames", [&] { return log->count() >= frames; });
    const auto notes = log->notes();
    const GstClockTime now = gst_util_get_timestamp();
    CHECK(notes.back().time <= now);
    CHECK(now - notes.back().time < 2 * GST_SECOND);
    for (std::size_t i = 1; i < notes.size(); ++i) CHECK(notes[i].time > notes[i - 1].time);
  }
  co_await source->close();
}

void expectLaunchError(const std::string& description, const std::string& part) {
  INFO(description);
  runTest(failsToOpen(makeLaunchSource(description), Error::Code::Media, part));
}

}  // namespace

TEST_CASE("a test source gives raw picture and tone, stamped with the shared clock") {
  TestSourceOptions options;
  options.width = 320;
  options.height = 180;
  options.framerate = 25;
  std::vector<std::string> caps;
  runTest(playAWhile(makeTestSource(options), "video/x-vp8", caps, 10));
  REQUIRE(caps.size() == 2);
  CHECK(caps[0].find("video/x-raw") == 0);
  CHECK(caps[0].find("width=(int)320") != std::string::npos);
  CHECK(caps[0].find("framerate=(fraction)25/1") != std::string::npos);
  CHECK(caps[1].find("audio/x-raw") == 0);
  CHECK(caps[1].find("rate=(int)48000") != std::string::npos);
}

TEST_CASE("a test source of one kind has one track") {
  std::vector<std::string> caps;
  runTest(playAWhile(makeTestSource(TestSourceOptions(true, false)), "video/x-vp8", caps, 3));
  REQUIRE(caps.size() == 1);
  CHECK(caps[0].find("audio/x-raw") == 0);
}

TEST_CASE("a test source refuses what it does not know") {
  TestSourceOptions pattern;
  pattern.pattern = "mona-lisa";
  runTest(failsToOpen(makeTestSource(pattern), Error::Code::InvalidArgument, "mona-lisa"));
  TestSourceOptions size;
  size.width = 0;
  runTest(failsToOpen(makeTestSource(size), Error::Code::InvalidArgument, "out of range"));
  TestSourceOptions nothing(false, false);
  runTest(failsToOpen(makeTestSource(nothing), Error::Code::Media, "no audio or video"));
}

TEST_CASE("a launch line goes out raw, encoded or decoded, as the router takes it") {
  struct Row {
    const char* line;
    const char* accepted;
    const char* caps;
  };
  const Row row = GENERATE(
      Row{"videotestsrc is-live=true ! video/x-raw,width=160,height=120", "video/x-vp8",
          "video/x-raw"},
      Row{"videotestsrc ! video/x-raw,width=160,height=120", "video/x-vp8", "video/x-raw"},
      Row{"videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! vp8enc deadline=1",
          "video/x-vp8", "video/x-vp8"},
      Row{"videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! vp8enc deadline=1",
          "video/x-vp9", "video/x-raw"},
      Row{"audiotestsrc is-live=true ! opusenc", "audio/x-opus", "audio/x-opus"},
      Row{"audiotestsrc is-live=true ! audio/x-raw,rate=8000 ! mulawenc", "audio/x-mulaw",
          "audio/x-mulaw"},
      Row{"videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! openh264enc",
          "video/x-h264, profile={ constrained-baseline, baseline }", "video/x-h264"},
      Row{"videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! openh264enc ! "
          "video/x-h264,profile=main",
          "video/x-h264, profile={ constrained-baseline, main }", "video/x-h264"},
      Row{"videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! vp8enc deadline=1 ! "
          "rtpvp8pay",
          "video/x-vp8", "video/x-vp8"});
  INFO(row.line << " for " << row.accepted);
  std::vector<std::string> caps;
  runTest(playAWhile(makeLaunchSource(row.line), row.accepted, caps, 8));
  REQUIRE(caps.size() == 1);
  CHECK(caps[0].find(row.caps) == 0);
}

TEST_CASE("a launch line that is no source is refused with the reason") {
  expectLaunchError("videotestsrc ! nosuchelement", "nosuchelement");
  expectLaunchError("videotestsrc ! ! x264enc", "syntax");
  expectLaunchError("", "");
  expectLaunchError("videotestsrc nosuchproperty=1", "nosuchproperty");
  expectLaunchError("videotestsrc audiotestsrc", "more than one");
  expectLaunchError("videotestsrc ! fakesink", "no unlinked source pad");
  expectLaunchError("videoconvert", "unlinked sink pad");
  expectLaunchError("filesrc location=/nonexistent/x", "/nonexistent/x");
}

namespace {

Task<> expectRuntimeFailure() {
  const auto source = makeLaunchSource(
      "videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! identity error-after=10");
  std::vector<std::string> failures;
  const Connection onFailed =
      source->failed.connect([&](const Error& error) { failures.push_back(error.what()); });
  co_await source->open(nullptr);
  const auto log = logOf(source->tracks().at(0));
  co_await source->play();
  co_await eventually("the failure", [&] { return !failures.empty(); });
  co_await source->close();
  REQUIRE(failures.size() == 1);
  CHECK(failures[0].find("identity") != std::string::npos);
  CHECK(log->ended());
}

Task<> expectKeyFrames() {
  const auto source = makeLaunchSource(
      "videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! vp8enc deadline=1 "
      "keyframe-max-dist=3000");
  Ref<GstCaps> accepted = capsFrom("video/x-vp8");
  co_await source->open(std::move(accepted));
  const auto track = source->tracks().at(0);
  const auto log = logOf(track);
  co_await source->play();
  co_await eventually("frames", [&] { return log->count() >= 5; });
  const auto keyFrames = [&] {
    const auto notes = log->notes();
    return std::count_if(notes.begin(), notes.end(), [](const auto& n) { return n.keyFrame; });
  };
  const auto before = keyFrames();
  track->requestKeyFrame();
  co_await eventually("the key frame that was asked for", [&] { return keyFrames() > before; });
  co_await source->close();
  track->requestKeyFrame();  // a track outlives its source
}

}  // namespace

TEST_CASE("a launch line that breaks while it runs tells so once") {
  runTest(expectRuntimeFailure());
}

TEST_CASE("a key frame request reaches the encoder of a launch line") {
  runTest(expectKeyFrames());
}

namespace {

Task<> openAndSwallow(std::shared_ptr<Source> source, std::string& text) {
  try {
    co_await source->open(nullptr);
    text = "open";
  } catch (const Error& error) {
    text = error.what();
  }
}

// A source that never gives anything: open() waits for it.
constexpr const char* silent = "appsrc is-live=true format=time";

Task<> closeWhileOpening() {
  const auto source = makeLaunchSource(silent);
  std::string text;
  Scope scope;
  scope.spawn(openAndSwallow(source, text));
  co_await sleepFor(20ms);
  CHECK(text == "");
  co_await source->close();
  co_await scope.join();
  CHECK(text.find("closed meanwhile") != std::string::npos);
  co_await source->close();
}

Task<> cancelWhileOpening() {
  const auto source = makeLaunchSource(silent);
  std::string text;
  Scope scope;
  scope.spawn(openAndSwallow(source, text));
  co_await sleepFor(20ms);
  co_await scope.close();
  CHECK(text == "");
  co_await source->close();
}

Task<> closeUnopened() {
  const auto source = makeTestSource();
  co_await source->close();
  std::string text;
  co_await openAndSwallow(source, text);
  CHECK(text.find("closed before") != std::string::npos);
}

Task<> dropWhilePlaying() {
  auto source = makeTestSource();
  co_await source->open(nullptr);
  const auto log = logOf(source->tracks().at(0));
  co_await source->play();
  co_await source->play();
  co_await eventually("frames", [&] { return log->count() >= 2; });
  source.reset();
}

Task<> playTooEarly() {
  const auto source = makeTestSource();
  std::string text;
  try {
    co_await source->play();
  } catch (const Error& error) {
    text = error.what();
    CHECK(error.code() == Error::Code::InvalidState);
  }
  CHECK(text.find("play test source") == 0);
  co_await source->close();
}

}  // namespace

TEST_CASE("a source can be closed at any time") {
  runTest(closeWhileOpening());
  runTest(cancelWhileOpening());
  runTest(closeUnopened());
  runTest(dropWhilePlaying());
  runTest(playTooEarly());
}
