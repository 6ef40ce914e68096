// What recordings contain.
#include <random>

#include "unit/media/clips.hpp"

using namespace cosoup;
using namespace cosoup::test;

TEST_CASE("a recording holds every frame of both tracks bit by bit, in sync") {
  Bench bench;
  const Clip video = vp8Clip(3);
  const Clip audio = opusClip(3);
  bench.add(MediaKind::video, video);
  bench.add(MediaKind::audio, audio);
  bench.runUntil(3.5);
  CHECK(bench.recorded.empty());
  bench.finish();
  CHECK_FALSE(bench.alive);
  CHECK(bench.failures == std::vector<std::string>());
  REQUIRE(bench.recorded.size() == 1);
  CHECK(bench.recorded[0] == bench.directory.file("room/peer.webm"));
  const MediaFile file = readMediaFile(bench.recorded[0]);
  CHECK(file.error == "");
  CHECK(std::abs(file.duration - 3) < 0.1);
  CHECK(file.streams.at("video").caps.find("video/x-vp8") == 0);
  CHECK(file.streams.at("audio").caps.find("audio/x-opus") == 0);
  CHECK(sameFrames(file.streams.at("video").frames, notesOf(video)));
  CHECK(sameFrames(file.streams.at("audio").frames, notesOf(audio)));
  for (std::size_t i = 0; i < video.size(); ++i) {
    const double time = static_cast<double>(file.streams.at("video").frames[i].time);
    CHECK(std::abs(time - static_cast<double>(video[i].time)) < 2e6);
  }
  CHECK(offsetOf(file) < 0.05);
}

TEST_CASE("a recording starts at a key frame, which is asked for, and with the sound from there") {
  Bench bench;
  const Clip video = vp8Clip(4, 45);  // key frames at 0, 1.5 and 3 s
  const Clip audio = opusClip(4);
  const auto feed = bench.add(MediaKind::video, from(video, 0.2));
  bench.add(MediaKind::audio, audio);
  bench.runUntil(4);
  bench.finish();
  CHECK(feed->keyFrameRequests >= 2);
  REQUIRE(bench.recorded.size() == 1);
  const MediaFile file = readMediaFile(bench.recorded[0]);
  CHECK(file.streams.at("video").frames.front().keyFrame);
  CHECK(sameFrames(file.streams.at("video").frames, notesOf(from(video, 1.49))));
  CHECK(std::abs(file.duration - 2.5) < 0.1);
  CHECK(offsetOf(file) < 0.1);
}

TEST_CASE("the picture waits for a sound that begins a little later") {
  Bench bench;
  const Clip video = vp8Clip(5, 30);
  bench.add(MediaKind::video, video);
  bench.add(MediaKind::audio, opusClip(4), 1.2);
  bench.runUntil(5);
  bench.finish();
  REQUIRE(bench.recorded.size() == 1);
  const MediaFile file = readMediaFile(bench.recorded[0]);
  CHECK(file.streams.at("video").frames.front().keyFrame);
  CHECK(offsetOf(file) < 0.2);
  CHECK(file.duration > 2.8);
}

TEST_CASE(
    "a silent video holds up neither the sound nor the memory, and goes on in the same file") {
  Bench bench;
  const Clip video = vp8Clip(36, 30);
  Clip paused;
  for (const Frame& frame : video) {
    if (frame.time < 2 * GST_SECOND || frame.time >= 33 * GST_SECOND) paused.push_back(frame);
  }
  const Clip audio = opusClip(36);
  bench.add(MediaKind::video, paused);
  bench.add(MediaKind::audio, audio);
  bench.runUntil(32);
  // What a killed process would leave behind:
  const MediaFile running = readMediaFile(bench.directory.file("room/peer.webm"));
  CHECK(running.streams.at("audio").end() > 30);
  bench.runUntil(36);
  bench.finish();
  REQUIRE(bench.recorded.size() == 1);
  const MediaFile file = readMediaFile(bench.recorded[0]);
  CHECK(sameFrames(file.streams.at("audio").frames, notesOf(audio)));
  const auto& frames = file.streams.at("video").frames;
  REQUIRE(sameFrames(frames, notesOf(paused)));
  for (std::size_t i = 0; i < frames.size(); ++i) {
    CHECK(std::abs(static_cast<double>(frames[i].time) - static_cast<double>(paused[i].time)) <
          2e6);
  }
  CHECK(std::abs(file.duration - 36) < 0.1);
}

TEST_CASE("a silent sound does not hold up the picture") {
  Bench bench;
  bench.add(MediaKind::video, vp8Clip(12, 30));
  bench.add(MediaKind::audio, opusClip(1));
  bench.runUntil(12);
  const MediaFile running = readMediaFile(bench.directory.file("room/peer.webm"));
  CHECK(running.streams.at("video").end() > 11);
  bench.finish();
  CHECK(bench.recorded.size() == 1);
}

