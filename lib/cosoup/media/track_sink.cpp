#include "cosoup/media/track_sink.hpp"

#include <gst/app/gstappsink.h>

#include <algorithm>

#include "cosoup/gst/ref.hpp"

namespace cosoup {
namespace {

struct Delivery {
  std::shared_ptr<Track> track;
  CompleteFrame complete;
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
  if (delivery.complete) delivery.complete(frame);
  delivery.track->deliver(frame);
  return GST_FLOW_OK;
}

}  // namespace

GstElement* makeTrackSink(std::shared_ptr<Track> track, CompleteFrame complete) {
  GstElement* sink = makeElement("appsink");
  g_object_set(sink, "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, nullptr);
  GstAppSinkCallbacks callbacks = {};
  callbacks.new_sample = &onSample;
  gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks,
                             new Delivery{std::move(track), std::move(complete)},
                             [](gpointer data) { delete static_cast<Delivery*>(data); });
  return sink;
}

}  // namespace cosoup
