// What a recording does when it cannot be written, and when it can again.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <future>

#include "cosoup/media/record/recording_name.hpp"
#include "cosoup/media/record/recording_thread.hpp"
#include "support/eventually.hpp"
#include "unit/media/clips.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// A file system of its own, of this size; empty where that is not allowed.
class SmallDisk {
 public:
  explicit SmallDisk(const char* size) {
    mounted_ = mount("cosoup", path().c_str(), "tmpfs", 0, option(size).c_str()) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) umount2(path().c_str(), MNT_DETACH);
  }

  bool isMounted() const { return mounted_; }
  const std::filesystem::path& path() const { return directory_.path(); }
  void resize(const char* size) {
    REQUIRE(mount("cosoup", path().c_str(), "tmpfs", MS_REMOUNT, option(size).c_str()) == 0);
  }

 private:
  static std::string option(const char* size) { return std::string("size=") + size; }

  TemporaryDirectory directory_;
  bool mounted_ = false;
};

/// All files are whole; the sum of their lengths, s.
double lengthOf(const std::vector<std::string>& paths) {
  double length = 0;
  for (const std::string& path : paths) {
    INFO(path);
    const MediaFile file = readMediaFile(path);
    CHECK(file.error == "");
    CHECK(file.streams.at("video").frames.front().keyFrame);
    CHECK(file.duration > 0);
    length += file.duration;
  }
  return length;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a recording goes on by itself when a full disk has room again (as root: mounts one)") {
  SmallDisk disk("200k");
  if (!disk.isMounted()) {
    WARN("skipped: a file system can be mounted only by root");
    return;
  }
  Bench bench(disk.path());
  bench.add(MediaKind::video, vp8Clip(40, 30));
  bench.add(MediaKind::audio, opusClip(40));
  bench.runUntil(20);
  REQUIRE(bench.failures.size() == 1);
  CHECK(contains(bench.failures[0], "record '"));
  CHECK(bench.missed.empty());
  const std::size_t files = std::distance(std::filesystem::directory_iterator(disk.path() / "room"),
                                          std::filesystem::directory_iterator());
  CHECK(files == 1);
  disk.resize("20m");
  bench.runUntil(40);
  REQUIRE(bench.missed.size() == 1);
  bench.finish();
  CHECK_FALSE(bench.alive);
  CHECK(bench.failures.size() == 1);
  REQUIRE(bench.recorded.size() == 2);
  const double length = lengthOf(bench.recorded);
  CHECK(bench.missed[0] > 1);
  CHECK(std::abs(length + bench.missed[0] - 40) < 1);
}

TEST_CASE("a file that must not grow any further ends, and others follow") {
  Bench bench;
  bench.add(MediaKind::video, vp8Clip(20, 30));
  bench.add(MediaKind::audio, opusClip(20));
  bench.runUntil(4);
  CHECK(bench.failures.empty());
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit limited = before;
  limited.rlim_cur = 200000;
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limited);
  bench.runUntil(20);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, ignored);
  bench.finish();
  CHECK_FALSE(bench.alive);
  REQUIRE_FALSE(bench.failures.empty());
  CHECK(contains(bench.failures[0], "record '"));
  CHECK(bench.missed.size() == bench.failures.size());
  CHECK(bench.recorded.size() > bench.failures.size());
  lengthOf(bench.recorded);
}

TEST_CASE("a directory that vanishes meanwhile is told soon, and made once more") {
  Bench bench;
  bench.add(MediaKind::video, vp8Clip(12, 30));
  bench.runUntil(3);
  std::filesystem::remove_all(bench.directory.path());
  bench.runUntil(12);
  REQUIRE(bench.failures.size() == 1);
  CHECK(contains(bench.failures[0], "vanished"));
  REQUIRE(bench.missed.size() == 1);
  CHECK(bench.missed[0] < 5);
  bench.finish();
  REQUIRE(bench.recorded.size() == 1);
  CHECK(lengthOf(bench.recorded) > 5);
}

TEST_CASE("a directory that vanishes at the very end is told, and what is missing, too") {
  Bench bench;
  bench.add(MediaKind::video, vp8Clip(3));
  bench.runUntil(2.5);
  std::filesystem::remove_all(bench.directory.path());
  bench.finish();
  REQUIRE(bench.failures.size() == 1);
  CHECK(contains(bench.failures[0], "vanished"));
  bench.step();
  CHECK_FALSE(bench.alive);
  CHECK(bench.missed.size() == 1);
}

TEST_CASE("a directory that cannot be made is told once, and tried again") {
  const TemporaryDirectory directory;
  const std::string blocked = directory.file("blocked");
  std::ofstream(blocked) << "not a folder";
  Bench bench{std::filesystem::path(blocked)};
  bench.add(MediaKind::video, vp8Clip(20, 30));
  bench.runUntil(8);
  REQUIRE(bench.failures.size() == 1);
  CHECK(contains(bench.failures[0], "Not a directory"));
  std::filesystem::remove(blocked);
  bench.runUntil(20);
  bench.finish();
  CHECK(bench.failures.size() == 1);
  CHECK(bench.missed.size() == 1);
  REQUIRE(bench.recorded.size() == 1);
  CHECK(lengthOf(bench.recorded) > 5);
}

