#include "cosoup/media/record/muxed_file.hpp"

#include <gst/base/gstcollectpads.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/gst/probe.hpp"
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/record/rotated_header.hpp"

namespace cosoup {
namespace {

std::string_view nameOf(GstCaps* caps) {
  return gst_structure_get_name(gst_caps_get_structure(caps, 0));
}

bool fitsWebM(GstCaps* caps) {
  const std::string_view name = nameOf(caps);
  return name == "video/x-vp8" || name == "video/x-vp9" || name == "video/x-av1" ||
         name == "audio/x-opus";
}

bool fitsMp4(GstCaps* caps) {
  const std::string_view name = nameOf(caps);
  return name == "video/x-h264" || name == "video/x-h265" || name == "video/x-av1" ||
         name == "audio/x-opus";
}

bool allFit(const std::vector<MuxedFile::Stream>& streams, bool (*fits)(GstCaps*)) {
  return std::all_of(streams.begin(), streams.end(),
                     [fits](const auto& stream) { return fits(stream.caps.get()); });
}

// Only what the muxer has to know: the origin's caps vary with the way that the frames came, and
// a stereo decoder plays mono Opus, but not the other way round.
Ref<GstCaps> capsForMuxer(GstCaps* caps) {
  const std::string name(nameOf(caps));
  if (name == "audio/x-opus") {
    return Ref<GstCaps>::adopt(gst_caps_from_string(
        "audio/x-opus, rate=(int)48000, channels=(int)2, channel-mapping-family=(int)0"));
  }
  if (name != "video/x-vp8" && name != "video/x-vp9") return Ref<GstCaps>::share(caps);
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  int width = 640;
  int height = 480;
  gst_structure_get_int(structure, "width", &width);
  gst_structure_get_int(structure, "height", &height);
  return Ref<GstCaps>::adopt(gst_caps_new_simple(name.c_str(), "width", G_TYPE_INT, width, "height",
                                                 G_TYPE_INT, height, "framerate", GST_TYPE_FRACTION,
                                                 0, 1, nullptr));
}

// Up to GStreamer 1.24 matroskamux collects with GstCollectPads, later with GstAggregator, as
// mp4mux always does.
bool isAggregator(GstElement* mux) {
  const GType aggregator = g_type_from_name("GstAggregator");
  return aggregator && g_type_is_a(G_OBJECT_TYPE(mux), aggregator);
}

// GstCollectPads waits for data on every pad; and matroskamux declares that unchangeable
// ("locked"), GAP events or not. With the lock taken off, a pad that waits no longer and whose
// position is ahead is passed over, as a pad for subtitles is. Null for a GstAggregator, which does
// not need that.
GstCollectData* collectDataOf(GstElement* mux, GstPad* pad) {
  if (isAggregator(mux)) return nullptr;
  return static_cast<GstCollectData*>(gst_pad_get_element_private(pad));
}

void setWaiting(GstElement* mux, GstPad* pad, bool waiting) {
  GstCollectData* data = collectDataOf(mux, pad);
  if (!data) return;
  GST_COLLECT_PADS_STREAM_LOCK(data->collect);
  GST_COLLECT_PADS_STATE(data) = static_cast<GstCollectPadsStateFlags>(
      GST_COLLECT_PADS_STATE(data) & ~GST_COLLECT_PADS_STATE_LOCKED);
  gst_collect_pads_set_waiting(data->collect, data, waiting);
  GST_COLLECT_PADS_STREAM_UNLOCK(data->collect);
}

// GstAggregator waits for data on every pad, and takes what a GAP event says for a frame, which
// matroskamux (1.26) writes as an empty block. For live inputs it waits only until its clock says
// that they are late, which is what ours are in any case: the frames come in the order of their
// times. So its clock runs far ahead, and no GAP events are needed. mp4mux waits all the same.
bool isLive(GstElement* mux, MuxedFile::Format format) {
  return isAggregator(mux) && format != MuxedFile::Format::mp4;
}

gboolean answerAsLive(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return gst_pad_query_default(pad, parent, query);
  gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

/// The muxer learns that its inputs are live when it is asked itself.
void tellLive(GstElement* mux) {
  GstQuery* query = gst_query_new_latency();
  gst_element_query(mux, query);
  gst_query_unref(query);
}

// Nobody reads this bus but fail() and finish().
GstBusSyncReply keepEnds(GstBus*, GstMessage* message, gpointer) {
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) return GST_BUS_PASS;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) return GST_BUS_PASS;
  gst_message_unref(message);
  return GST_BUS_DROP;
}

}  // namespace

