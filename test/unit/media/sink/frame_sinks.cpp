// Frame sinks: frames for a coroutine.
#include <thread>

#include "cosoup/async/deferred.hpp"
#include "cosoup/media/sink/frame_sink.hpp"
#include "support/eventually.hpp"
#include "unit/media/rtp/fed.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

Clip part(const Clip& clip, std::size_t begin, std::size_t end) {
  return Clip(clip.begin() + static_cast<std::ptrdiff_t>(begin),
              clip.begin() + static_cast<std::ptrdiff_t>(end));
}

Task<std::vector<ReceivedFrame>> takeAll(std::shared_ptr<FrameSink> sink) {
  std::vector<ReceivedFrame> frames;
  while (auto frame = co_await sink->next()) frames.push_back(std::move(*frame));
  co_return frames;
}

Task<> takeInto(std::vector<ReceivedFrame>& frames, std::shared_ptr<FrameSink> sink) {
  while (auto frame = co_await sink->next()) frames.push_back(std::move(*frame));
}

std::vector<FrameNote> notesOf(const std::vector<ReceivedFrame>& frames) {
  std::vector<FrameNote> notes;
  for (const ReceivedFrame& received : frames) {
    notes.push_back(noteOf(received.frame.buffer.get(), received.frame.time));
  }
  return notes;
}

Task<> givesEncodedFrames() {
  const auto sink = makeFrameSink();
  Fed video(MediaKind::video);
  Fed audio(MediaKind::audio);
  sink->addTrack(ada, video.track);
  sink->addTrack(ada, audio.track);  // the consumer is there already
  sink->addTrack(bob, audio.track);
  const Clip clip = vp8Clip(1);
  video.deliver(part(clip, 1, 3));  // no key frame yet
  CHECK(video.keyFrameRequests == 1);
  video.deliver(clip);
  const Clip sound = opusClip(0.2);
  audio.deliver(sound);
  sink->removeTrack("c1");
  video.deliver(clip);
  co_await sink->close();
  sink->addTrack(ada, video.track);
  video.deliver(clip);
  const std::vector<ReceivedFrame> frames = co_await takeAll(sink);
  REQUIRE(frames.size() == 30 + sound.size());
  CHECK(frames.front().origin->peerId == "ada");
  CHECK(frames.front().kind == MediaKind::video);
  CHECK(capsText(frames.front().frame.caps).find("video/x-vp8") == 0);
  CHECK(frames.back().origin->displayName == "Bob");
  CHECK(frames.back().kind == MediaKind::audio);
  const std::vector<ReceivedFrame> pictures(frames.begin(), frames.begin() + 30);
  CHECK(sameData(notesOf(pictures), test::notesOf(clip)));
  CHECK(sink->dropped() == 0);
}

Task<> waitsForFrames() {
  const auto sink = makeFrameSink();
  Fed audio(MediaKind::audio);
  sink->addTrack(ada, audio.track);
  Scope scope;
  const Deferred<std::vector<ReceivedFrame>> taken = begin(scope, takeAll(sink));
  const Clip clip = opusClip(0.2);
  std::thread stream([&] {
    for (std::size_t i = 0; i < clip.size(); ++i) {
      audio.deliver(part(clip, i, i + 1));
      g_usleep(2000);
    }
  });
  stream.join();
  co_await sink->close();
  const std::vector<ReceivedFrame> frames = co_await taken.wait();
  CHECK(sameData(notesOf(frames), test::notesOf(clip)));
  co_await scope.join();
}

Task<> isCancelled() {
  const auto sink = makeFrameSink();
  Fed audio(MediaKind::audio);
  sink->addTrack(ada, audio.track);
  bool expired = false;
  try {
    auto nothing = co_await withTimeout(20ms, sink->next(), "next");
  } catch (const Error&) {
    expired = true;
  }
  CHECK(expired);
  audio.deliver(opusClip(0.02));
  auto frame = co_await sink->next();
  CHECK(frame);
  co_await sink->close();
}

Task<> dropsWhatIsTooMuch(FrameSinkOptions::Drop drop) {
  FrameSinkOptions options;
  options.drop = drop;
  options.queueLength = 10;
  const auto sink = makeFrameSink(options);
  Fed video(MediaKind::video);
  sink->addTrack(ada, video.track);
  const Clip clip = vp8Clip(1.5, 30);  // key frames at 0 and 30
  video.deliver(part(clip, 0, 15));
  for (int i = 0; i < 10; ++i) {
    const auto taken = co_await sink->next();
    const FrameNote note = noteOf(taken->frame.buffer.get(), 0);
    const std::size_t expected = drop == FrameSinkOptions::Drop::oldest ? i + 5 : i;
    CHECK(note.data == noteOf(clip[expected].buffer.get(), 0).data);
  }
  CHECK(sink->dropped() == 5);
  video.deliver(part(clip, 15, 16));
  video.deliver(part(clip, 30, 31));
  co_await sink->close();
  const std::vector<ReceivedFrame> rest = co_await takeAll(sink);
  const bool waits = drop == FrameSinkOptions::Drop::untilKeyFrame;
  CHECK(rest.size() == (waits ? 1 : 2));
  CHECK(video.keyFrameRequests == (waits ? 1 : 0));
}

