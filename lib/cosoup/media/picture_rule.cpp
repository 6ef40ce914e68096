#include "cosoup/media/picture_rule.hpp"

#include <algorithm>
#include <cmath>

namespace cosoup {
namespace {

constexpr const char* kKey = "cosoup-picture-rule";

using Holder = std::shared_ptr<PictureRule>;

void freeHolder(gpointer data) { delete static_cast<Holder*>(data); }

}  // namespace

void PictureRule::set(double divisor, double maxFramerate) {
  const std::lock_guard lock(mutex_);
  divisor_ = std::max(1.0, divisor);
  maxFramerate_ = maxFramerate;
  changed_ = true;
}

void PictureRule::install(GstElement* bin, std::shared_ptr<PictureRule> rule) {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(bin, "sink"));
  const auto data =
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_BUFFER);
  gst_pad_add_probe(pad.get(), data, &PictureRule::onData, rule.get(), nullptr);
  g_object_set_data_full(G_OBJECT(bin), kKey, new Holder(std::move(rule)), &freeHolder);
}

std::shared_ptr<PictureRule> PictureRule::of(GstElement* bin) {
  const auto* holder = static_cast<Holder*>(g_object_get_data(G_OBJECT(bin), kKey));
  return holder ? *holder : nullptr;
}

// On the streaming thread, between two frames, so that none of the old size meets the new caps.
GstPadProbeReturn PictureRule::onData(GstPad*, GstPadProbeInfo* info, gpointer self) {
  auto* rule = static_cast<PictureRule*>(self);
  const Ref<GstCaps> caps = rule->takeChangedCaps(info);
  if (caps) g_object_set(rule->filter_.get(), "caps", caps.get(), nullptr);
  return GST_PAD_PROBE_OK;
}

Ref<GstCaps> PictureRule::takeChangedCaps(GstPadProbeInfo* info) {
  const std::lock_guard lock(mutex_);
  if (!(info->type & GST_PAD_PROBE_TYPE_BUFFER)) {
    GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return nullptr;
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    incoming_ = Ref<GstCaps>::share(caps);
    changed_ = true;
  }
  if (!changed_ || !incoming_) return nullptr;
  changed_ = false;
  return Ref<GstCaps>::adopt(gst_caps_from_string(capsText().c_str()));
}

// Even sizes, since most encoders want it so.
std::string PictureRule::capsText() const {
  const GstStructure* incoming = gst_caps_get_structure(incoming_.get(), 0);
  std::string caps = raw_;
  for (const char* side : {"width", "height"}) {
    int size = 0;
    if (!gst_structure_get_int(incoming, side, &size)) continue;
    const int scaled = static_cast<int>(std::lround(size / divisor_)) & ~1;
    caps += std::string(", ") + side + "=(int)" + std::to_string(std::max(2, scaled));
  }
  int rate = 0;
  int per = 1;
  if (maxFramerate_ > 0 && gst_structure_get_fraction(incoming, "framerate", &rate, &per) &&
      rate > maxFramerate_ * per) {
    caps += ", framerate=(fraction)" + std::to_string(std::lround(maxFramerate_ * 1000)) + "/1000";
  }
  return caps;
}

}  // namespace cosoup
