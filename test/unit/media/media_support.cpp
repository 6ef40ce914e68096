#include "unit/media/media_support.hpp"

#include "cosoup/gst/parent_state.hpp"

namespace cosoup::test {

FrameNote noteOf(GstBuffer* buffer, GstClockTime time) {
  FrameNote note;
  note.time = time;
  note.keyFrame = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  GstMapInfo map;
  gst_buffer_map(buffer, &map, GST_MAP_READ);
  char* sum = g_compute_checksum_for_data(G_CHECKSUM_MD5, map.data, map.size);
  note.data = std::to_string(map.size) + ":" + sum;
  g_free(sum);
  gst_buffer_unmap(buffer, &map);
  return note;
}

void FrameLog::onFrame(const Frame& frame) {
  FrameNote note = noteOf(frame.buffer.get(), frame.time);
  const std::lock_guard lock(mutex_);
  notes_.push_back(std::move(note));
  caps_ = frame.caps;
}

void FrameLog::onEnd() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
}

std::vector<FrameNote> FrameLog::notes() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

std::size_t FrameLog::count() const {
  const std::lock_guard lock(mutex_);
  return notes_.size();
}

bool FrameLog::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

Ref<GstCaps> FrameLog::caps() const {
  const std::lock_guard lock(mutex_);
  return caps_;
}

std::shared_ptr<FrameLog> logOf(const std::shared_ptr<Track>& track) {
  auto log = std::make_shared<FrameLog>();
  track->addReceiver(log);
  return log;
}

std::shared_ptr<Track> trackOf(const std::vector<std::shared_ptr<Track>>& tracks, MediaKind kind) {
  for (const auto& track : tracks) {
    if (track->kind() == kind) return track;
  }
  return nullptr;
}

void runLaunchLine(const std::string& description) {
  ensureGStreamer();
  INFO(description);
  GError* error = nullptr;
  const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(description.c_str(), &error));
  REQUIRE(error == nullptr);
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
  const auto message = Ref<GstMessage>::adopt(
      gst_bus_timed_pop_filtered(bus.get(), 30 * GST_SECOND,
                                 static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  REQUIRE(message);
  REQUIRE(GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS);
}

void makeWebM(const std::string& path, double videoSeconds, double audioSeconds) {
  std::string line = "webmmux name=mux ! filesink location=" + path;
  if (videoSeconds > 0) {
    line += " videotestsrc pattern=ball num-buffers=" +
            std::to_string(static_cast<int>(videoSeconds * 30 + 0.5)) +
            " ! video/x-raw,width=320,height=240,framerate=30/1 ! vp8enc deadline=1 cpu-used=8 "
            "keyframe-max-dist=15 target-bitrate=300000 ! queue ! mux.";
  }
  if (audioSeconds > 0) {
    line += " audiotestsrc samplesperbuffer=960 num-buffers=" +
            std::to_string(static_cast<int>(audioSeconds * 50 + 0.5)) +
            " ! audio/x-raw,rate=48000,channels=2 ! opusenc complexity=1 ! queue ! mux.";
  }
  runLaunchLine(line);
}

double MediaFile::Stream::start() const {
  return frames.empty() ? -1 : static_cast<double>(frames.front().time) / GST_SECOND;
}

double MediaFile::Stream::end() const {
  return frames.empty() ? -1 : static_cast<double>(frames.back().time) / GST_SECOND;
}

namespace {

struct Reading {
  GstElement* pipeline;
  MediaFile file;
  std::mutex mutex;
};

std::string padNameOf(GstPad* sink) {
  const auto peer = Ref<GstPad>::adopt(gst_pad_get_peer(sink));
  return peer ? GST_OBJECT_NAME(peer.get()) : "pad_0";
}

GstPadProbeReturn onBuffer(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  auto* reading = static_cast<Reading*>(data);
  const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
  const std::string text = capsText(caps);
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  const std::lock_guard lock(reading->mutex);
  // In the order of their pads, which are "audio_0", "audio_1" …
  const std::string pads = padNameOf(pad);
  std::string name = text.substr(0, text.find('/'));
  if (const std::string number = pads.substr(pads.find('_') + 1); number != "0") {
    name += " " + std::to_string(std::stoi(number) + 1);
  }
  MediaFile::Stream& stream = reading->file.streams[name];
  stream.caps = text;
  stream.frames.push_back(noteOf(buffer, GST_BUFFER_PTS(buffer)));
  return GST_PAD_PROBE_OK;
}

void onPad(GstElement*, GstPad* pad, gpointer data) {
  auto* reading = static_cast<Reading*>(data);
  GstElement* sink = gst_element_factory_make("fakesink", nullptr);
  g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
  gst_bin_add(GST_BIN(reading->pipeline), sink);
  syncStateWithParent(sink);
  const auto target = Ref<GstPad>::adopt(gst_element_get_static_pad(sink, "sink"));
  gst_pad_add_probe(target.get(), GST_PAD_PROBE_TYPE_BUFFER, &onBuffer, data, nullptr);
  gst_pad_link(pad, target.get());
}

}  // namespace

MediaFile readMediaFile(const std::string& path) {
  ensureGStreamer();
  Reading reading;
  const auto pipeline = Ref<GstElement>::sink(gst_pipeline_new("read"));
  reading.pipeline = pipeline.get();
  GstElement* source = gst_element_factory_make("filesrc", nullptr);
  GstElement* demux =
      gst_element_factory_make(path.ends_with(".mp4") ? "qtdemux" : "matroskademux", nullptr);
  g_object_set(source, "location", path.c_str(), nullptr);
  gst_bin_add_many(GST_BIN(pipeline.get()), source, demux, nullptr);
  gst_element_link(source, demux);
  g_signal_connect(demux, "pad-added", G_CALLBACK(&onPad), &reading);
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
  const auto message = Ref<GstMessage>::adopt(
      gst_bus_timed_pop_filtered(bus.get(), 30 * GST_SECOND,
                                 static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
  gint64 duration = 0;
  if (gst_element_query_duration(demux, GST_FORMAT_TIME, &duration)) {
    reading.file.duration = static_cast<double>(duration) / GST_SECOND;
  }
  if (!message || GST_MESSAGE_TYPE(message.get()) != GST_MESSAGE_EOS) {
    reading.file.error = "does not read to its end";
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  return std::move(reading.file);
}

std::string capsText(const Ref<GstCaps>& caps) {
  if (!caps) return "none";
  char* text = gst_caps_to_string(caps.get());
  std::string result = text;
  g_free(text);
  return result;
}

Ref<GstCaps> capsFrom(const std::string& text) {
  ensureGStreamer();
  return Ref<GstCaps>::adopt(gst_caps_from_string(text.c_str()));
}

}  // namespace cosoup::test