/// Pictures of 80 pixels and sound at 16 kHz, as asked for.
void checkDecoded(const std::vector<ReceivedFrame>& frames) {
  std::size_t pictures = 0;
  double seconds = 0;
  GstClockTime last = 0;
  for (const ReceivedFrame& received : frames) {
    const std::string caps = capsText(received.frame.caps);
    if (received.kind == MediaKind::video) {
      CHECK(caps.find("video/x-raw") == 0);
      CHECK(caps.find("I420") != std::string::npos);
      CHECK(caps.find("width=(int)80") != std::string::npos);
      CHECK(received.frame.time > last);
      last = received.frame.time;
      ++pictures;
    } else {
      CHECK(caps.find("S16LE") != std::string::npos);
      seconds += static_cast<double>(gst_buffer_get_size(received.frame.buffer.get())) / 32000;
    }
  }
  CHECK(pictures == 30);
  CHECK(std::abs(seconds - 1) < 0.1);
  const double age = static_cast<double>(gst_util_get_timestamp()) - static_cast<double>(last);
  CHECK(std::abs(age) < 20e9);  // times are the clock's
}

Task<> decodes() {
  FrameSinkOptions options(FrameSinkOptions::Form::raw);
  options.videoCaps += ", width=80";
  options.audioCaps += ", rate=16000, channels=1";
  const auto sink = makeFrameSink(options);
  Fed video(MediaKind::video);
  Fed audio(MediaKind::audio);
  Scope scope;
  std::vector<ReceivedFrame> frames;
  const Deferred<> taken = begin(scope, takeInto(frames, sink));
  sink->addTrack(ada, video.track);
  sink->addTrack(bob, audio.track);
  const Clip clip = vp8Clip(1);
  const Clip sound = opusClip(1);
  video.deliver(clip);
  audio.deliver(sound);
  // What has not been decoded yet comes all the same.
  sink->removeTrack("c1");
  co_await sink->close();
  co_await taken.wait();
  co_await scope.join();
  checkDecoded(frames);
}

Task<> survivesNoise() {
  const auto sink = makeFrameSink(FrameSinkOptions(FrameSinkOptions::Form::raw));
  std::vector<std::string> failures;
  const Connection connection =
      sink->failed.connect([&](const Error& error) { failures.push_back(error.what()); });
  Fed unknown(MediaKind::video);
  Fed audio(MediaKind::audio);
  sink->addTrack(ada, unknown.track);
  sink->addTrack(bob, audio.track);
  Frame frame;
  frame.buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, 10, nullptr));
  frame.caps = capsFrom("video/x-nonsense");
  frame.time = 0;
  unknown.deliver(Clip{frame});
  co_await eventually("the failure", [&] { return !failures.empty(); });
  CHECK(failures[0].find("decode: video of 'Ada': ") == 0);
  CHECK_FALSE(unknown.track->hasReceivers());
  audio.deliver(opusClip(0.2));
  auto decoded = co_await sink->next();
  CHECK(decoded->kind == MediaKind::audio);
  co_await sink->close();
  CHECK(failures.size() == 1);
}

}  // namespace

TEST_CASE("a frame sink gives the encoded frames from a key frame on, and whose they are") {
  runTest(givesEncodedFrames());
}

TEST_CASE("frames that come on a streaming thread wake whoever waits for them") {
  runTest(waitsForFrames());
}

TEST_CASE("waiting for a frame can be cancelled, and no frame is lost by that") {
  runTest(isCancelled());
}

TEST_CASE("a frame sink that nobody reads drops by its policy") {
  using Drop = FrameSinkOptions::Drop;
  const Drop drop = GENERATE(Drop::oldest, Drop::newest, Drop::untilKeyFrame);
  runTest(dropsWhatIsTooMuch(drop));
}

TEST_CASE("a raw frame sink decodes to the caps asked for, at the clock's times") {
  runTest(decodes());
}

TEST_CASE("a frame sink refuses caps that are none") {
  FrameSinkOptions options;
  options.videoCaps = "no caps, =";
  CHECK_THROWS_AS(makeFrameSink(options), Error);
}

TEST_CASE("a track that cannot be decoded is told, and the others go on") {
  runTest(survivesNoise());
}
