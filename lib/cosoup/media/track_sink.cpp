#include "cosoup/media/track_sink.hpp"

#include <gst/app/gstappsink.h>

#include <algorithm>
#include <utility>

#include "cosoup/gst/probe.hpp"
#include "cosoup/gst/ref.hpp"

namespace cosoup {
namespace {

struct Delivery {
  std::shared_ptr<Track> track;
  CompleteFrame complete;
  GstClockTime last = 0;
  GstClockTime lost = 0;  // since the last buffer
};

GstPadProbeReturn noteLoss(Delivery& delivery, GstEvent* event) {
  GstGapFlags flags = static_cast<GstGapFlags>(0);
  if (GST_EVENT_TYPE(event) == GST_EVENT_GAP) gst_event_parse_gap_flags(event, &flags);
  if ((flags & GST_GAP_FLAG_MISSING_DATA) == 0) return GST_PAD_PROBE_OK;
  GstClockTime duration = GST_CLOCK_TIME_NONE;
  gst_event_parse_gap(event, nullptr, &duration);
  if (GST_CLOCK_TIME_IS_VALID(duration)) delivery.lost += duration;
  return GST_PAD_PROBE_DROP;
}

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
  frame.lost = std::exchange(delivery.lost, 0);
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
  auto* delivery = new Delivery{std::move(track), std::move(complete)};
  gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, delivery,
                             [](gpointer data) { delete static_cast<Delivery*>(data); });
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sink, "sink"));
  // On the thread of the buffers, between them; both live as long as the element.
  addProbe(pad.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
           [delivery](GstPad*, GstPadProbeInfo* info) {
             return noteLoss(*delivery, GST_PAD_PROBE_INFO_EVENT(info));
           });
  return sink;
}

}  // namespace cosoup
