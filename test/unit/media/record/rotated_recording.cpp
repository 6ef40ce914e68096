// Recordings of pictures that do not stand upright.
#include <bit>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include "cosoup/media/source/source.hpp"
#include "support/eventually.hpp"
#include "unit/media/rotated.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

Task<> playVideo(std::string path, std::shared_ptr<StandLog> log) {
  const auto source = makeFileSource(path);
  bool ended = false;
  const Connection onEnded = source->ended.connect([&] { ended = true; });
  co_await source->open(nullptr);
  trackOf(source->tracks(), MediaKind::video)->addReceiver(log);
  co_await source->play();
  co_await eventually("the end of the file", [&] { return ended; });
  co_await source->close();
}

std::string bytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

/// The ProjectionPoseRoll of a Matroska file, which stands behind its id and a length of 4.
std::optional<float> poseRollOf(const std::string& path) {
  const std::string bytes = bytesOf(path);
  const std::size_t at = bytes.find("\x76\x75\x84");
  if (at == std::string::npos) return std::nullopt;
  guint32 bits = 0;
  std::memcpy(&bits, bytes.data() + at + 3, sizeof bits);
  return std::bit_cast<float>(GUINT32_FROM_BE(bits));
}

}  // namespace

TEST_CASE("a WebM or Matroska of a rotated picture says so, counter-clockwise") {
  struct Row {
    int rotation;
    std::optional<float> roll;
  };
  const Row row =
      GENERATE(Row{0, std::nullopt}, Row{90, -90.0f}, Row{180, -180.0f}, Row{270, 90.0f});
  const bool webm = GENERATE(true, false);
  Bench bench;
  Clip clip = webm ? corners(row.rotation, 30) : h264Clip(1, 160, 120);
  for (Frame& frame : clip) frame.rotation = row.rotation;
  bench.add(MediaKind::video, clip);
  bench.add(MediaKind::audio, opusClip(1));
  bench.runUntil(1.5);
  bench.finish();
  REQUIRE(bench.recorded.size() == 1);
  CHECK(bench.recorded[0].ends_with(webm ? ".webm" : ".mkv"));
  CHECK(poseRollOf(bench.recorded[0]) == row.roll);
  const MediaFile file = readMediaFile(bench.recorded[0]);
  CHECK(file.error == "");
  CHECK(file.streams.at("video").frames.size() == 30);
}

TEST_CASE("an MP4 of a rotated picture plays upright") {
  const Turn turn = turns[GENERATE(range(0, 3))];
  Bench bench([](RecordOptions& options) { options.container = RecordOptions::Container::mp4; });
  const TemporaryDirectory directory;
  Clip clip = encode(cornersLine(directory.file("raw"), 160, 120, 30) +
                     "openh264enc gop-size=15 ! h264parse config-interval=-1 ! "
                     "video/x-h264,stream-format=byte-stream,alignment=au");
  for (Frame& frame : clip) frame.rotation = turn.rotation;
  bench.add(MediaKind::video, clip);
  bench.add(MediaKind::audio, opusClip(1));
  bench.runUntil(1.5);
  bench.finish();
  REQUIRE(bench.recorded.size() == 1);
  CHECK(bench.recorded[0].ends_with(".mp4"));
  const auto log = std::make_shared<StandLog>();
  runTest(playVideo(bench.recorded[0], log));
  CHECK(log->corners() == turn.corners);
}

TEST_CASE("a recording goes on in a next file when the picture turns") {
  Bench bench;
  Clip clip = vp8Clip(4, 15);
  for (Frame& frame : clip) frame.rotation = frame.time < 2 * GST_SECOND ? 0 : 90;
  const auto video = bench.add(MediaKind::video, clip);
  bench.add(MediaKind::audio, opusClip(4));
  bench.runUntil(4.5);
  bench.finish();
  REQUIRE(bench.recorded.size() == 2);
  CHECK(poseRollOf(bench.recorded[0]) == std::nullopt);
  CHECK(poseRollOf(bench.recorded[1]) == -90.0f);
  std::size_t frames = 0;
  for (const std::string& path : bench.recorded) {
    frames += readMediaFile(path).streams.at("video").frames.size();
  }
  CHECK(frames == clip.size());
}
