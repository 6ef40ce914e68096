// Pictures that do not stand upright.
#include <algorithm>

#include "cosoup/media/rotation.hpp"
#include "cosoup/media/sink/element_sink.hpp"
#include "cosoup/media/sink/frame_sink.hpp"
#include "cosoup/media/source/app_source.hpp"
#include "support/eventually.hpp"
#include "unit/media/open_error.hpp"
#include "unit/media/rotated.hpp"
#include "unit/media/rtp/fed.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr const char* kH264 =
    "video/x-h264, stream-format=byte-stream, alignment=au, "
    "profile={ constrained-baseline, baseline }";
constexpr const char* kRotatedH264 =
    "video/x-h264, stream-format=byte-stream, alignment=au, "
    "profile={ constrained-baseline, baseline }, rotation={ 0, 90, 180, 270 }";

Task<> play(std::string path, std::string accepted, std::shared_ptr<StandLog> log) {
  const auto source = makeFileSource(path);
  bool ended = false;
  const Connection onEnded = source->ended.connect([&] { ended = true; });
  std::exception_ptr thrown;
  try {
    Ref<GstCaps> caps = capsFrom(accepted);
    co_await source->open(std::move(caps));
    REQUIRE(source->tracks().size() == 1);
    source->tracks().front()->addReceiver(log);
    co_await source->play();
    co_await eventually("the end of the file", [&] { return ended; });
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await source->close();
  if (thrown) std::rethrow_exception(thrown);
}

std::shared_ptr<StandLog> played(const std::string& path, const char* accepted) {
  auto log = std::make_shared<StandLog>();
  runTest(play(path, accepted, log), 60s);
  CHECK(log->count() >= 15);
  return log;
}

Task<> show(Clip clip, std::string& all) {
  FrameSinkOptions options(FrameSinkOptions::Form::raw);
  options.queueLength = clip.size();
  const auto sink = makeFrameSink(options);
  Fed video(MediaKind::video);
  sink->addTrack(ada, video.track);
  video.deliver(clip);
  co_await sink->close();
  while (auto received = co_await sink->next()) {
    CHECK(received->frame.rotation == 0);
    const std::string now = cornersOf(received->frame.buffer.get(), received->frame.caps.get());
    if (!all.ends_with(now)) all += (all.empty() ? "" : " ") + now;
  }
}

Task<> givesEncodedWithRotation() {
  const auto sink = makeFrameSink();
  Fed video(MediaKind::video);
  sink->addTrack(ada, video.track);
  video.deliver(corners(270, 3));
  for (int i = 0; i < 3; ++i) {
    const auto received = co_await sink->next();
    CHECK(received->frame.rotation == 270);
  }
  co_await sink->close();
}

Clip turnedOverAndOver() {
  Clip clip;
  GstClockTime start = 0;
  for (const int rotation : {0, 90, 0, 180}) {
    for (Frame frame : corners(rotation, 5)) {
      frame.time += start;
      clip.push_back(std::move(frame));
    }
    start += GST_SECOND;
  }
  return clip;
}

/// Which rotation an element was told that takes encoded video.
Task<> tellsElements(std::optional<int>& told) {
  MakeSinkElement make = [&told](const TrackOrigin&, MediaKind) {
    GstElement* sink = gst_parse_bin_from_description(
        "capsfilter caps=video/x-vp8 ! fakesink sync=false async=false name=end", TRUE, nullptr);
    const auto end = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(sink), "end"));
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(end.get(), "sink"));
    gst_pad_add_probe(
        pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad* own, GstPadProbeInfo*, gpointer data) {
          *static_cast<std::optional<int>*>(data) = orientationOn(own).rotation;
          return GST_PAD_PROBE_OK;
        },
        &told, nullptr);
    return sink;
  };
  const auto sink = makeElementSink(std::move(make));
  Fed video(MediaKind::video);
  sink->addTrack(ada, video.track);
  video.deliver(corners(180, 3));
  co_await sink->close();
}

