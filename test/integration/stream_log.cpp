#include "integration/stream_log.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace cosoup::test {
namespace {

struct Mapped {
  explicit Mapped(GstBuffer* mapped) : buffer(mapped) {
    gst_buffer_map(buffer, &info, GST_MAP_READ);
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() { gst_buffer_unmap(buffer, &info); }

  GstBuffer* buffer;
  GstMapInfo info;
};

bool isStartCode(const guint8* at, const guint8* end) {
  return end - at >= 3 && at[0] == 0 && at[1] == 0 && at[2] == 1;
}

/// Adds the coded slices of an H264 byte-stream to the checksum.
void addSlices(GChecksum* checksum, const guint8* at, const guint8* end) {
  while (at < end && !isStartCode(at, end)) ++at;
  while (at < end) {
    const guint8* unit = at + 3;
    at = unit;
    while (at < end && !isStartCode(at, end)) ++at;
    const guint8* last = at;
    while (last > unit && last[-1] == 0) --last;
    const int type = unit < last ? *unit & 0x1f : 0;
    if (type >= 1 && type <= 5) g_checksum_update(checksum, unit, last - unit);
  }
}

std::string digestOf(const Frame& frame) {
  const Mapped bytes(frame.buffer.get());
  GChecksum* checksum = g_checksum_new(G_CHECKSUM_SHA256);
  const GstStructure* caps = gst_caps_get_structure(frame.caps.get(), 0);
  if (gst_structure_has_name(caps, "video/x-h264")) {
    addSlices(checksum, bytes.info.data, bytes.info.data + bytes.info.size);
  } else {
    g_checksum_update(checksum, bytes.info.data, static_cast<gssize>(bytes.info.size));
  }
  std::string digest = g_checksum_get_string(checksum);
  g_checksum_free(checksum);
  return digest;
}

FrameNote noteOf(const Frame& frame) {
  FrameNote note;
  note.digest = digestOf(frame);
  note.time = static_cast<double>(frame.time) / GST_SECOND;
  note.keyFrame = !GST_BUFFER_FLAG_IS_SET(frame.buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
  return note;
}

Ref<GstElement> parse(const std::string& line) {
  ensureGStreamer();
  GError* error = nullptr;
  const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(line.c_str(), &error));
  if (!error) return pipeline;
  const std::string reason = line + ": " + error->message;
  g_error_free(error);
  throw std::runtime_error(reason);
}

std::vector<Frame> pullAll(const Ref<GstElement>& pipeline) {
  const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  std::vector<Frame> frames;
  while (auto* pulled = gst_app_sink_try_pull_sample(GST_APP_SINK(sink.get()), 20 * GST_SECOND)) {
    const auto sample = Ref<GstSample>::adopt(pulled);
    Frame frame;
    frame.buffer = Ref<GstBuffer>::share(gst_sample_get_buffer(pulled));
    frame.caps = Ref<GstCaps>::share(gst_sample_get_caps(pulled));
    frame.time = gst_segment_to_running_time(gst_sample_get_segment(pulled), GST_FORMAT_TIME,
                                             GST_BUFFER_PTS(frame.buffer.get()));
    frames.push_back(std::move(frame));
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  return frames;
}

/// Where it is loud after it was not; S16LE, one channel, 48 kHz.
std::vector<double> onsetsIn(const std::vector<Frame>& raw) {
  std::vector<double> onsets;
  double quietSince = -1;
  for (const Frame& frame : raw) {
    const Mapped bytes(frame.buffer.get());
    const auto* samples = reinterpret_cast<const gint16*>(bytes.info.data);
    for (std::size_t i = 0; i < bytes.info.size / 2; ++i) {
      const double time = static_cast<double>(frame.time) / GST_SECOND + i / 48000.0;
      if (std::abs(samples[i]) < 3000) continue;
      if (time - quietSince > 0.3) onsets.push_back(time);
      quietSince = time;
    }
  }
  return onsets;
}

constexpr const char* toSamples =
    "decodebin ! audioconvert ! audioresample ! "
    "audio/x-raw,format=S16LE,rate=48000,channels=1 ! appsink name=out sync=false";

}  // namespace

std::map<std::string, std::vector<FrameNote>> framesIn(const std::string& path) {
  const bool mp4 = path.ends_with(".mp4");
  const std::string file =
      "filesrc location=" + path + " ! " + (mp4 ? "qtdemux" : "matroskademux") + " name=p p.";
  const std::string slices =
      mp4 ? "h264parse ! video/x-h264,stream-format=byte-stream,alignment=au ! " : "";
  const std::string end = "appsink name=out sync=false";
  std::map<std::string, std::vector<FrameNote>> streams;
  for (const Frame& frame : pullAll(parse(file + "video_0 ! " + slices + end))) {
    streams["video"].push_back(noteOf(frame));
  }
  for (const Frame& frame : pullAll(parse(file + "audio_0 ! " + end))) {
    streams["audio"].push_back(noteOf(frame));
  }
  return streams;
}

void runLine(const std::string& line) {
  const Ref<GstElement> pipeline = parse(line);
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
  const auto message = Ref<GstMessage>::adopt(
      gst_bus_timed_pop_filtered(bus.get(), 60 * GST_SECOND,
                                 static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  if (!message || GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) {
    throw std::runtime_error("does not run to its end: " + line);
  }
}

std::vector<double> ticksIn(const std::vector<Frame>& frames) {
  if (frames.empty()) return {};
  const Ref<GstElement> pipeline =
      parse(std::string("appsrc name=in format=time max-bytes=0 ! ") + toSamples);
  const auto in = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "in"));
  gst_app_src_set_caps(GST_APP_SRC(in.get()), frames.front().caps.get());
  for (const Frame& frame : frames) {
    GstBuffer* copy = gst_buffer_copy(frame.buffer.get());
    GST_BUFFER_PTS(copy) = frame.time;
    GST_BUFFER_DTS(copy) = GST_CLOCK_TIME_NONE;
    gst_app_src_push_buffer(GST_APP_SRC(in.get()), copy);
  }
  gst_app_src_end_of_stream(GST_APP_SRC(in.get()));
  return onsetsIn(pullAll(pipeline));
}

std::vector<double> ticksIn(const std::string& path) {
  return onsetsIn(pullAll(parse("filesrc location=" + path + " ! " + toSamples)));
}

void StreamLog::onFrame(const Frame& frame) {
  const std::lock_guard lock(mutex_);
  frames_.push_back(frame);
}

std::vector<FrameNote> StreamLog::notes() const {
  std::vector<FrameNote> notes;
  for (const Frame& frame : frames()) notes.push_back(noteOf(frame));
  return notes;
}

std::vector<Frame> StreamLog::frames() const {
  const std::lock_guard lock(mutex_);
  return frames_;
}

std::size_t StreamLog::count() const {
  const std::lock_guard lock(mutex_);
  return frames_.size();
}

namespace {

// Frames of silence are all alike; the first frame that there is only one of says where they lie.
std::size_t startOf(const std::vector<FrameNote>& received, const std::vector<FrameNote>& sent) {
  std::map<std::string, std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < sent.size(); ++i) places[sent[i].digest].push_back(i);
  for (std::size_t i = 0; i < received.size(); ++i) {
    const auto found = places.find(received[i].digest);
    if (found == places.end() || found->second.size() != 1) continue;
    return found->second.front() > i ? found->second.front() - i : 0;
  }
  return 0;
}

}  // namespace

Comparison compare(const std::vector<FrameNote>& received, const std::vector<FrameNote>& sent) {
  Comparison result;
  std::size_t next = startOf(received, sent);
  bool started = false;
  for (const FrameNote& note : received) {
    std::size_t at = next;
    while (at < sent.size() && sent[at].digest != note.digest) ++at;
    if (at == sent.size()) {
      ++result.foreign;
      continue;
    }
    if (std::exchange(started, true)) result.missing += at - next;
    result.delays.push_back(note.time - sent[at].time);
    ++result.found;
    next = at + 1;
  }
  return result;
}

double medianOf(std::vector<double> values) {
  if (values.empty()) throw std::runtime_error("median of nothing");
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace cosoup::test
