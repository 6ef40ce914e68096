// Recordings other than the default: MP4, AV1, files of limited length.
#include "unit/media/clips.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

void preferMp4(RecordOptions& options) { options.container = RecordOptions::Container::mp4; }

/// The frames of all files of one kind.
std::vector<FrameNote> joined(const std::vector<MediaFile>& files, const std::string& kind) {
  std::vector<FrameNote> notes;
  for (const MediaFile& file : files) {
    const auto found = file.streams.find(kind);
    if (found == file.streams.end()) continue;
    const auto& frames = found->second.frames;
    notes.insert(notes.end(), frames.begin(), frames.end());
  }
  return notes;
}

std::vector<MediaFile> readAll(const std::vector<std::string>& paths) {
  std::vector<MediaFile> files;
  for (const std::string& path : paths) {
    files.push_back(readMediaFile(path));
    INFO(path);
    CHECK(files.back().error == "");
  }
  return files;
}

}  // namespace

TEST_CASE("H264 and Opus go into MP4 on request, every frame of them, in sync") {
  Bench bench(&preferMp4);
  const Clip video = h264Clip(5, 176);
  const Clip audio = opusClip(5);
  bench.add(MediaKind::video, video);
  bench.add(MediaKind::audio, audio);
  bench.runUntil(5.5);
  bench.finish();
  CHECK(bench.failures == std::vector<std::string>());
  REQUIRE(bench.recorded.size() == 1);
  CHECK(bench.recorded[0] == bench.directory.file("room/peer.mp4"));
  const MediaFile file = readMediaFile(bench.recorded[0]);
  CHECK(file.error == "");
  CHECK(std::abs(file.duration - 5) < 0.2);
  CHECK(file.streams.at("video").frames.size() == video.size());
  CHECK(file.streams.at("video").frames.front().keyFrame);
  CHECK(sameFrames(file.streams.at("audio").frames, notesOf(audio)));
  CHECK(offsetOf(file) < 0.05);
}

TEST_CASE("an MP4 that is not finished holds all but the last seconds") {
  Bench bench(&preferMp4);
  bench.add(MediaKind::video, h264Clip(12, 176));
  bench.add(MediaKind::audio, opusClip(12));
  bench.runUntil(12);
  const std::string path = bench.directory.file("room/peer.mp4");
  // The muxer has a thread of its own.
  double end = 0;
  for (int i = 0; i < 500 && end < 9; ++i) {
    end = readMediaFile(path).streams["video"].end();
    g_usleep(10000);
  }
  const MediaFile running = readMediaFile(path);
  CHECK(running.streams.at("video").end() >= 9);
  CHECK(running.streams.at("audio").end() >= 9);
  bench.finish();
  CHECK(bench.recorded.size() == 1);
}

TEST_CASE("a stream that pauses and goes on begins a next MP4, and nothing is lost") {
  Bench bench(&preferMp4);
  const Clip video = h264Clip(14, 176, 15);
  Clip audio = opusClip(2);
  for (Frame frame : opusClip(3)) {
    frame.time += 11 * GST_SECOND;
    audio.push_back(frame);
  }
  bench.add(MediaKind::video, video);
  bench.add(MediaKind::audio, audio);
  bench.runUntil(14);
  bench.finish();
  CHECK(bench.failures == std::vector<std::string>());
  REQUIRE(bench.recorded.size() == 3);
  const std::vector<MediaFile> files = readAll(bench.recorded);
  CHECK(sameFrames(joined(files, "audio"), notesOf(audio)));
  CHECK(joined(files, "video").size() == video.size());
  CHECK(files[1].streams.size() == 1);
}

TEST_CASE("a pause in MP4 without a key frame ends the file, and a next one begins with one") {
  Bench bench(&preferMp4);
  bench.add(MediaKind::video, h264Clip(14, 176, 300));  // a key frame at 10 s
  // qtdemux leaves out a track that is shorter than a fifth of the longest.
  bench.add(MediaKind::audio, opusClip(2));
  bench.runUntil(14);
  bench.finish();
  CHECK(bench.failures == std::vector<std::string>());
  REQUIRE(bench.recorded.size() == 2);
  const std::vector<MediaFile> files = readAll(bench.recorded);
  CHECK(files[0].streams.size() == 2);
  CHECK(files[1].streams.at("video").frames.front().keyFrame);
}

