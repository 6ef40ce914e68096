#include "cosoup/media/rtp/picture_rule.hpp"

#include <algorithm>
#include <cmath>

#include "cosoup/media/elements.hpp"

namespace cosoup {

void PictureRule::set(double divisor, double maxFramerate) {
  const std::lock_guard lock(mutex_);
  divisor_ = std::max(1.0, divisor);
  maxFramerate_ = maxFramerate;
  changed_ = true;
}

void PictureRule::install(GstElement* bin, std::shared_ptr<PictureRule> rule) {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(bin, "sink"));
  gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, &PictureRule::onCaps,
                    rule.get(), nullptr);
  gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, &PictureRule::onFrame, rule.get(),
                    nullptr);
  keepWith(bin, std::move(rule));
}

// The encoder is to reckon with the rate that it will see.
GstPadProbeReturn PictureRule::onCaps(GstPad*, GstPadProbeInfo* info, gpointer self) {
  GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
  if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return GST_PAD_PROBE_OK;
  auto* rule = static_cast<PictureRule*>(self);
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  Ref<GstCaps> filter;
  {
    const std::lock_guard lock(rule->mutex_);
    if (!rule->incoming_ || !gst_caps_is_equal(rule->incoming_.get(), caps)) {
      rule->incoming_ = Ref<GstCaps>::share(caps);
      rule->changed_ = false;
      filter = rule->filterCaps();
    }
    rule->outgoing_ = rule->limitedCaps();
    GST_PAD_PROBE_INFO_DATA(info) = gst_event_new_caps(rule->outgoing_.get());
  }
  gst_event_unref(event);
  // Before the encoder sees them: some open with the first size that they hear of.
  if (filter) g_object_set(rule->filter_.get(), "caps", filter.get(), nullptr);
  return GST_PAD_PROBE_OK;
}

// On the streaming thread, between two frames, so that none of the old size meets the new caps.
GstPadProbeReturn PictureRule::onFrame(GstPad* pad, GstPadProbeInfo* info, gpointer self) {
  auto* rule = static_cast<PictureRule*>(self);
  Ref<GstCaps> filter;
  Ref<GstCaps> again;
  {
    const std::lock_guard lock(rule->mutex_);
    if (rule->comesTooSoon(GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info)))) {
      return GST_PAD_PROBE_DROP;
    }
    if (!rule->changed_ || !rule->incoming_) return GST_PAD_PROBE_OK;
    rule->changed_ = false;
    filter = rule->filterCaps();
    const Ref<GstCaps> wanted = rule->limitedCaps();
    if (!gst_caps_is_equal(wanted.get(), rule->outgoing_.get())) again = rule->incoming_;
  }
  g_object_set(rule->filter_.get(), "caps", filter.get(), nullptr);
  if (again) gst_pad_send_event(pad, gst_event_new_caps(again.get()));
  return GST_PAD_PROBE_OK;
}

// The frames need not come at even distances; over some of them the rate is right.
bool PictureRule::comesTooSoon(GstClockTime time) {
  if (maxFramerate_ <= 0 || !GST_CLOCK_TIME_IS_VALID(time)) return false;
  const auto interval = static_cast<GstClockTime>(GST_SECOND / maxFramerate_);
  const bool goesOn = GST_CLOCK_TIME_IS_VALID(due_) && time + 2 * interval > due_;
  if (goesOn && time + interval / 20 < due_) return true;
  due_ = goesOn && time < due_ + interval ? due_ + interval : time + interval;
  return false;
}

Ref<GstCaps> PictureRule::limitedCaps() const {
  int rate = 0;
  int per = 1;
  const GstStructure* incoming = gst_caps_get_structure(incoming_.get(), 0);
  const bool known = gst_structure_get_fraction(incoming, "framerate", &rate, &per);
  if (!known || maxFramerate_ <= 0 || rate <= maxFramerate_ * per) return incoming_;
  auto caps = Ref<GstCaps>::adopt(gst_caps_copy(incoming_.get()));
  gst_caps_set_simple(caps.get(), "framerate", GST_TYPE_FRACTION,
                      static_cast<int>(std::lround(maxFramerate_ * 1000)), 1000, nullptr);
  return caps;
}

// Even sizes, since most encoders want it so.
Ref<GstCaps> PictureRule::filterCaps() const {
  const GstStructure* incoming = gst_caps_get_structure(incoming_.get(), 0);
  std::string caps = raw_;
  for (const char* side : {"width", "height"}) {
    int size = 0;
    if (!gst_structure_get_int(incoming, side, &size)) continue;
    const int scaled = static_cast<int>(std::lround(size / divisor_)) & ~1;
    caps += std::string(", ") + side + "=(int)" + std::to_string(std::max(2, scaled));
  }
  return Ref<GstCaps>::adopt(gst_caps_from_string(caps.c_str()));
}

}  // namespace cosoup
