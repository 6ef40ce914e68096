#include "cosoup/webrtc/received_streams.hpp"

#include <gst/video/video-event.h>

#include <utility>

#include "cosoup/gst/parent_state.hpp"

namespace cosoup {
namespace {

constexpr const char* kPcmu = "application/x-rtp, media=(string)audio, encoding-name=(string)PCMU";

Ref<GstElement> makeFakeSink() {
  auto sink = Ref<GstElement>::sink(gst_element_factory_make("fakesink", nullptr));
  g_object_set(sink.get(), "sync", FALSE, "async", FALSE, nullptr);
  return sink;
}

// webrtcbin reads the "webrtc-datachannel" of the data section as payload type 0, which is PCMU's
// (RFC 3551, section 6), and says of PCMU what it knows of data.
bool isTakenForData(GstCaps* caps) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  return g_strcmp0(gst_structure_get_string(structure, "media"), "application") == 0;
}

// The sink behind an element that sets the caps of PCMU right.
Ref<GstElement> withPcmuCaps(const Ref<GstElement>& sink) {
  GstElement* setter = gst_element_factory_make("capssetter", nullptr);
  if (!setter) return sink;
  const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(kPcmu));
  g_object_set(setter, "caps", caps.get(), nullptr);
  auto bin = Ref<GstElement>::sink(gst_bin_new(nullptr));
  gst_bin_add_many(GST_BIN(bin.get()), setter, sink.get(), nullptr);
  gst_element_link(setter, sink.get());
  const auto inner = Ref<GstPad>::adopt(gst_element_get_static_pad(setter, "sink"));
  gst_element_add_pad(bin.get(), gst_ghost_pad_new("sink", inner.get()));
  return bin;
}

}  // namespace

void ReceivedStreams::setBins(GstElement* pipeline, GstElement* webrtcbin) {
  pipeline_ = pipeline;
  webrtcbin_ = webrtcbin;
}

void ReceivedStreams::setHandler(Handler handler) {
  const std::lock_guard lock(mutex_);
  handler_ = std::move(handler);
}

void ReceivedStreams::take(GstPad* pad) {
  auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
  guint ssrc = 0;
  if (caps) gst_structure_get_uint(gst_caps_get_structure(caps.get(), 0), "ssrc", &ssrc);
  Ref<GstElement> sink = makeSink(ssrc, caps.get());
  if (GST_PAD_LINK_FAILED(gst_pad_link(pad, add(sink).get()))) {
    g_warning("receive: what takes SSRC %u does not take its packets", ssrc);
    gst_element_set_state(sink.get(), GST_STATE_NULL);
    gst_bin_remove(GST_BIN(pipeline_), sink.get());
    sink = makeFakeSink();
    gst_pad_link(pad, add(sink).get());
  }
  const std::lock_guard lock(mutex_);
  streams_[ssrc] = Stream{Ref<GstPad>::share(pad), std::move(sink)};
}

Ref<GstElement> ReceivedStreams::makeSink(std::uint32_t ssrc, GstCaps* caps) {
  Handler current;
  {
    const std::lock_guard lock(mutex_);
    current = handler_;
  }
  if (!current || ssrc == 0) return makeFakeSink();
  GstElement* made = nullptr;
  try {
    made = current(ssrc, caps);
  } catch (const std::exception& error) {
    g_warning("receive: %s", error.what());
  }
  if (!made) return makeFakeSink();
  auto sink = Ref<GstElement>::sink(made);
  return isTakenForData(caps) ? withPcmuCaps(sink) : sink;
}

// Gives its sink pad.
Ref<GstPad> ReceivedStreams::add(const Ref<GstElement>& sink) {
  gst_bin_add(GST_BIN(pipeline_), sink.get());
  syncStateWithParent(sink.get());
  return Ref<GstPad>::adopt(gst_element_get_static_pad(sink.get(), "sink"));
}

void ReceivedStreams::release(std::uint32_t ssrc) {
  Stream stream;
  {
    const std::lock_guard lock(mutex_);
    const auto found = streams_.find(ssrc);
    if (found == streams_.end()) return;
    stream = std::move(found->second);
    streams_.erase(found);
  }
  gst_pad_set_active(stream.pad.get(), FALSE);
  if (GST_OBJECT_PARENT(stream.pad.get())) gst_element_remove_pad(webrtcbin_, stream.pad.get());
  gst_element_set_state(stream.sink.get(), GST_STATE_NULL);
  gst_bin_remove(GST_BIN(pipeline_), stream.sink.get());
}

void ReceivedStreams::requestKeyFrame(std::uint32_t ssrc) {
  Ref<GstPad> pad;
  {
    const std::lock_guard lock(mutex_);
    const auto found = streams_.find(ssrc);
    if (found == streams_.end()) return;
    pad = found->second.pad;
  }
  gst_pad_send_event(pad.get(),
                     gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, FALSE, 0));
}

void ReceivedStreams::clear() {
  const std::lock_guard lock(mutex_);
  handler_ = nullptr;
  streams_.clear();
}

}  // namespace cosoup
