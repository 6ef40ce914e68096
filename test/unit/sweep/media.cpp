// What moves media is given up, closed and left without its owner at each turn of the loop.
#include "cosoup/media/sink/frame_sink.hpp"
#include "cosoup/media/source/app_source.hpp"
#include "support/eventually.hpp"
#include "unit/async/cancelling.hpp"
#include "unit/media/media_support.hpp"
#include "unit/media/rtp/fed.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

enum class Fate { cancelled, closed, destroyed };

constexpr const char* smallPicture =
    "video/x-raw, format=(string)I420, width=(int)32, height=(int)16, framerate=(fraction)30/1";
constexpr gsize pictureSize = 32 * 16 * 3 / 2;

std::shared_ptr<AppSource> smallSource() {
  AppSourceOptions options({smallPicture});
  options.live = false;
  options.maxQueued = 2;
  return std::make_shared<AppSource>(std::move(options));
}

Frame pictureAt(GstClockTime time) {
  Frame frame;
  frame.buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, pictureSize, nullptr));
  gst_buffer_memset(frame.buffer.get(), 0, 0, pictureSize);
  frame.time = time;
  return frame;
}

/// A source, a sink for frames and a recorder, and two streams into them.
struct Media {
  Fed video{MediaKind::video};
  Fed audio{MediaKind::audio};
  TemporaryDirectory directory;
  std::shared_ptr<AppSource> source = smallSource();
  std::shared_ptr<FrameSink> frames = makeFrameSink();
  std::shared_ptr<Sink> recorder = makeRecordSink(directory.path().string());
  GstClockTime pushed = 0;
  Scope feeding;
};

// ---- operations --------------------------------------------------------------------------------

/// As much as makes it wait for the pace.
Task<> pushSome(std::shared_ptr<AppSource> source, GstClockTime& pushed) {
  for (int i = 0; i < 6; ++i) {
    co_await source->push(pictureAt(pushed));
    pushed += 5 * GST_MSECOND;
  }
}

Task<> openSource(Media& media) {
  const auto source = media.source;
  co_await source->open(nullptr);
  co_await source->play();
}

Task<> sendSome(Media& media) {
  co_await openSource(media);
  co_await pushSome(media.source, media.pushed);
}

const Clip& picture() {
  static const Clip clip = vp8Clip(0.2);
  return clip;
}
const Clip& sound() {
  static const Clip clip = opusClip(0.2);
  return clip;
}

void feed(Media& media) {
  media.video.deliver(picture());
  media.audio.deliver(sound());
}

Task<> feedLater(Media& media) {
  for (int i = 0; i < 4; ++i) co_await sleepFor(1ms);
  feed(media);
}

Task<> takeFrames(std::shared_ptr<FrameSink> frames) {
  for (int i = 0; i < 3; ++i) co_await frames->next();
}

Task<> receiveSome(Media& media) {
  media.frames->addTrack(ada, media.video.track);
  media.feeding.spawn(feedLater(media));
  co_await takeFrames(media.frames);
}

Task<> record(Media& media) {
  const auto recorder = media.recorder;
  recorder->addTrack(ada, media.video.track);
  recorder->addTrack(bob, media.audio.track);
  co_await feedLater(media);
  recorder->removeTrack(bob.consumerId);
  co_await recorder->close();
}

struct Operation {
  const char* name;
  Task<> (*prepare)(Media& media);
  Task<> (*run)(Media& media);
};

Task<> nothing(Media&) { co_return; }

constexpr Operation kOperations[] = {
    {"open and play a source", &nothing, &openSource},
    {"push", &openSource, [](Media& m) { return pushSome(m.source, m.pushed); }},
    {"close a source that is being pushed into", &sendSome,
     [](Media& m) { return m.source->close(); }},
    {"next", &nothing, &receiveSome},
    {"record", &nothing, &record}};

// ---- the sweep ---------------------------------------------------------------------------------

Task<> watch(Task<> operation, std::shared_ptr<Ending> ending) {
  try {
    co_await std::move(operation);
  } catch (const Cancelled&) {
    ending->cancelled = true;
  } catch (const Error& error) {
    CHECK(error.code() == Error::Code::InvalidState);
  }
  ending->wentOn = true;
}

void befall(Fate fate, Media& media, Scope& operation, Scope& closing) {
  switch (fate) {
    case Fate::cancelled:
      return operation.requestStop();
    case Fate::closed:
      closing.spawn(media.source->close());
      closing.spawn(media.frames->close());
      return closing.spawn(media.recorder->close());
    case Fate::destroyed:
      media.source.reset();
      media.frames.reset();
      media.recorder.reset();
  }
}

/// Who was given up on can be used further.
Task<> goesOn(Media& media, const Operation& operation) {
  if (operation.run == &receiveSome) {
    feed(media);
    co_await takeFrames(media.frames);
  } else if (operation.prepare == &openSource) {
    co_await pushSome(media.source, media.pushed);
  }
}

Task<> closeAll(Media& media) {
  co_await media.feeding.join();
  if (media.source) co_await media.source->close();
  if (media.frames) co_await media.frames->close();
  if (media.recorder) co_await media.recorder->close();
  co_await eventually("the end of all",
                      [] { return cosoup::detail::backgroundScope().running() == 0; });
}

/// What was recorded is whole.
void checkRecordings(const Media& media) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(media.directory.path())) {
    if (!entry.is_regular_file()) continue;
    INFO(entry.path());
    CHECK(readMediaFile(entry.path().string()).error == "");
  }
}

Task<> once(const Operation& operation, Fate fate, int turns, bool& reached) {
  Media media;
  co_await operation.prepare(media);
  Scope scope;
  Scope closing;
  const auto ending = std::make_shared<Ending>();
  scope.spawn(watch(operation.run(media), ending));
  for (int i = 0; i < turns && !ending->wentOn; ++i) co_await sleepFor(0ms);
  reached = !ending->wentOn;
  if (reached) befall(fate, media, scope, closing);
  co_await eventually("the end of the operation", [&] { return ending->wentOn; });
  if (fate != Fate::cancelled) CHECK_FALSE(ending->cancelled);
  co_await scope.close();
  co_await closing.join();
  if (fate == Fate::cancelled) {
    co_await withTimeout(10s, goesOn(media, operation), "use it further");
  }
  co_await closeAll(media);
  CHECK_FALSE(media.video.track->hasReceivers());
  CHECK_FALSE(media.audio.track->hasReceivers());
  checkRecordings(media);
}

/// Ends where the operation does; one whose turns are many is met at fewer and fewer of them.
void sweep(const Operation& operation, Fate fate) {
  bool reached = true;
  int moments = 0;
  for (int turns = 0; reached; turns += 1 + turns / 4) {
    INFO(operation.name << " after " << turns << " turns of the loop");
    runTest(once(operation, fate, turns, reached), 30s);
    if (reached) ++moments;
  }
  INFO(operation.name);
  CHECK(moments > 0);
}

void sweepAll(Fate fate) {
  for (const Operation& operation : kOperations) sweep(operation, fate);
}

}  // namespace

TEST_CASE("sources, frame sinks and recorders can be given up on at every turn of the loop") {
  sweepAll(Fate::cancelled);
}

TEST_CASE("sources, frame sinks and recorders can be closed at every turn of the loop") {
  sweepAll(Fate::closed);
}

TEST_CASE("sources, frame sinks and recorders can be let go of at every turn of the loop") {
  sweepAll(Fate::destroyed);
}
