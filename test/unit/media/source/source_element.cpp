// Elements and pads of the app as sources.
#include "cosoup/media/source/source.hpp"
#include "support/eventually.hpp"
#include "unit/media/open_error.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

Ref<GstElement> parseBin(const std::string& line) {
  ensureGStreamer();
  GError* error = nullptr;
  GstElement* bin = gst_parse_bin_from_description(line.c_str(), TRUE, &error);
  REQUIRE(error == nullptr);
  return Ref<GstElement>::sink(bin);
}

bool isFree(const Ref<GstElement>& element) {
  const auto parent =
      Ref<GstElement>::adopt(GST_ELEMENT(gst_object_get_parent(GST_OBJECT(element.get()))));
  return !parent;
}

Task<> playFrames(std::shared_ptr<Source> source, std::string accepted,
                  std::vector<std::string>& names) {
  Ref<GstCaps> wanted = capsFrom(accepted);
  co_await source->open(std::move(wanted));
  std::vector<std::shared_ptr<FrameLog>> logs;
  for (const auto& track : source->tracks()) {
    const std::string text = capsText(track->caps());
    names.push_back(text.substr(0, text.find(',')));
    logs.push_back(logOf(track));
  }
  std::sort(names.begin(), names.end());
  co_await source->play();
  for (const auto& log : logs) {
    co_await eventually("frames", [&] { return log->count() >= 5; });
    const auto notes = log->notes();
    const GstClockTime now = gst_util_get_timestamp();
    CHECK(notes.back().time <= now + GST_SECOND);
    CHECK(now - notes.front().time < 5 * GST_SECOND);
  }
  co_await source->close();
}

}  // namespace

TEST_CASE("an element of the app is a source, raw or encoded, and free again afterwards") {
  const bool encoded = GENERATE(true, false);
  const Ref<GstElement> element =
      parseBin(std::string("videotestsrc is-live=true ! video/x-raw,width=160,height=120") +
               (encoded ? " ! vp8enc deadline=1" : " ! identity"));
  for (int round = 0; round < 2; ++round) {
    std::vector<std::string> names;
    runTest(playFrames(makeElementSource(element), "video/x-vp8", names));
    CHECK(names == std::vector<std::string>{encoded ? "video/x-vp8" : "video/x-raw"});
    CHECK(isFree(element));
  }
}

TEST_CASE("a bin with several open pads has a track for each") {
  ensureGStreamer();
  GError* error = nullptr;
  auto* bin = gst_parse_bin_from_description(
      "videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! identity "
      "audiotestsrc is-live=true ! opusenc",
      FALSE, &error);
  REQUIRE(error == nullptr);
  const auto element = Ref<GstElement>::sink(bin);
  std::vector<std::string> names;
  runTest(playFrames(makeElementSource(element), "audio/x-opus", names));
  CHECK(names == std::vector<std::string>{"audio/x-opus", "video/x-raw"});
}

TEST_CASE("an element whose pads appear later is waited for") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("talk.webm");
  makeWebM(path, 1, 1);
  const auto element = Ref<GstElement>::sink(makeElement("uridecodebin"));
  g_object_set(element.get(), "uri", ("file://" + path).c_str(), nullptr);
  std::vector<std::string> names;
  runTest(playFrames(makeElementSource(element), "audio/x-opus", names));
  CHECK(names == std::vector<std::string>{"audio/x-raw", "video/x-raw"});
}

TEST_CASE("an element that cannot be a source is refused") {
  runTest(failsToOpen(makeElementSource(nullptr), Error::Code::InvalidArgument, "null"));
  const auto sink = Ref<GstElement>::sink(makeElement("fakesink"));
  runTest(failsToOpen(makeElementSource(sink), Error::Code::InvalidArgument, "no source pad"));
  const auto used = Ref<GstElement>::sink(makeElement("videotestsrc"));
  const auto bin = Ref<GstElement>::sink(gst_bin_new("mine"));
  gst_bin_add(GST_BIN(bin.get()), used.get());
  runTest(failsToOpen(makeElementSource(used), Error::Code::InvalidState, "'mine' already"));
}