MuxedFile::Format MuxedFile::formatFor(const std::vector<Stream>& streams, bool preferMp4) {
  if (preferMp4 && allFit(streams, &fitsMp4)) return Format::mp4;
  return allFit(streams, &fitsWebM) ? Format::webm : Format::matroska;
}

const char* MuxedFile::extensionOf(Format format) {
  switch (format) {
    case Format::webm:
      return ".webm";
    case Format::mp4:
      return ".mp4";
    default:
      return ".mkv";
  }
}

MuxedFile::MuxedFile(std::string path, Format format, const std::vector<Stream>& streams)
    : path_(std::move(path)), format_(format) {
  ensureGStreamer();
  pipeline_ = Ref<GstElement>::sink(gst_pipeline_new("cosoup-recording"));
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
  gst_bus_set_sync_handler(bus.get(), &keepEnds, nullptr, nullptr);
  build(streams);
}

MuxedFile::~MuxedFile() {
  if (pipeline_) gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

void MuxedFile::abandon() {
  stopOnThread(pipeline_.get());
  pipeline_ = nullptr;
}

GstElement* MuxedFile::makeMuxer() const {
  if (format_ == Format::mp4) {
    GstElement* mux = makeElement("mp4mux");
    // Fragments can be played without the index that is written in the end.
    setProperties(mux,
                  {{"fragment-duration", "1000"}, {"fragment-mode", "first-moov-then-finalise"}});
    return mux;
  }
  GstElement* mux = makeElement(format_ == Format::webm ? "webmmux" : "matroskamux");
  setProperties(
      mux,
      {{"streamable", "false"}, {"writing-app", "cosoup"}, {"max-cluster-duration", "5000000000"}});
  return mux;
}

// Before the pipeline runs.
void MuxedFile::writeRotations(const std::vector<Stream>& streams) {
  std::vector<int> all;
  std::vector<int> turned;
  for (const Stream& stream : streams) {
    if (mediaKindOf(stream.caps.get()) != MediaKind::video) continue;
    all.push_back(stream.rotation);
    if (stream.rotation != 0) turned.push_back(stream.rotation);
  }
  if (turned.empty()) return;
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(mux_, "src"));
  if (format_ == Format::mp4) {
    writeMp4Rotations(pad.get(), std::move(all));
  } else {
    writeMatroskaRotations(pad.get(), std::move(turned));
  }
}

void MuxedFile::build(const std::vector<Stream>& streams) {
  mux_ = makeMuxer();
  gst_bin_add(GST_BIN(pipeline_.get()), mux_);
  GstElement* sink = makeElement("filesink");
  gst_bin_add(GST_BIN(pipeline_.get()), sink);
  // Not more in memory than a killed process may lose.
  g_object_set(sink, "location", path_.c_str(), "async", FALSE, "sync", FALSE, "buffer-size", 4096u,
               "enable-last-sample", FALSE, nullptr);
  gst_element_link(mux_, sink);
  countWritten();
  for (std::size_t i = 0; i < streams.size(); ++i) addInput(streams[i].caps, i);
  writeRotations(streams);
  if (isLive(mux_, format_)) {
    gst_element_set_start_time(pipeline_.get(), GST_CLOCK_TIME_NONE);
    gst_element_set_base_time(pipeline_.get(), 0);
  }
  if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
    fail("open", nullptr);
  }
  for (std::size_t i = 0; i < streams.size(); ++i) {
    GstPad* pad = inputs_[i].pad.get();
    gst_pad_set_active(pad, TRUE);
    gst_pad_push_event(pad, gst_event_new_stream_start(std::to_string(i).c_str()));
    Ref<GstCaps> caps = capsForMuxer(streams[i].caps.get());
    const bool needsRoom = format_ != Format::mp4 && streams[i].rotation != 0;
    if (needsRoom) caps = withRoomForRotation(caps);
    gst_pad_push_event(pad, gst_event_new_caps(caps.get()));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(pad, gst_event_new_segment(&segment));
  }
  if (isLive(mux_, format_)) tellLive(mux_);
}

void MuxedFile::countWritten() {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(mux_, "src"));
  addProbe(pad.get(), kDataProbe, [written = written_](GstPad*, GstPadProbeInfo*) {
    ++*written;
    return GST_PAD_PROBE_OK;
  });
}

