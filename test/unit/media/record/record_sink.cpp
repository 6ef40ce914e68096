// Where recordings go, and what happens when they cannot.
#include <fstream>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/media/record/recording_name.hpp"
#include "cosoup/media/sink/sink.hpp"
#include "support/eventually.hpp"
#include "unit/media/clips.hpp"

using namespace cosoup;
using namespace cosoup::test;

TEST_CASE("names of peers become safe names of files") {
  struct Row {
    const char* text;
    const char* name;
  };
  const Row row = GENERATE(
      Row{"Ada", "Ada"}, Row{"", "unnamed"}, Row{"...", "unnamed"},
      Row{"../../etc/passwd", "_.._etc_passwd"}, Row{"a/b\\c:d", "a_b_c_d"}, Row{"--rf", "rf"},
      Row{" . -x", "x"}, Row{"con", "_con"}, Row{"COM1.txt", "_COM1.txt"},
      Row{"console", "console"}, Row{"a\nb\tc\x7f", "a_b_c_"},
      Row{"Zo\xc3\xab \xe2\x98\x83", "Zo\xc3\xab \xe2\x98\x83"}, Row{"\xff\xfe", "__"},
      Row{"a\xe2\x80\xaegpj.exe", "a_gpj.exe"}, Row{"trailing. ", "trailing"}, Row{"~", "~"});
  INFO(row.text);
  CHECK(safeName(row.text, 100) == row.name);
}

TEST_CASE("long names are cut between characters") {
  const std::string snow = "\xe2\x98\x83";
  std::string text;
  for (int i = 0; i < 100; ++i) text += snow;
  CHECK(safeName(text, 10) == snow + snow + snow);
  const TrackOrigin origin("c", text, text, text);
  const std::string stem = recordingStem(origin);
  CHECK(stem.size() - stem.find('/') < 200);
}

TEST_CASE("an existing recording is never overwritten") {
  const TemporaryDirectory directory;
  const std::string root = directory.path().string();
  const std::string stem = recordingStem(TrackOrigin("c", "p", "Ada", "demo"));
  CHECK(stem == "demo/Ada(p)");
  RecordingNames names(root, stem);
  CHECK(names.claim(".webm") == root + "/demo/Ada(p).webm");
  CHECK(names.claim(".webm") == root + "/demo/Ada(p)-2.webm");
  CHECK(RecordingNames(root, stem).claim(".webm") == root + "/demo/Ada(p)-3.webm");
  CHECK(names.claim(".webm") == root + "/demo/Ada(p)-4.webm");
  CHECK(names.claim(".mkv") == root + "/demo/Ada(p).mkv");
}

namespace {

/// Delivers a clip to a track in real time.
Task<> deliver(std::shared_ptr<Track> track, Clip clip) {
  const GstClockTime start = gst_util_get_timestamp();
  for (Frame& frame : clip) {
    frame.time += start;
    while (gst_util_get_timestamp() < frame.time) co_await sleepFor(5ms);
    track->deliver(frame);
  }
}

struct Log {
  std::vector<Recording> recorded;
  std::vector<std::string> failures;
  Connection onRecorded;
  Connection onFailed;