namespace {

/// A pipeline of the app: a tee of which one branch is the app's own business.
struct AppPipeline {
  explicit AppPipeline(const std::string& origin) {
    ensureGStreamer();
    GError* error = nullptr;
    pipeline = Ref<GstElement>::sink(gst_parse_launch(
        (origin + " ! tee name=t ! queue ! fakesink name=own sync=false").c_str(), &error));
    REQUIRE(error == nullptr);
    const auto tee = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "t"));
    pad = Ref<GstPad>::adopt(gst_element_request_pad_simple(tee.get(), "src_%u"));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  }
  ~AppPipeline() { gst_element_set_state(pipeline.get(), GST_STATE_NULL); }

  guint64 rendered() const {
    const auto own = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "own"));
    GstStructure* stats = nullptr;
    g_object_get(own.get(), "stats", &stats, nullptr);
    guint64 count = 0;
    gst_structure_get_uint64(stats, "rendered", &count);
    gst_structure_free(stats);
    return count;
  }
  int children() const { return GST_BIN_NUMCHILDREN(GST_BIN(pipeline.get())); }

  Ref<GstElement> pipeline;
  Ref<GstPad> pad;
};

Task<> goesOn(AppPipeline& app) {
  const guint64 before = app.rendered();
  co_await eventually("the app's pipeline to go on", [&] { return app.rendered() > before + 5; });
}

Task<> isGone(AppPipeline& app, int children) {
  co_await eventually("the sink to be removed", [&] { return app.children() == children; });
  CHECK_FALSE(gst_pad_is_linked(app.pad.get()));
}

Task<> requestsKeyFrame(AppPipeline& app) {
  const auto source = makePadSource(app.pad);
  Ref<GstCaps> accepted = capsFrom("video/x-vp8");
  co_await source->open(std::move(accepted));
  const auto log = logOf(source->tracks().at(0));
  co_await source->play();
  const auto keyFrames = [&] {
    const auto notes = log->notes();
    return std::count_if(notes.begin(), notes.end(), [](const auto& n) { return n.keyFrame; });
  };
  co_await eventually("the key frame asked for at the start", [&] { return keyFrames() >= 1; });
  const auto before = keyFrames();
  source->tracks().at(0)->requestKeyFrame();
  co_await eventually("the key frame that was asked for", [&] { return keyFrames() > before; });
  co_await source->close();
}

}  // namespace

TEST_CASE("a pad of the app's running pipeline is a source, again and again") {
  const std::string picture = "videotestsrc is-live=true ! video/x-raw,width=160,height=120";
  const bool encoded = GENERATE(true, false);
  AppPipeline app(picture + (encoded ? " ! vp8enc deadline=1 keyframe-max-dist=3000" : ""));
  const int children = app.children();
  for (int round = 0; round < 2; ++round) {
    std::vector<std::string> names;
    runTest(playFrames(makePadSource(app.pad), "video/x-vp8", names));
    CHECK(names == std::vector<std::string>{encoded ? "video/x-vp8" : "video/x-raw"});
    runTest(goesOn(app));
    runTest(isGone(app, children));
  }
  if (encoded) runTest(requestsKeyFrame(app));
}

TEST_CASE("a pad that cannot be a source is refused") {
  runTest(failsToOpen(makePadSource(nullptr), Error::Code::InvalidArgument, "no source pad"));
  const auto alone = Ref<GstElement>::sink(makeElement("videotestsrc"));
  auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(alone.get(), "src"));
  runTest(failsToOpen(makePadSource(pad), Error::Code::InvalidState, "in no pipeline"));
  AppPipeline app("videotestsrc is-live=true");
  const auto tee = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(app.pipeline.get()), "t"));
  pad = Ref<GstPad>::adopt(gst_element_get_static_pad(tee.get(), "src_0"));
  runTest(failsToOpen(makePadSource(pad), Error::Code::InvalidState, "linked already"));
}