void MuxedFile::addInput(const Ref<GstCaps>& caps, std::size_t index) {
  const bool audio = mediaKindOf(caps.get()) == MediaKind::audio;
  const auto muxPad =
      Ref<GstPad>::adopt(gst_element_request_pad_simple(mux_, audio ? "audio_%u" : "video_%u"));
  if (!muxPad) throw Error(Error::Code::Media, "record '" + path_ + "': too many streams");
  Ref<GstPad> entry = muxPad;
  if (isAggregator(mux_)) {
    // It waits for all streams on a thread of its own, and lets nobody push two frames of one
    // stream meanwhile.
    GstElement* queue = makeElement("queue");
    g_object_set(queue, "max-size-buffers", 0u, "max-size-time", guint64{0}, "max-size-bytes",
                 64u << 20, nullptr);
    gst_bin_add(GST_BIN(pipeline_.get()), queue);
    const auto out = Ref<GstPad>::adopt(gst_element_get_static_pad(queue, "src"));
    gst_pad_link(out.get(), muxPad.get());
    entry = Ref<GstPad>::adopt(gst_element_get_static_pad(queue, "sink"));
  }
  if (format_ != Format::mp4) {
    // No duration per video frame, which would cost a BlockGroup each.
    g_object_set(muxPad.get(), "frame-duration", FALSE, nullptr);
  }
  const std::string name = "frames_" + std::to_string(index);
  Input input;
  input.muxPad = muxPad;
  input.pad = Ref<GstPad>::sink(gst_pad_new(name.c_str(), GST_PAD_SRC));
  if (isLive(mux_, format_)) gst_pad_set_query_function(input.pad.get(), &answerAsLive);
  if (gst_pad_link(input.pad.get(), entry.get()) != GST_PAD_LINK_OK) {
    throw Error(Error::Code::Media,
                "record '" + path_ + "': cannot take " + std::string(nameOf(caps.get())));
  }
  inputs_.push_back(std::move(input));
}

// The other streams have nothing earlier than this, or it comes later and is sorted in by time.
void MuxedFile::passOver(std::size_t stream, GstClockTime time) {
  if (isLive(mux_, format_)) return;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    Input& input = inputs_[i];
    if (i == stream) continue;
    if (input.position <= time) {
      const GstClockTime end = time + 1;
      gst_pad_push_event(input.pad.get(), gst_event_new_gap(input.position, end - input.position));
      input.position = end;
    }
    setWaiting(mux_, input.muxPad.get(), false);
  }
}

void MuxedFile::write(std::size_t stream, GstBuffer* frame, GstClockTime time) {
  passOver(stream, time);
  Input& input = inputs_[stream];
  input.position = time;
  GstBuffer* copy = gst_buffer_copy(frame);  // shares the memory
  GST_BUFFER_PTS(copy) = time;
  GST_BUFFER_DTS(copy) = GST_CLOCK_TIME_NONE;
  const GstFlowReturn flow = gst_pad_push(input.pad.get(), copy);
  if (flow != GST_FLOW_OK) fail("write", nullptr);
}

// The message that says how it ended; null when none comes.
Ref<GstMessage> MuxedFile::end(GstClockTime limit) {
  // Else the first stream that ends would be taken for the end of all.
  for (Input& input : inputs_) setWaiting(mux_, input.muxPad.get(), true);
  for (Input& input : inputs_) gst_pad_push_event(input.pad.get(), gst_event_new_eos());
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
  const auto ends = static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  return Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(bus.get(), limit, ends));
}

void MuxedFile::finish() {
  const Ref<GstMessage> message = end(5 * GST_SECOND);
  if (!message) {
    abandon();
    throw Error(Error::Code::Media, "record '" + path_ + "': cannot finish it");
  }
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  over_ = true;
  checkPath();
  if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) fail("finish", message.get());
}

// MP4 can be played as it is; to finish it means to move its index, for which there is no room.
void MuxedFile::finishWhatIsThere() {
  if (!pipeline_ || over_) return;
  if (format_ != Format::mp4) end(GST_SECOND);
  abandon();
}

void MuxedFile::checkPath() const {
  std::error_code error;
  if (std::filesystem::exists(path_, error)) return;
  throw Error(Error::Code::Media, "record '" + path_ + "': the file has vanished");
}

void MuxedFile::fail(const char* operation, GstMessage* reason) {
  std::string text = std::string("cannot ") + operation + " it";
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
  Ref<GstMessage> message = Ref<GstMessage>::share(reason);
  if (!message) {
    message = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
  }
  if (message) text = describe(message.get());
  throw Error(Error::Code::Media, "record '" + path_ + "': " + text);
}

}  // namespace cosoup