  explicit Log(Sink& sink) {
    onRecorded = sink.recorded.connect([this](const Recording& file) { recorded.push_back(file); });
    onFailed =
        sink.failed.connect([this](const Error& error) { failures.push_back(error.what()); });
  }
};

Task<> recordTwoPeers(std::string directory) {
  const auto sink = makeRecordSink(directory);
  Log log(*sink);
  const auto video = std::make_shared<Track>(MediaKind::video);
  const auto audio = std::make_shared<Track>(MediaKind::audio);
  const auto other = std::make_shared<Track>(MediaKind::audio);
  sink->addTrack(TrackOrigin("c1", "ada", "Ada", "demo"), video);
  sink->addTrack(TrackOrigin("c2", "ada", "Ada", "demo"), audio);
  sink->addTrack(TrackOrigin("c3", "bob", "Bob", "demo"), other);
  sink->addTrack(TrackOrigin("c3", "bob", "Bob", "demo"), other);  // ignored
  const Clip picture = vp8Clip(1.5);
  const Clip sound = opusClip(1.5);
  Scope scope;
  scope.spawn(deliver(video, picture));
  scope.spawn(deliver(audio, sound));
  scope.spawn(deliver(other, sound));
  co_await scope.join();
  sink->removeTrack("c2");
  sink->removeTrack("unknown");
  emitSignal(video->ended);
  co_await eventually("the first recording", [&] { return log.recorded.size() == 1; });
  CHECK(log.recorded[0].peerId == "ada");
  CHECK(log.recorded[0].path == directory + "/demo/Ada(ada).webm");
  const MediaFile file = readMediaFile(log.recorded[0].path);
  CHECK(file.streams.at("video").frames.size() == 45);
  CHECK(std::abs(file.duration - 1.5) < 0.1);
  CHECK(std::abs(file.streams.at("video").start() - file.streams.at("audio").start()) < 0.1);
  co_await sink->close();
  REQUIRE(log.recorded.size() == 2);
  CHECK(log.recorded[1].peerId == "bob");
  CHECK(readMediaFile(log.recorded[1].path).streams.size() == 1);
  CHECK(sink->recordings().size() == 2);
  co_await sink->close();
  sink->addTrack(TrackOrigin("c4", "eve", "Eve", "demo"), audio);
  co_await sink->close();
  CHECK(log.failures.empty());
}

Task<> recordTwoCameras(std::string directory) {
  const auto sink = makeRecordSink(directory);
  Log log(*sink);
  const auto camera = std::make_shared<Track>(MediaKind::video);
  const auto screen = std::make_shared<Track>(MediaKind::video);
  sink->addTrack(TrackOrigin("c1", "ada", "Ada", "demo"), camera);
  sink->addTrack(TrackOrigin("c2", "ada", "Ada", "demo"), screen);
  Scope scope;
  scope.spawn(deliver(camera, vp8Clip(0.5)));
  scope.spawn(deliver(screen, vp8Clip(0.5)));
  co_await scope.join();
  co_await sink->close();
  CHECK(log.recorded.size() == 2);
}

Task<> expectFailure(std::string directory, std::string part) {
  const auto sink = makeRecordSink(directory);
  Log log(*sink);
  const auto video = std::make_shared<Track>(MediaKind::video);
  sink->addTrack(TrackOrigin("c1", "ada", "Ada", "demo"), video);
  co_await deliver(video, vp8Clip(0.4));
  co_await sink->close();
  REQUIRE(log.failures.size() == 1);
  INFO(log.failures[0]);
  CHECK(log.failures[0].find("record") == 0);
  CHECK(log.failures[0].find(part) != std::string::npos);
  CHECK(log.recorded.empty());
}

Task<> dropUnclosed(std::string directory) {
  auto sink = makeRecordSink(directory);
  const auto video = std::make_shared<Track>(MediaKind::video);
  sink->addTrack(TrackOrigin("c1", "ada", "Ada", "demo"), video);
  co_await deliver(video, vp8Clip(0.4));
  sink.reset();
  video->deliver(vp8Clip(0.1).front());
}

}  // namespace

TEST_CASE("each peer's recording is final when its last track goes, all when the sink closes") {
  const TemporaryDirectory directory;
  runTest(recordTwoPeers(directory.path().string()));
}

TEST_CASE("a second camera of a peer gets a file of its own") {
  const TemporaryDirectory directory;
  runTest(recordTwoCameras(directory.path().string()));
}

TEST_CASE("a sink that was not closed finishes its files in the background") {
  const TemporaryDirectory directory;
  runTest(dropUnclosed(directory.path().string()));
  const MediaFile file = readMediaFile(directory.file("demo/Ada(ada).webm"));
  CHECK(file.error == "");
  CHECK(file.duration > 0.3);
}

TEST_CASE("a directory that cannot be written is told once") {
  const TemporaryDirectory directory;
  const std::string file = directory.file("file");
  std::ofstream(file) << "not a folder";
  runTest(expectFailure(file, "Not a directory"));
  runTest(expectFailure("/proc/nowhere", "/proc/nowhere"));
}

TEST_CASE("a discard sink takes everything and keeps nothing") {
  const auto sink = makeDiscardSink();
  const auto track = std::make_shared<Track>(MediaKind::video);
  sink->addTrack(TrackOrigin("c", "p", "", ""), track);
  sink->removeTrack("c");
  runTest(sink->close());
  CHECK(sink->recordings().empty());
}
