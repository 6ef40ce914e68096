#include "cosoup/media/track_output.hpp"

#include <gst/app/gstappsink.h>

#include <algorithm>

#include "cosoup/media/payloader.hpp"

namespace cosoup {
namespace {

using TrackHolder = std::shared_ptr<Track>;

void freeHolder(gpointer data) { delete static_cast<TrackHolder*>(data); }

GstPadProbeReturn dropUnwanted(GstPad*, GstPadProbeInfo*, gpointer data) {
  const auto& track = *static_cast<TrackHolder*>(data);
  return track->hasReceivers() ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

struct Delivery {
  std::shared_ptr<Track> track;
  std::shared_ptr<const ReceivedHeaders> headers;  // null: of no received stream
  GstClockTime last = 0;
};

GstFlowReturn onSample(GstAppSink* sink, gpointer data) {
  const auto sample = Ref<GstSample>::adopt(gst_app_sink_pull_sample(sink));
  if (!sample) return GST_FLOW_OK;
  GstBuffer* buffer = gst_sample_get_buffer(sample.get());
  const GstClockTime running = gst_segment_to_running_time(gst_sample_get_segment(sample.get()),
                                                           GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  if (!GST_CLOCK_TIME_IS_VALID(running)) return GST_FLOW_OK;
  Frame frame;
  frame.buffer = Ref<GstBuffer>::share(buffer);
  frame.caps = Ref<GstCaps>::share(gst_sample_get_caps(sample.get()));
  // A sender report that puts the streams in sync may set the clock of one back by some frames.
  auto& delivery = *static_cast<Delivery*>(data);
  frame.time = std::max(running + gst_element_get_base_time(GST_ELEMENT(sink)), delivery.last + 1);
  delivery.last = frame.time;
  if (delivery.headers) frame.rotation = delivery.headers->rotation();
  delivery.track->deliver(frame);
  return GST_FLOW_OK;
}

GstElement* makeSink(std::shared_ptr<Track> track, std::shared_ptr<const ReceivedHeaders> headers) {
  GstElement* sink = makeElement("appsink");
  g_object_set(sink, "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, nullptr);
  GstAppSinkCallbacks callbacks = {};
  callbacks.new_sample = &onSample;
  gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks,
                             new Delivery{std::move(track), std::move(headers)},
                             [](gpointer data) { delete static_cast<Delivery*>(data); });
  return sink;
}

}  // namespace

GstElement* makeTrackSink(std::shared_ptr<Track> track) {
  return makeSink(std::move(track), nullptr);
}

GstElement* makeTrackOutput(const std::string& mimeType, std::shared_ptr<Track> track,
                            const std::shared_ptr<ReceivedHeaders>& headers) {
  const auto depayloader = Ref<GstElement>::sink(makeDepayloader(mimeType));
  const auto sink = Ref<GstElement>::sink(makeSink(track, headers));
  GstElement* bin = gst_bin_new(nullptr);
  gst_bin_add_many(GST_BIN(bin), depayloader.get(), sink.get(), nullptr);
  gst_element_link(depayloader.get(), sink.get());
  const auto inner = Ref<GstPad>::adopt(gst_element_get_static_pad(depayloader.get(), "sink"));
  GstPad* pad = gst_ghost_pad_new("sink", inner.get());
  if (headers) ReceivedHeaders::watch(headers, pad);
  const auto packets =
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
  gst_pad_add_probe(pad, packets, &dropUnwanted, new TrackHolder(std::move(track)), &freeHolder);
  gst_element_add_pad(bin, pad);
  return bin;
}

}  // namespace cosoup
