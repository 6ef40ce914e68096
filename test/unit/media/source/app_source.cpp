// Sources whose frames the app pushes.
#include "cosoup/media/source/app_source.hpp"

#include "support/eventually.hpp"
#include "unit/media/clips.hpp"
#include "unit/media/media_support.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr const char* smallPicture =
    "video/x-raw, format=(string)I420, width=(int)32, height=(int)16, framerate=(fraction)30/1";
constexpr const char* tone =
    "audio/x-raw, format=(string)S16LE, layout=(string)interleaved, rate=(int)48000, "
    "channels=(int)1";
constexpr gsize pictureSize = 32 * 16 * 3 / 2;

Frame filled(gsize size, guint8 value, GstClockTime time = GST_CLOCK_TIME_NONE) {
  Frame frame;
  frame.buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, size, nullptr));
  gst_buffer_memset(frame.buffer.get(), 0, value, size);
  frame.time = time;
  return frame;
}

AppSourceOptions streamsOf(std::vector<std::string> caps, bool live) {
  AppSourceOptions options(std::move(caps));
  options.live = live;
  return options;
}

Task<> pushAll(AppSource& source, std::vector<Frame> frames, std::size_t stream, int& pushed) {
  for (const Frame& frame : frames) {
    co_await source.push(frame, stream);
    ++pushed;
  }
}

Task<> errorOf(Task<> task, Error::Code code, std::string& text) {
  text = "nothing thrown";
  try {
    co_await std::move(task);
  } catch (const Error& error) {
    text = error.what();
    CHECK(error.code() == code);
  }
}

Task<> playsLikeAFile() {
  AppSource source(streamsOf({smallPicture, tone}, false));
  co_await source.open(nullptr);
  const auto video = logOf(trackOf(source.tracks(), MediaKind::video));
  const auto audio = logOf(trackOf(source.tracks(), MediaKind::audio));
  CHECK(capsText(source.tracks().at(0)->caps()).starts_with("video/x-raw"));
  bool ended = false;
  const Connection onEnded = source.ended.connect([&] { ended = true; });
  co_await source.play();
  const GstClockTime start = gst_util_get_timestamp();
  std::vector<Frame> pictures;
  std::vector<Frame> samples;
  for (guint8 i = 0; i < 15; ++i) {
    pictures.push_back(filled(pictureSize, i, i * 20 * GST_MSECOND));
    samples.push_back(filled(1920, i, i * 20 * GST_MSECOND));
  }
  int pushed = 0;
  Scope scope;
  scope.spawn(pushAll(source, pictures, 0, pushed));
  scope.spawn(pushAll(source, samples, 1, pushed));
  co_await scope.join();
  CHECK(pushed == 30);
  // The first had to be due before there was room for the last.
  CHECK(gst_util_get_timestamp() - start > 60 * GST_MSECOND);
  source.endOfStream();
  co_await eventually("the end of the streams", [&] { return ended; });
  CHECK(video->ended());
  const auto seen = video->notes();
  const auto heard = audio->notes();
  REQUIRE(seen.size() == 15);
  REQUIRE(heard.size() == 15);
  for (std::size_t i = 0; i < 15; ++i) {
    CHECK(seen[i].data == noteOf(pictures[i].buffer.get(), 0).data);
    CHECK(seen[i].time - seen[0].time == i * 20 * GST_MSECOND);
    CHECK(seen[i].time == heard[i].time);  // one clock
  }
  co_await source.close();
}

Task<> stampsWithNow() {
  AppSource source(streamsOf({smallPicture}, true));
  co_await source.open(nullptr);
  const auto log = logOf(source.tracks().at(0));
  int pushed = 0;
  Scope scope;
  const GstClockTime before = gst_util_get_timestamp();
  scope.spawn(pushAll(source, std::vector<Frame>(3, filled(pictureSize, 1)), 0, pushed));
  co_await sleepFor(20ms);
  CHECK(pushed == 0);  // not before it plays
  co_await source.play();
  co_await scope.join();
  co_await eventually("frames", [&] { return log->count() == 3; });
  const auto notes = log->notes();
  CHECK(notes[0].time >= before);
  CHECK(notes[2].time <= gst_util_get_timestamp());
  // A time that is given is kept: so a track can be passed on.
  const GstClockTime given = gst_util_get_timestamp();
  co_await source.push(filled(pictureSize, 2, given));
  co_await eventually("the frame with a time", [&] { return log->count() == 4; });
  CHECK(log->notes()[3].time == given);
  co_await source.close();
}

Task<> passesEncoded() {
  const Clip clip = vp8Clip(0.5);
  AppSource source(streamsOf({"video/x-vp8"}, false));
  Ref<GstCaps> accepted = capsFrom("video/x-vp8");
  co_await source.open(std::move(accepted));
  const auto track = source.tracks().at(0);
  const auto log = logOf(track);
  std::vector<std::size_t> requests;
  const Connection onRequest =
      source.keyFrameRequested.connect([&](std::size_t stream) { requests.push_back(stream); });
  co_await source.play();
  int pushed = 0;
  co_await pushAll(source, clip, 0, pushed);
  source.endOfStream(0);
  co_await eventually("the end", [&] { return log->ended(); });
  const auto notes = log->notes();
  const auto wanted = notesOf(clip);
  REQUIRE(notes.size() == wanted.size());
  for (std::size_t i = 0; i < notes.size(); ++i) CHECK(notes[i].data == wanted[i].data);
  track->requestKeyFrame();
  co_await eventually("the key frame request", [&] { return !requests.empty(); });
  CHECK(requests.front() == 0);
  co_await source.close();
}

