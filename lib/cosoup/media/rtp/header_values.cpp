#include "cosoup/media/rtp/header_values.hpp"

#include "cosoup/gst/probe.hpp"
#include "cosoup/gst/ref.hpp"

namespace cosoup {
namespace {

constexpr const char* kKey = "cosoup-header-values";

using Holder = std::shared_ptr<HeaderValues>;

void freeHolder(gpointer data) { delete static_cast<Holder*>(data); }

GstClockTime clockTimeOf(GstPad* pad, GstBuffer* frame) {
  GstEvent* event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
  const auto element = Ref<GstElement>::adopt(gst_pad_get_parent_element(pad));
  if (!event || !element) return GST_CLOCK_TIME_NONE;
  const GstSegment* segment = nullptr;
  gst_event_parse_segment(event, &segment);
  const GstClockTime running =
      gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(frame));
  gst_event_unref(event);
  if (!GST_CLOCK_TIME_IS_VALID(running)) return GST_CLOCK_TIME_NONE;
  return running + gst_element_get_base_time(element.get());
}

}  // namespace

void HeaderValues::attach(GstElement* payloader) {
  const auto values = std::make_shared<HeaderValues>();
  g_object_set_data_full(G_OBJECT(payloader), kKey, new Holder(values), &freeHolder);
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(payloader, "sink"));
  addProbe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, [values](GstPad* sink, GstPadProbeInfo* info) {
    if (values->captured) values->frameTime = clockTimeOf(sink, GST_PAD_PROBE_INFO_BUFFER(info));
    return GST_PAD_PROBE_OK;
  });
}

std::shared_ptr<HeaderValues> HeaderValues::of(GstElement* payloader) {
  const auto* holder = static_cast<Holder*>(g_object_get_data(G_OBJECT(payloader), kKey));
  return holder ? *holder : nullptr;
}

}  // namespace cosoup
