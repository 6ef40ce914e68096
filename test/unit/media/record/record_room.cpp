// Recordings of a whole room: all peers in one file.
#include "cosoup/async/loop.hpp"
#include "cosoup/async/scope.hpp"
#include "unit/media/clips.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

void wholeRoom(RecordOptions& options) { options.wholeRoom = true; }

}  // namespace

TEST_CASE("all streams of a room are in one file, every frame of them, in sync") {
  Bench bench(&wholeRoom);
  const Clip adaVideo = vp8Clip(4, 3000, 160);
  const Clip adaAudio = opusClip(4);
  const Clip bobVideo = vp8Clip(4, 3000, 176);
  const Clip bobAudio = opusClip(4);
  bench.add(MediaKind::video, adaVideo, 0, "ada");
  bench.add(MediaKind::audio, adaAudio, 0, "ada");
  bench.add(MediaKind::video, bobVideo, 0.02, "bob");
  bench.add(MediaKind::audio, bobAudio, 0.02, "bob");
  bench.runUntil(4.5);
  bench.finish();
  CHECK(bench.failures == std::vector<std::string>());
  REQUIRE(bench.recorded.size() == 1);
  const MediaFile file = readMediaFile(bench.recorded[0]);
  CHECK(file.error == "");
  REQUIRE(file.streams.size() == 4);
  CHECK(sameFrames(file.streams.at("video").frames, notesOf(adaVideo)));
  CHECK(sameFrames(file.streams.at("video 2").frames, notesOf(bobVideo)));
  CHECK(sameFrames(file.streams.at("audio").frames, notesOf(adaAudio)));
  CHECK(sameFrames(file.streams.at("audio 2").frames, notesOf(bobAudio)));
  CHECK(std::abs(file.streams.at("video 2").start() - file.streams.at("video").start() - 0.02) <
        0.002);
}

TEST_CASE("a peer that comes later is in the next file, and nothing is lost of the others") {
  Bench bench(&wholeRoom);
  const Clip adaVideo = vp8Clip(12, 15);
  const Clip adaAudio = opusClip(12);
  bench.add(MediaKind::video, adaVideo, 0, "ada");
  bench.add(MediaKind::audio, adaAudio, 0, "ada");
  bench.runUntil(4);
  const Clip bobVideo = vp8Clip(8, 20, 176);
  bench.add(MediaKind::video, bobVideo, 4, "bob");
  bench.add(MediaKind::audio, opusClip(8), 4, "bob");
  bench.runUntil(12);
  bench.finish();
  CHECK(bench.failures == std::vector<std::string>());
  REQUIRE(bench.recorded.size() == 2);
  const MediaFile first = readMediaFile(bench.recorded[0]);
  const MediaFile second = readMediaFile(bench.recorded[1]);
  CHECK(first.streams.size() == 2);
  REQUIRE(second.streams.size() == 4);
  std::vector<FrameNote> video = first.streams.at("video").frames;
  for (const auto& note : second.streams.at("video").frames) video.push_back(note);
  CHECK(sameFrames(video, notesOf(adaVideo)));
  std::vector<FrameNote> audio = first.streams.at("audio").frames;
  for (const auto& note : second.streams.at("audio").frames) audio.push_back(note);
  CHECK(sameFrames(audio, notesOf(adaAudio)));
  for (const char* name : {"video", "video 2"}) {
    CHECK(second.streams.at(name).frames.front().keyFrame);
  }
  // Bob's picture is missing at most until his second key frame.
  CHECK(second.streams.at("video 2").frames.size() >= bobVideo.size() - 20);
}

TEST_CASE("a peer that leaves and one that falls silent keep nobody from being recorded") {
  Bench bench(&wholeRoom);
  const Clip adaVideo = vp8Clip(10, 30);
  bench.add(MediaKind::video, adaVideo, 0, "ada");
  const auto bob = bench.add(MediaKind::video, vp8Clip(3, 30), 0, "bob");
  Clip eve = opusClip(2);  // silent from 2 s to 7 s
  for (Frame frame : opusClip(3)) {
    frame.time += 7 * GST_SECOND;
    eve.push_back(frame);
  }
  bench.add(MediaKind::audio, eve, 0, "eve");
  bench.runUntil(3);
  bench.finish(*bob);
  bench.runUntil(10);
  bench.finish();
  CHECK(bench.failures == std::vector<std::string>());
  REQUIRE(bench.recorded.size() == 1);
  const MediaFile file = readMediaFile(bench.recorded[0]);
  CHECK(sameFrames(file.streams.at("video").frames, notesOf(adaVideo)));
  CHECK(file.streams.at("video 2").frames.size() == 90);
  CHECK(sameFrames(file.streams.at("audio").frames, notesOf(eve)));
}

TEST_CASE("a camera that gives no key frame does not keep a room from being recorded") {
  Bench bench(&wholeRoom);
  const Clip adaVideo = vp8Clip(10, 30);
  bench.add(MediaKind::video, adaVideo, 0, "ada");
  const auto bob = bench.add(MediaKind::video, from(vp8Clip(10), 0.1), 0, "bob");
  bench.add(MediaKind::audio, opusClip(10), 0, "bob");
  bench.runUntil(10);
  bench.finish();
  CHECK(bob->keyFrameRequests >= 4);
  REQUIRE(bench.recorded.size() >= 1);
  std::size_t pictures = 0;
  for (const std::string& path : bench.recorded) {
    const MediaFile file = readMediaFile(path);
    CHECK(file.error == "");
    pictures += file.streams.at("video").frames.size();
    CHECK(file.streams.count("video 2") == 0);
    CHECK(file.streams.count("audio") == 1);
  }
  CHECK(pictures >= 240);
}

namespace {

Task<> deliver(std::shared_ptr<Track> track, Clip clip) {
  const GstClockTime start = gst_util_get_timestamp();
  for (Frame& frame : clip) {
    frame.time += start;
    while (gst_util_get_timestamp() < frame.time) co_await sleepFor(5ms);
    track->deliver(frame);
  }
}

Task<> recordsOneFile(std::string directory) {
  RecordOptions options(directory);
  options.wholeRoom = true;
  const auto sink = makeRecordSink(options);
  const auto camera = std::make_shared<Track>(MediaKind::video);
  const auto screen = std::make_shared<Track>(MediaKind::video);
  const auto other = std::make_shared<Track>(MediaKind::audio);
  sink->addTrack(TrackOrigin("c1", "ada", "Ada", "demo"), camera);
  sink->addTrack(TrackOrigin("c2", "ada", "Ada", "demo"), screen);
  sink->addTrack(TrackOrigin("c3", "bob", "Bob", "demo"), other);
  Scope scope;
  scope.spawn(deliver(camera, vp8Clip(1)));
  scope.spawn(deliver(screen, vp8Clip(1)));
  scope.spawn(deliver(other, opusClip(1)));
  co_await scope.join();
  co_await sink->close();
  REQUIRE(sink->recordings().size() == 1);
  CHECK(sink->recordings()[0].peerId == "");
  CHECK(sink->recordings()[0].path == directory + "/demo/room.webm");
  CHECK(readMediaFile(sink->recordings()[0].path).streams.size() == 3);
}

}  // namespace

TEST_CASE("a room's recording holds the second camera of a peer, too") {
  const TemporaryDirectory directory;
  runTest(recordsOneFile(directory.path().string()));
}
