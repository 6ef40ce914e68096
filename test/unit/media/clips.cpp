#include "unit/media/clips.hpp"

#include <gst/app/gstappsink.h>

#include <algorithm>
#include <filesystem>

#include "cosoup/gst/ref.hpp"

namespace cosoup::test {
namespace {

constexpr GstClockTime epoch = 1000 * GST_SECOND;  // the clock when a bench starts

}  // namespace

Clip encode(const std::string& description) {
  ensureGStreamer();
  GError* error = nullptr;
  const std::string line = description + " ! appsink name=sink sync=false";
  const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(line.c_str(), &error));
  INFO(line);
  REQUIRE(error == nullptr);
  const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "sink"));
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  Clip clip;
  while (auto* pulled = gst_app_sink_try_pull_sample(GST_APP_SINK(sink.get()), 20 * GST_SECOND)) {
    const auto sample = Ref<GstSample>::adopt(pulled);
    Frame frame;
    frame.buffer = Ref<GstBuffer>::share(gst_sample_get_buffer(pulled));
    frame.caps = Ref<GstCaps>::share(gst_sample_get_caps(pulled));
    frame.time = GST_BUFFER_PTS(frame.buffer.get());
    clip.push_back(std::move(frame));
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  REQUIRE_FALSE(clip.empty());
  return clip;
}

Clip vp8Clip(double seconds, int keyFrameInterval, int width) {
  return encode(
      "videotestsrc pattern=ball num-buffers=" + std::to_string(std::lround(seconds * 30)) +
      " ! video/x-raw,height=120,framerate=30/1,width=" + std::to_string(width) +
      " ! vp8enc deadline=1 cpu-used=8 keyframe-max-dist=" + std::to_string(keyFrameInterval));
}

Clip opusClip(double seconds) {
  Clip clip = encode(
      "audiotestsrc samplesperbuffer=960 num-buffers=" + std::to_string(std::lround(seconds * 50)) +
      " ! audio/x-raw,rate=48000,channels=2 ! opusenc complexity=0");
  const GstClockTime first = clip.front().time;  // the encoder's delay
  for (Frame& frame : clip) frame.time -= first;
  return clip;
}

Clip h264Clip(double seconds, int width, int keyFrameInterval) {
  return encode("videotestsrc num-buffers=" + std::to_string(std::lround(seconds * 30)) +
                " ! video/x-raw,height=144,framerate=30/1,width=" + std::to_string(width) +
                " ! openh264enc gop-size=" + std::to_string(keyFrameInterval) +
                " ! video/x-h264,stream-format=byte-stream,alignment=au,"
                "profile=constrained-baseline");
}

Clip from(const Clip& clip, double start) {
  Clip rest;
  for (const Frame& frame : clip) {
    if (static_cast<double>(frame.time) >= start * GST_SECOND) rest.push_back(frame);
  }
  return rest;
}

std::vector<FrameNote> notesOf(const Clip& clip) {
  std::vector<FrameNote> notes;
  for (const Frame& frame : clip) notes.push_back(noteOf(frame.buffer.get(), frame.time));
  return notes;
}

bool sameFrames(const std::vector<FrameNote>& a, const std::vector<FrameNote>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.data == y.data && x.keyFrame == y.keyFrame;
  });
}

double offsetOf(const MediaFile& file) {
  return std::abs(file.streams.at("audio").start() - file.streams.at("video").start());
}

Feed::Feed(MediaKind kind, Clip frames)
    : track(std::make_shared<Track>(kind)),
      queue(std::make_shared<TrackQueue>(track)),
      clip(std::move(frames)) {
  track->setKeyFrameRequest([this] { ++keyFrameRequests; });
}

namespace {

RecordOptions chosen(const TemporaryDirectory& directory,
                     const std::function<void(RecordOptions&)>& choose) {
  RecordOptions options(directory.path().string());
  choose(options);
  return options;
}

}  // namespace

Recorder::Events Bench::events() {
  Recorder::Events events;
  events.recorded = [this](const std::string& path) { recorded.push_back(path); };
  events.failed = [this](const Error& error) { failures.push_back(error.what()); };
  events.missed = [this](RecordingGap::Time begin, RecordingGap::Time end) {
    missed.push_back(std::chrono::duration<double>(end - begin).count());
  };
  return events;
}

Bench::Bench(const std::function<void(RecordOptions&)>& choose)
    : recorder(chosen(directory, choose), "room/peer", events()), folder_(directory.path()) {}

Bench::Bench(const std::filesystem::path& folder)
    : recorder(RecordOptions(folder.string()), "room/peer", events()), folder_(folder) {}

Bench::Bench(RecordOptions::Container container, Recorder::Claim claim)
    : recorder(
          chosen(directory, [container](RecordOptions& options) { options.container = container; }),
          "room/peer", events(), std::move(claim)),
      folder_(directory.path()) {}

std::shared_ptr<Feed> Bench::add(MediaKind kind, Clip clip, double offset, std::string key) {
  auto feed = std::make_shared<Feed>(kind, std::move(clip));
  feed->offset = offset;
  REQUIRE(recorder.attach(feed->queue, std::move(key)));
  feeds_.push_back(feed);
  return feed;
}

namespace {

/// Whether files are written on a thread of the muxer's, as from GStreamer 1.26 on.
bool muxesOnThread() {
  static const bool does = [] {
    const auto mux = Ref<GstElement>::sink(makeElement("matroskamux"));
    const GType aggregator = g_type_from_name("GstAggregator");
    return aggregator && g_type_is_a(G_OBJECT_TYPE(mux.get()), aggregator);
  }();
  return does;
}

std::uintmax_t bytesIn(const std::filesystem::path& folder) {
  std::uintmax_t bytes = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    if (entry.is_regular_file(error)) bytes += entry.file_size(error);
  }
  return bytes;
}

/// Time flies in a bench: the muxer's thread is to keep up with it.
void awaitMuxer(const std::filesystem::path& folder) {
  if (!muxesOnThread()) return;
  std::uintmax_t before = 0;
  do {
    before = bytesIn(folder);
    g_usleep(10000);
  } while (bytesIn(folder) != before);
}

}  // namespace

void Bench::runUntil(double time) {
  while (time_ < time) {
    time_ += 0.25;
    const GstClockTime now = epoch + static_cast<GstClockTime>(time_ * GST_SECOND);
    for (const auto& feed : feeds_) {
      while (feed->next < feed->clip.size()) {
        Frame frame = feed->clip[feed->next];
        frame.time += epoch + static_cast<GstClockTime>(feed->offset * GST_SECOND);
        if (frame.time > now) break;
        feed->queue->onFrame(frame);
        ++feed->next;
      }
    }
    alive = recorder.step(now);
    awaitMuxer(folder_);
  }
}

void Bench::finish(Feed& feed) { feed.queue->finish(); }

void Bench::finish() {
  for (const auto& feed : feeds_) feed->queue->finish();
  step();
}

void Bench::step() { alive = recorder.step(epoch + static_cast<GstClockTime>(time_ * GST_SECOND)); }

}  // namespace cosoup::test