TEST_CASE("one kind alone is recorded from its first frame on after a while of waiting") {
  Bench bench;
  const bool audio = GENERATE(true, false);
  const Clip clip = audio ? opusClip(4) : vp8Clip(4);
  bench.add(audio ? MediaKind::audio : MediaKind::video, clip);
  bench.runUntil(1.5);
  CHECK_FALSE(std::filesystem::exists(bench.directory.file("room/peer.webm")));
  bench.runUntil(4);
  CHECK(std::filesystem::exists(bench.directory.file("room/peer.webm")));
  bench.finish();
  REQUIRE(bench.recorded.size() == 1);
  const MediaFile file = readMediaFile(bench.recorded[0]);
  REQUIRE(file.streams.size() == 1);
  CHECK(sameFrames(file.streams.begin()->second.frames, notesOf(clip)));
}

TEST_CASE(
    "a second kind that comes late goes on in a next file, and nothing is lost of the first") {
  Bench bench;
  const Clip audio = opusClip(8);
  const Clip video = vp8Clip(4);
  bench.add(MediaKind::audio, audio);
  bench.runUntil(4);
  bench.add(MediaKind::video, video, 4);
  bench.runUntil(8);
  bench.finish();
  REQUIRE(bench.recorded.size() == 2);
  CHECK(bench.recorded[1] == bench.directory.file("room/peer-2.webm"));
  const MediaFile first = readMediaFile(bench.recorded[0]);
  const MediaFile second = readMediaFile(bench.recorded[1]);
  CHECK(first.streams.size() == 1);
  CHECK(std::abs(first.duration - 4) < 0.1);
  CHECK(sameFrames(second.streams.at("video").frames, notesOf(video)));
  CHECK(offsetOf(second) < 0.1);
  std::vector<FrameNote> both = first.streams.at("audio").frames;
  for (const auto& note : second.streams.at("audio").frames) both.push_back(note);
  CHECK(sameFrames(both, notesOf(audio)));
}

TEST_CASE("a sound that comes late begins a next file at a key frame") {
  Bench bench;
  const Clip video = vp8Clip(8, 30);
  const auto feed = bench.add(MediaKind::video, video);
  bench.add(MediaKind::audio, opusClip(4), 4.4);
  bench.runUntil(8);
  bench.finish();
  REQUIRE(bench.recorded.size() == 2);
  const MediaFile first = readMediaFile(bench.recorded[0]);
  const MediaFile second = readMediaFile(bench.recorded[1]);
  CHECK(second.streams.at("video").frames.front().keyFrame);
  CHECK(offsetOf(second) < 0.2);
  std::vector<FrameNote> both = first.streams.at("video").frames;
  for (const auto& note : second.streams.at("video").frames) both.push_back(note);
  CHECK(sameFrames(both, notesOf(video)));
}

TEST_CASE("a change of codec begins a next file") {
  Bench bench;
  Clip video = vp8Clip(3);
  for (Frame frame : encode("videotestsrc num-buffers=90 ! video/x-raw,width=160,height=120,"
                            "framerate=30/1 ! vp9enc deadline=1 cpu-used=8")) {
    frame.time += 3 * GST_SECOND;
    video.push_back(frame);
  }
  bench.add(MediaKind::video, video);
  bench.add(MediaKind::audio, opusClip(6));
  bench.runUntil(6);
  bench.finish();
  REQUIRE(bench.recorded.size() == 2);
  CHECK(readMediaFile(bench.recorded[0]).streams.at("video").frames.size() == 90);
  const MediaFile second = readMediaFile(bench.recorded[1]);
  CHECK(second.streams.at("video").caps.find("video/x-vp9") == 0);
  CHECK(second.streams.at("video").frames.size() == 90);
  CHECK(offsetOf(second) < 0.1);
}

TEST_CASE("H264 goes into Matroska, and new parameter sets begin a next file") {
  Bench bench;
  Clip video = h264Clip(3, 176);
  for (Frame frame : h264Clip(3, 208)) {
    frame.time += 3 * GST_SECOND;
    video.push_back(frame);
  }
  bench.add(MediaKind::video, video);
  bench.add(MediaKind::audio, opusClip(6));
  bench.runUntil(6);
  bench.finish();
  CHECK(bench.failures == std::vector<std::string>());
  REQUIRE(bench.recorded.size() == 2);
  CHECK(bench.recorded[0] == bench.directory.file("room/peer.mkv"));
  const MediaFile first = readMediaFile(bench.recorded[0]);
  const MediaFile second = readMediaFile(bench.recorded[1]);
  CHECK(first.streams.at("video").frames.size() == 90);
  CHECK(second.streams.at("video").frames.size() == 90);
  CHECK(second.streams.at("video").caps.find("width=(int)208") != std::string::npos);
  CHECK(offsetOf(first) < 0.1);
  CHECK(offsetOf(second) < 0.2);
}