TEST_CASE("a disk that does not keep up costs what it could not take, and no more") {
  Bench bench;
  const Clip video = vp8Clip(12, 30);
  const auto feed = bench.add(MediaKind::video, video);
  bench.runUntil(4);
  // 70 MB at once, between two steps.
  Frame large = video.front();
  large.time = feed->clip[feed->next - 1].time + 1000 * GST_SECOND;
  large.buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, 1000000, nullptr));
  GST_BUFFER_FLAG_SET(large.buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
  for (int i = 0; i < 70; ++i) {
    large.time += GST_MSECOND;
    feed->queue->onFrame(large);
  }
  bench.runUntil(12);
  REQUIRE(bench.failures.size() == 1);
  CHECK(contains(bench.failures[0], "does not keep up"));
  REQUIRE(bench.missed.size() == 1);
  bench.finish();
  CHECK(bench.failures.size() == 1);
  REQUIRE(bench.recorded.size() == 2);
  CHECK(lengthOf(bench.recorded) > 8);
  CHECK(readMediaFile(bench.recorded[0]).streams.at("video").frames.size() > 110);
}

namespace {

/// A file that takes a few bytes and then nothing more, as that of a dead disk.
class Clogged {
 public:
  Clogged() {
    // Who still writes in the end is to get an error, as in every program with a socket of GIO.
    std::signal(SIGPIPE, SIG_IGN);
    REQUIRE(mkfifo(path().c_str(), 0600) == 0);
    reader_ = open(path().c_str(), O_RDONLY | O_NONBLOCK);
    REQUIRE(reader_ >= 0);
    fcntl(reader_, F_SETPIPE_SZ, 4096);
  }
  Clogged(const Clogged&) = delete;
  Clogged& operator=(const Clogged&) = delete;
  ~Clogged() { close(reader_); }

  std::string path() const { return directory_.file("clogged"); }

 private:
  TemporaryDirectory directory_;
  int reader_ = -1;
};

}  // namespace

TEST_CASE("a file that nothing goes into any more is told while frames come, and the next begins") {
  const TemporaryDirectory directory;
  Clogged clogged;
  int claims = 0;
  Bench bench(RecordOptions::Container::mp4, [&](const std::string& extension) {
    return ++claims == 1 ? clogged.path() : directory.file("next" + extension);
  });
  bench.add(MediaKind::video, h264Clip(30, 176, 30));
  const auto start = std::chrono::steady_clock::now();
  double time = 0;
  while (bench.failures.empty() && std::chrono::steady_clock::now() < start + 30s) {
    bench.runUntil(time += 0.25);
    g_usleep(100000);  // the muxer has a thread of its own
  }
  REQUIRE(bench.failures.size() == 1);
  INFO(bench.failures[0]);
  CHECK(contains(bench.failures[0], "nothing goes into the file"));
  // It ends at once, when the muxer may not have written anything of it.
  while (claims == 1 && time < 30) bench.runUntil(time += 0.25);
  bench.finish();
  CHECK(bench.missed.size() == 1);
  REQUIRE(bench.recorded == std::vector<std::string>{directory.file("next.mp4")});
  CHECK(readMediaFile(bench.recorded.back()).error == "");
}

namespace {

/// A disk that does not answer, until it does.
Task<> seesTheHungDisk() {
  const TemporaryDirectory directory;
  std::promise<void> answer;
  std::shared_future<void> answered = answer.get_future().share();
  const auto claim = [&](const std::string& extension) {
    answered.wait();
    return directory.file("late" + extension);
  };
  Recorder::Events events;
  events.recorded = [](const std::string&) {};
  const auto recorder =
      std::make_shared<Recorder>(RecordOptions(directory.path().string()), "late", events, claim);
  const auto track = std::make_shared<Track>(MediaKind::video);
  const auto queue = std::make_shared<TrackQueue>(track);
  recorder->attach(queue);
  RecordingThread thread;
  thread.add(recorder);
  const GstClockTime start = gst_util_get_timestamp();
  for (Frame frame : vp8Clip(0.5)) {
    frame.time += start;
    queue->onFrame(frame);
  }
  co_await test::eventually("it is held", [&] { return thread.heldFor() > 500ms; });
  answer.set_value();
  co_await test::eventually("it goes on", [&] { return thread.heldFor() == 0ns; });
  queue->finish();
  const bool ended = co_await thread.close(10s);
  CHECK(ended);
}

}  // namespace

TEST_CASE("a disk that does not answer is seen while it holds up the thread that writes") {
  runTest(seesTheHungDisk());
}

TEST_CASE("a recording may have any number of parts, and finds the next one at once") {
  const TemporaryDirectory directory;
  const std::string root = directory.path().string();
  constexpr int kParts = 10000;
  std::filesystem::create_directories(root + "/many");
  for (int i = 1; i <= kParts; ++i) {
    std::ofstream(root + "/many/ada" + (i > 1 ? "-" + std::to_string(i) : "") + ".webm");
  }
  const auto claimAll = [&](const std::string& stem) {
    const auto start = std::chrono::steady_clock::now();
    RecordingNames names(root, stem);
    std::string last;
    for (int i = 0; i < 500; ++i) last = names.claim(".webm");
    CHECK(last.ends_with(stem == "few/ada" ? "-500.webm" : "-10500.webm"));
    return std::chrono::steady_clock::now() - start;
  };
  const auto few = claimAll("few/ada");
  const auto many = claimAll("many/ada");
  CHECK(many < 50 * few);
  // Others than those of this recording do not count.
  for (const char* other :
       {"ada-7x.webm", "ada--9.webm", "ada-99.mkv", "adab-88.webm", "ada-.webm"}) {
    std::ofstream(root + "/few/" + other);
  }
  CHECK(RecordingNames(root, "few/ada").claim(".webm") == root + "/few/ada-501.webm");
}