Task<> decodes(std::string caps, Clip clip, std::string accepted, std::string expected) {
  AppSource source(streamsOf({caps}, false));
  int pushed = 0;
  Scope scope;
  scope.spawn(pushAll(source, std::move(clip), 0, pushed));
  Ref<GstCaps> wanted = capsFrom(accepted);
  co_await source.open(std::move(wanted));
  CHECK(capsText(source.tracks().at(0)->caps()).starts_with(expected));
  const auto log = logOf(source.tracks().at(0));
  co_await source.play();
  co_await eventually("decoded frames", [&] { return log->count() >= 5; });
  co_await scope.close();
  co_await source.close();
}

Task<> refusesNonsense() {
  AppSource source(streamsOf({smallPicture, tone}, false));
  std::string text;
  const auto invalid = Error::Code::InvalidArgument;
  co_await errorOf(source.push(filled(pictureSize, 0, 0), 2), invalid, text);
  CHECK(text == "push: there is no stream 2");
  Frame none;
  co_await errorOf(source.push(none), invalid, text);
  CHECK(text == "push: no buffer");
  co_await errorOf(source.push(filled(pictureSize, 0)), invalid, text);
  CHECK(text == "push: the frame has no time");
  co_await errorOf(source.push(filled(pictureSize - 1, 0, 0)), invalid, text);
  CHECK(text.find("less than a picture") != std::string::npos);
  co_await errorOf(source.push(filled(3, 0, 0), 1), invalid, text);
  CHECK(text.find("no whole number of samples") != std::string::npos);
  Frame other = filled(pictureSize, 0, 0);
  other.caps = capsFrom("video/x-vp8");
  co_await errorOf(source.push(other), invalid, text);
  CHECK(text.find("something else") != std::string::npos);
  co_await source.close();
}

Task<> endsPushes() {
  AppSource source(streamsOf({smallPicture}, true));
  std::string waiting;
  Scope scope;
  scope.spawn(errorOf(source.push(filled(pictureSize, 0)), Error::Code::InvalidState, waiting));
  co_await sleepFor(10ms);
  CHECK(waiting == "nothing thrown");
  co_await source.close();
  co_await scope.join();
  CHECK(waiting == "push: the source is closed");

  AppSource ending(streamsOf({smallPicture}, false));
  ending.endOfStream(0);
  std::string text;
  co_await errorOf(ending.push(filled(pictureSize, 0, 0)), Error::Code::InvalidState, text);
  CHECK(text == "push: the stream has ended");
  co_await ending.close();
}

Task<> cancelsPushes() {
  AppSource source(streamsOf({smallPicture}, false));
  co_await source.open(nullptr);
  int pushed = 0;
  Scope scope;
  std::vector<Frame> frames;
  for (int i = 0; i < 20; ++i) frames.push_back(filled(pictureSize, 0, i * GST_SECOND));
  scope.spawn(pushAll(source, frames, 0, pushed));
  co_await eventually("a full queue", [&] { return pushed >= 8; });
  co_await scope.close();
  CHECK(pushed < 12);  // bounded
  co_await source.close();
}

Task<> changesSize() {
  AppSource source(streamsOf({smallPicture}, true));
  co_await source.open(nullptr);
  const auto log = logOf(source.tracks().at(0));
  co_await source.play();
  co_await source.push(filled(pictureSize, 0));
  Frame larger = filled(pictureSize * 4, 0);
  larger.caps = capsFrom(
      "video/x-raw, format=(string)I420, width=(int)64, height=(int)32, framerate=(fraction)30/1");
  co_await source.push(larger);
  co_await eventually("both frames", [&] { return log->count() == 2; });
  CHECK(capsText(log->caps()).find("width=(int)64") != std::string::npos);
  co_await source.close();
}

}  // namespace

TEST_CASE("pushed frames with times go out when they are due, all streams on one clock") {
  runTest(playsLikeAFile());
}

TEST_CASE("pushed frames of a live source go out at once, stamped with now or with their time") {
  runTest(stampsWithNow());
}

TEST_CASE("pushed frames of an accepted codec pass as they are, key frame requests reach the app") {
  runTest(passesEncoded());
}

TEST_CASE("pushed frames that the router does not take are decoded or brought into form") {
  runTest(decodes("video/x-vp8", vp8Clip(1), "video/x-vp9", "video/x-raw"));
  Clip clip = encode(
      "videotestsrc num-buffers=30 ! video/x-raw,width=160,height=120,framerate=30/1 ! "
      "openh264enc ! h264parse ! video/x-h264,stream-format=avc,alignment=au");
  const std::string caps = capsText(clip.front().caps);
  runTest(decodes(caps, std::move(clip),
                  "video/x-h264, stream-format=byte-stream, alignment=au, "
                  "profile={ constrained-baseline, baseline }",
                  "video/x-h264"));
}

TEST_CASE("a push waits for room, and ends with the source, the stream or its scope") {
  runTest(endsPushes());
  runTest(cancelsPushes());
}

TEST_CASE("a push of what the stream cannot be is refused") { runTest(refusesNonsense()); }

TEST_CASE("pushed pictures may change their size") { runTest(changesSize()); }

TEST_CASE("an app source refuses caps that say too little") {
  for (const char* caps : {"no caps at all", "", "text/x-raw", "video/x-raw", "audio/x-raw, rate=1",
                           "video/x-raw, format=I420, width=[ 1, 2 ], height=2"}) {
    INFO(caps);
    CHECK_THROWS_AS(AppSource(AppSourceOptions({caps})), Error);
  }
  CHECK_THROWS_AS(AppSource(AppSourceOptions({})), Error);
}
