// Encoded frames to feed recorders with, and a bench that feeds them in made-up time.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cosoup/media/record/recorder.hpp"
#include "unit/media/media_support.hpp"

namespace cosoup::test {

/// The frames that a launch line gives, times from 0.
using Clip = std::vector<Frame>;
Clip encode(const std::string& description);
Clip vp8Clip(double seconds, int keyFrameInterval = 3000, int width = 160);
Clip opusClip(double seconds);
Clip h264Clip(double seconds, int width, int keyFrameInterval = 90);
/// Those frames of the clip from `start` on, s; their times stay.
Clip from(const Clip& clip, double start);
std::vector<FrameNote> notesOf(const Clip& clip);
/// The same bytes and key frames, whatever the times.
bool sameFrames(const std::vector<FrameNote>& a, const std::vector<FrameNote>& b);
/// Between the starts of sound and picture, s.
double offsetOf(const MediaFile& file);

/// A track that is fed by hand.
struct Feed {
  Feed(MediaKind kind, Clip frames);

  std::shared_ptr<Track> track;
  std::shared_ptr<TrackQueue> queue;
  Clip clip;
  std::size_t next = 0;
  double offset = 0;  ///< s, added to the clip's times
  int keyFrameRequests = 0;
};

/// A recorder whose clock is turned by hand.
class Bench {
 public:
  Bench() : Bench([](RecordOptions&) {}) {}
  /// With options that differ from the default.
  explicit Bench(const std::function<void(RecordOptions&)>& choose);
  /// Into this folder.
  explicit Bench(const std::filesystem::path& folder);
  /// Into the files that this gives.
  Bench(RecordOptions::Container container, Recorder::Claim claim);

  std::shared_ptr<Feed> add(MediaKind kind, Clip clip, double offset = 0, std::string key = "");
  /// Turns the clock on to this time, s; frames arrive when they are due.
  void runUntil(double time);
  /// All tracks end.
  void finish();
  void finish(Feed& feed);
  /// The recorder writes what has come.
  void step();

  TemporaryDirectory directory;
  std::vector<std::string> recorded;
  std::vector<std::string> failures;
  std::vector<double> missed;  ///< s
  bool alive = true;
  Recorder recorder;

 private:
  Recorder::Events events();

  const std::filesystem::path folder_;
  double time_ = 0;
  std::vector<std::shared_ptr<Feed>> feeds_;
};

}  // namespace cosoup::test