Task<> pushes(std::shared_ptr<StandLog> log) {
  std::vector<std::string> streams = {"video/x-vp8"};
  AppSource source(AppSourceOptions(std::move(streams)));
  Ref<GstCaps> accepted = capsFrom("video/x-vp8, rotation={ 0, 90, 180, 270 }");
  co_await source.open(std::move(accepted));
  source.tracks().front()->addReceiver(log);
  co_await source.play();
  for (const int rotation : {0, 90, 90, 0}) {
    Frame frame = corners(rotation, 1).front();
    frame.time = GST_CLOCK_TIME_NONE;
    co_await source.push(std::move(frame));
  }
  co_await eventually("four frames", [&] { return log->count() == 4; });
  Frame crooked = corners(45, 1).front();
  std::string text;
  try {
    co_await source.push(std::move(crooked));
  } catch (const Error& error) {
    CHECK(error.code() == Error::Code::InvalidArgument);
    text = error.what();
  }
  CHECK(text == "push: 45 degrees are no rotation");
  co_await source.close();
}

Task<> refusesRawRotated() {
  std::vector<std::string> streams = {
      "video/x-raw, format=I420, width=160, height=120, framerate=30/1"};
  AppSource source(AppSourceOptions(std::move(streams)));
  co_await source.open(nullptr);
  co_await source.play();
  Frame frame;
  frame.buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, 160 * 120 * 2, nullptr));
  frame.rotation = 90;
  std::string text;
  try {
    co_await source.push(std::move(frame));
  } catch (const Error& error) {
    text = error.what();
  }
  CHECK(text == "push: a raw picture must be upright");
  co_await source.close();
}

}  // namespace

TEST_CASE("a phone's file passes as it is, with its rotation, where the room can be told of it") {
  const TemporaryDirectory directory;
  const Turn turn = turns[GENERATE(range(0, 3))];
  const std::string path = directory.file("phone.mp4");
  makePhoneClip(path, 20, turn.matrix);
  const auto log = played(path, kRotatedH264);
  CHECK(log->format() == "video/x-h264");
  CHECK(log->allAre(turn.rotation));
}

TEST_CASE("a phone's file is turned upright before it is encoded where the room cannot") {
  const TemporaryDirectory directory;
  const Turn turn = turns[GENERATE(range(0, 3))];
  const std::string path = directory.file("phone.mp4");
  makePhoneClip(path, 20, turn.matrix);
  const auto log = played(path, GENERATE(kH264, "video/x-vp8, rotation={ 0, 90, 180, 270 }"));
  CHECK(log->format() == "video/x-raw");
  CHECK(log->allAre(0));
  CHECK(log->corners() == turn.corners);
}

TEST_CASE("a mirror image is always set right before it is encoded") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("phone.mp4");
  makePhoneClip(path, 20, mirror);
  const auto log = played(path, kRotatedH264);
  CHECK(log->format() == "video/x-raw");
  CHECK(log->corners() == "GRWB");
}

TEST_CASE("an upright file passes as it is in any room") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("phone.mp4");
  makePhoneClip(path, 20, {1, 0, 0, 1});
  const auto log = played(path, GENERATE(kH264, kRotatedH264));
  CHECK(log->format() == "video/x-h264");
  CHECK(log->allAre(0));
}

TEST_CASE("decoded frames of rotated pictures stand upright, encoded ones tell their rotation") {
  for (const Turn& turn : turns) {
    std::string all;
    runTest(show(corners(turn.rotation), all));
    CHECK(all == turn.corners);
  }
  runTest(givesEncodedWithRotation());
}

TEST_CASE("decoded frames follow a rotation that changes") {
  std::string all;
  runTest(show(turnedOverAndOver(), all));
  CHECK(all == "RGBW BRWG RGBW WBGR");
}

TEST_CASE("an element that takes encoded video is told the rotation in a tag") {
  std::optional<int> told;
  runTest(tellsElements(told));
  CHECK(told == 180);
}

TEST_CASE("frames that an app pushes keep their rotation, and raw ones must have none") {
  const auto log = std::make_shared<StandLog>();
  runTest(pushes(log));
  CHECK(log->rotations() == std::vector<int>{0, 90, 90, 0});
  runTest(refusesRawRotated());
}