TEST_CASE("a change of size within VP8 stays in the file") {
  Bench bench;
  Clip video = vp8Clip(2);
  for (Frame frame : vp8Clip(2, 3000, 320)) {
    frame.time += 2 * GST_SECOND;
    video.push_back(frame);
  }
  bench.add(MediaKind::video, video);
  bench.add(MediaKind::audio, opusClip(4));
  bench.runUntil(4);
  bench.finish();
  REQUIRE(bench.recorded.size() == 1);
  CHECK(readMediaFile(bench.recorded[0]).streams.at("video").frames.size() == 120);
}

TEST_CASE("a track that follows one of its kind goes on in the same file") {
  Bench bench;
  bench.add(MediaKind::audio, opusClip(8));
  const auto first = bench.add(MediaKind::video, vp8Clip(3));
  bench.runUntil(3);
  bench.finish(*first);
  bench.runUntil(5);
  bench.add(MediaKind::video, vp8Clip(3), 5);
  bench.runUntil(8);
  bench.finish();
  REQUIRE(bench.recorded.size() == 1);
  const MediaFile file = readMediaFile(bench.recorded[0]);
  CHECK(file.streams.at("video").frames.size() == 180);
  CHECK(std::abs(file.duration - 8) < 0.1);
}

TEST_CASE("a peer that leaves at once still leaves a recording, one without frames none") {
  Bench bench;
  const bool frames = GENERATE(true, false);
  if (frames) {
    bench.add(MediaKind::video, vp8Clip(0.5));
    bench.add(MediaKind::audio, opusClip(0.5));
    bench.runUntil(0.5);
  } else {
    bench.add(MediaKind::video, Clip());
    bench.runUntil(3);
  }
  bench.finish();
  CHECK_FALSE(bench.alive);
  CHECK(bench.recorded.size() == (frames ? 1 : 0));
  CHECK(bench.failures == std::vector<std::string>());
  CHECK_FALSE(bench.recorder.attach(nullptr));
}

TEST_CASE("a video that never gives a key frame does not keep the sound from being recorded") {
  Bench bench;
  const auto feed = bench.add(MediaKind::video, from(vp8Clip(9), 0.1));
  const Clip audio = opusClip(9);
  bench.add(MediaKind::audio, audio);
  bench.runUntil(9);
  bench.finish();
  CHECK(feed->keyFrameRequests >= 5);
  REQUIRE(bench.recorded.size() == 1);
  const MediaFile file = readMediaFile(bench.recorded[0]);
  CHECK(sameFrames(file.streams.at("audio").frames, notesOf(audio)));
}

TEST_CASE("corrupt frames and times neither break the file nor the recorder") {
  std::mt19937 random(7);
  Clip video = GENERATE(0, 1) == 0 ? vp8Clip(6, 20) : h264Clip(6, 176);
  for (Frame& frame : video) {
    if (random() % 3 == 0) {
      const std::size_t size = random() % 300;
      GstBuffer* noise = gst_buffer_new_allocate(nullptr, size, nullptr);
      for (std::size_t i = 0; i < size; ++i) {
        const auto byte = static_cast<guint8>(random());
        gst_buffer_fill(noise, i, &byte, 1);
      }
      if (random() % 2) GST_BUFFER_FLAG_SET(noise, GST_BUFFER_FLAG_DELTA_UNIT);
      frame.buffer = Ref<GstBuffer>::adopt(noise);
    }
    if (random() % 10 == 0) frame.time -= std::min<GstClockTime>(frame.time, GST_SECOND);
  }
  Bench bench;
  bench.add(MediaKind::video, video);
  bench.add(MediaKind::audio, opusClip(6));
  bench.runUntil(6);
  bench.finish();
  CHECK(bench.failures == std::vector<std::string>());
  REQUIRE(bench.recorded.size() >= 1);
  std::size_t sounds = 0;
  for (const auto& path : bench.recorded) {
    const MediaFile file = readMediaFile(path);
    CHECK(file.error == "");
    if (file.streams.count("audio")) sounds += file.streams.at("audio").frames.size();
  }
  CHECK(sounds > 200);
}

TEST_CASE("raw frames are not recorded") {
  Bench bench;
  Frame raw;
  raw.buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, 10, nullptr));
  raw.caps = capsFrom("video/x-raw");
  raw.time = 0;
  bench.add(MediaKind::video, Clip{raw});
  bench.runUntil(3);
  bench.finish();
  CHECK(bench.recorded.empty());
}
