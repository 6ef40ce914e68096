// What the tests of the media floor share: files made on the spot, and a log of frames.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "cosoup/async/loop.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/media/track.hpp"
#include "support/catch.hpp"
#include "support/run_test.hpp"

namespace cosoup::test {

using namespace std::chrono_literals;

/// A directory that is gone after the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    char* made = g_dir_make_tmp("cosoup-media-XXXXXX", nullptr);
    path_ = made;
    g_free(made);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code error;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, error);
    std::filesystem::remove_all(path_, error);
  }

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// What a test wants to know of a frame.
struct FrameNote {
  GstClockTime time = 0;
  bool keyFrame = false;
  std::string data;  ///< a checksum
};

FrameNote noteOf(GstBuffer* buffer, GstClockTime time);

/// Keeps notes of all frames of a track. Thread-safe.
class FrameLog : public FrameReceiver {
 public:
  void onFrame(const Frame& frame) override;
  void onEnd() override;

  std::vector<FrameNote> notes() const;
  std::size_t count() const;
  bool ended() const;
  Ref<GstCaps> caps() const;

 private:
  mutable std::mutex mutex_;
  std::vector<FrameNote> notes_;
  Ref<GstCaps> caps_;
  bool ended_ = false;
};

std::shared_ptr<FrameLog> logOf(const std::shared_ptr<Track>& track);
std::shared_ptr<Track> trackOf(const std::vector<std::shared_ptr<Track>>& tracks, MediaKind kind);

/// Runs a gst-launch line to its end; fails the test on an error.
void runLaunchLine(const std::string& description);

/// A WebM of VP8 and Opus of this length.
void makeWebM(const std::string& path, double videoSeconds, double audioSeconds);

/// What is in a Matroska, WebM or MP4 file.
struct MediaFile {
  struct Stream {
    std::string caps;
    std::vector<FrameNote> frames;
    double start() const;
    double end() const;
  };
  std::map<std::string, Stream> streams;  ///< by "audio" and "video"; further ones "audio 2" …
  double duration = 0;                    ///< s, as the header says
  std::string error;
};

MediaFile readMediaFile(const std::string& path);

std::string capsText(const Ref<GstCaps>& caps);
Ref<GstCaps> capsFrom(const std::string& text);

}  // namespace cosoup::test
