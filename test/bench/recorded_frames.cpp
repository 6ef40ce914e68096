// usage: recorded-frames CLIP RECORDING
// Which frames of a clip a recording of it has, both WebM with VP8 and Opus, as one JSON object:
//   video, audio    of each recorded frame [ms, place, isKey]: its time in the recording, its place
//                   in the clip, counted from 0, or -1 when the clip has no frame of just these
//                   bytes, and whether it is a key frame
//   clip            {"video", "audio"}: how many frames the clip has
//   decodeErrors    warnings and errors of GStreamer's demuxer and decoders while they decode the
//                   recording, and frames for which no picture came
#include <gst/gst.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/file_pipeline.hpp"
#include "cosoup/core/json.hpp"

using namespace cosoup;
using namespace cosoup::bench;

namespace {

struct RecordedFrame {
  std::string bytes;
  std::int64_t milliseconds;
  bool isKey;
};
using Frames = std::vector<RecordedFrame>;

struct MediaFrames {
  Frames video;
  Frames audio;
};

RecordedFrame frameOf(GstSample* sample) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  RecordedFrame frame;
  frame.bytes.resize(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, frame.bytes.data(), frame.bytes.size());
  frame.milliseconds = static_cast<std::int64_t>(GST_TIME_AS_MSECONDS(GST_BUFFER_PTS(buffer)));
  frame.isKey = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  return frame;
}

MediaFrames readFrames(const std::string& path) {
  FilePipeline pipeline(
      "filesrc name=file ! matroskademux name=demux "
      "demux.video_0 ! queue ! appsink name=video sync=false "
      "demux.audio_0 ! queue ! appsink name=audio sync=false",
      path);
  MediaFrames frames;
  pipeline.readAll("video", [&](GstSample* sample) { frames.video.push_back(frameOf(sample)); });
  pipeline.readAll("audio", [&](GstSample* sample) { frames.audio.push_back(frameOf(sample)); });
  return frames;
}

/// Where the frames of a clip are in it.
class Places {
 public:
  explicit Places(const Frames& clip) {
    for (std::size_t at = 0; at < clip.size(); ++at) places_[clip[at].bytes].push_back(at);
    size_ = clip.size();
  }

  /// Of several that are alike the one that follows `previous`, if it is among them.
  std::int64_t find(const std::string& bytes, std::int64_t previous) const {
    const auto found = places_.find(bytes);
    if (found == places_.end()) return -1;
    const std::size_t next = static_cast<std::size_t>(previous + 1) % size_;
    const auto& places = found->second;
    const bool follows = std::find(places.begin(), places.end(), next) != places.end();
    return static_cast<std::int64_t>(follows ? next : places.front());
  }

 private:
  std::unordered_map<std::string, std::vector<std::size_t>> places_;
  std::size_t size_;
};

Json placesOf(const Frames& recorded, const Frames& clip) {
  const Places places(clip);
  Json result = Json::array();
  std::int64_t place = -1;
  for (const RecordedFrame& frame : recorded) {
    place = places.find(frame.bytes, place);
    Json entry = Json::array();
    entry.push(Json(frame.milliseconds));
    entry.push(Json(place));
    entry.push(Json(frame.isKey));
    result.push(entry);
  }
  return result;
}

// The debug categories of those who read the recording.
constexpr const char* kReaders[] = {"matroska*", "ebml*",        "vp*dec",
                                    "opusdec",   "videodecoder", "audiodecoder"};

std::atomic<std::int64_t> complaints{0};

void countComplaint(GstDebugCategory*, GstDebugLevel level, const gchar* file, const gchar*,
                    gint line, GObject*, GstDebugMessage* message, gpointer) {
  if (level > GST_LEVEL_WARNING) return;
  ++complaints;
  std::fprintf(stderr, "%s:%d: %s\n", file, line, gst_debug_message_get(message));
}

std::int64_t decodeErrors(const std::string& path, std::size_t pictures) {
  // In parentheses: their macros compare a pointer to a function with one to data.
  (gst_debug_remove_log_function)(gst_debug_log_default);
  (gst_debug_add_log_function)(&countComplaint, nullptr, nullptr);
  gst_debug_set_active(TRUE);
  for (const char* category : kReaders)
    gst_debug_set_threshold_for_name(category, GST_LEVEL_WARNING);
  FilePipeline pipeline(
      "filesrc name=file ! matroskademux name=demux "
      "demux.video_0 ! queue ! vp8dec threads=1 ! appsink name=video sync=false max-buffers=8 "
      "demux.audio_0 ! queue ! opusdec ! appsink name=audio sync=false",
      path);
  std::size_t decoded = 0;
  pipeline.readAll("video", [&](GstSample*) { ++decoded; });
  pipeline.readAll("audio", [](GstSample*) {});
  const auto missing = static_cast<std::int64_t>(pictures) - static_cast<std::int64_t>(decoded);
  return complaints + std::max<std::int64_t>(missing, 0);
}

std::string compare(const std::string& clipPath, const std::string& recordingPath) {
  const MediaFrames clip = readFrames(clipPath);
  const MediaFrames recording = readFrames(recordingPath);
  const auto count = [](const Frames& frames) {
    return Json(static_cast<std::int64_t>(frames.size()));
  };
  return Json::object(
             {{"clip", Json::object({{"video", count(clip.video)}, {"audio", count(clip.audio)}})},
              {"video", placesOf(recording.video, clip.video)},
              {"audio", placesOf(recording.audio, clip.audio)},
              {"decodeErrors", Json(decodeErrors(recordingPath, recording.video.size()))}})
      .text();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: recorded-frames CLIP RECORDING\n");
    return 2;
  }
  try {
    std::printf("%s\n", compare(argv[1], argv[2]).c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "recorded-frames: %s\n", error.what());
    return 1;
  }
  return 0;
}