TEST_CASE("VP8 goes into WebM also where MP4 is preferred") {
  Bench bench(&preferMp4);
  bench.add(MediaKind::video, vp8Clip(1));
  bench.add(MediaKind::audio, opusClip(1));
  bench.runUntil(1);
  bench.finish();
  REQUIRE(bench.recorded.size() == 1);
  CHECK(bench.recorded[0].ends_with(".webm"));
}

TEST_CASE("AV1 goes into WebM") {
  Bench bench;
  const Clip video = encode(
      "videotestsrc pattern=ball num-buffers=20 ! video/x-raw,width=64,height=64,"
      "framerate=10/1 ! av1enc cpu-used=8 usage-profile=realtime ! av1parse ! "
      "video/x-av1,stream-format=obu-stream,alignment=tu");
  bench.add(MediaKind::video, video);
  bench.add(MediaKind::audio, opusClip(2));
  bench.runUntil(2);
  bench.finish();
  CHECK(bench.failures == std::vector<std::string>());
  REQUIRE(bench.recorded.size() == 1);
  CHECK(bench.recorded[0].ends_with(".webm"));
  const MediaFile file = readMediaFile(bench.recorded[0]);
  CHECK(file.streams.at("video").caps.find("video/x-av1") == 0);
  CHECK(file.streams.at("video").caps.find("width=(int)64") != std::string::npos);
  CHECK(file.streams.at("video").frames.size() == video.size());
}

TEST_CASE("a recording is split by length at key frames that are asked for, nothing is lost") {
  Bench bench([](RecordOptions& options) { options.splitAfter = 3s; });
  const Clip video = vp8Clip(10, 15);
  const Clip audio = opusClip(10);
  const auto feed = bench.add(MediaKind::video, video);
  bench.add(MediaKind::audio, audio);
  bench.runUntil(10);
  bench.finish();
  CHECK(bench.failures == std::vector<std::string>());
  REQUIRE(bench.recorded.size() == 3);
  CHECK(bench.recorded[2] == bench.directory.file("room/peer-3.webm"));
  const std::vector<MediaFile> files = readAll(bench.recorded);
  for (const MediaFile& file : files) {
    CHECK(file.streams.at("video").frames.front().keyFrame);
    CHECK(offsetOf(file) < 0.05);
    CHECK(file.duration < 4.1);
  }
  CHECK(sameFrames(joined(files, "video"), notesOf(video)));
  CHECK(sameFrames(joined(files, "audio"), notesOf(audio)));
}

TEST_CASE("a recording of sound alone is split, too") {
  Bench bench([](RecordOptions& options) { options.splitAfter = 2s; });
  const Clip audio = opusClip(7);
  bench.add(MediaKind::audio, audio);
  bench.runUntil(7);
  bench.finish();
  REQUIRE(bench.recorded.size() >= 3);
  CHECK(sameFrames(joined(readAll(bench.recorded), "audio"), notesOf(audio)));
}

TEST_CASE("a recording is split by size") {
  const Clip video = vp8Clip(6, 15);
  std::uint64_t bytes = 0;
  for (const Frame& frame : video) bytes += gst_buffer_get_size(frame.buffer.get());
  Bench bench([&](RecordOptions& options) { options.splitBytes = bytes / 3; });
  bench.add(MediaKind::video, video);
  bench.runUntil(6);
  bench.finish();
  CHECK(bench.recorded.size() >= 2);
  CHECK(bench.recorded.size() <= 3);
  CHECK(sameFrames(joined(readAll(bench.recorded), "video"), notesOf(video)));
}

TEST_CASE("a recording whose video gives no key frame is not split, and goes on") {
  Bench bench([](RecordOptions& options) { options.splitAfter = 1s; });
  const Clip video = vp8Clip(6);
  const auto feed = bench.add(MediaKind::video, video);
  bench.add(MediaKind::audio, opusClip(6));
  bench.runUntil(6);
  CHECK(feed->keyFrameRequests >= 4);
  bench.finish();
  REQUIRE(bench.recorded.size() == 1);
  CHECK(sameFrames(readMediaFile(bench.recorded[0]).streams.at("video").frames, notesOf(video)));
}
