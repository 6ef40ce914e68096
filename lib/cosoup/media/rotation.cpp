#include "cosoup/media/rotation.hpp"

#include <array>
#include <string_view>

#include "cosoup/gst/probe.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/rtc/extension_values.hpp"

namespace cosoup {
namespace {

struct OrientationName {
  const char* tag;
  Orientation orientation;
};

constexpr std::array orientationNames = {
    OrientationName{"rotate-0", {0, false}},
    OrientationName{"rotate-90", {90, false}},
    OrientationName{"rotate-180", {180, false}},
    OrientationName{"rotate-270", {270, false}},
    OrientationName{"flip-rotate-0", {0, true}},
    OrientationName{"flip-rotate-90", {90, true}},
    OrientationName{"flip-rotate-180", {180, true}},
    OrientationName{"flip-rotate-270", {270, true}},
};

constexpr const char* kMeta = "cosoup-rotation";
constexpr const char* kDegrees = "degrees";

void ensureMeta() {
  static const GstMetaInfo* const info = [] {
    static const char* tags[] = {nullptr};
    return gst_meta_register_custom(kMeta, tags, nullptr, nullptr, nullptr);
  }();
  static_cast<void>(info);
}

// videoflip (1.22) passes on the tag that it has obeyed.
GstPadProbeReturn tellUpright(GstPad*, GstPadProbeInfo* info) {
  GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
  if (!orientationIn(event)) return GST_PAD_PROBE_OK;
  GstTagList* tags = nullptr;
  gst_event_parse_tag(event, &tags);
  tags = gst_tag_list_copy(tags);
  gst_tag_list_add(tags, GST_TAG_MERGE_REPLACE, GST_TAG_IMAGE_ORIENTATION, "rotate-0", nullptr);
  GST_PAD_PROBE_INFO_DATA(info) = gst_event_new_tag(tags);
  gst_event_unref(event);
  return GST_PAD_PROBE_OK;
}

}  // namespace

std::optional<Orientation> orientationIn(const GstTagList* tags) {
  const char* text = nullptr;
  if (!gst_tag_list_peek_string_index(tags, GST_TAG_IMAGE_ORIENTATION, 0, &text)) {
    return std::nullopt;
  }
  for (const OrientationName& name : orientationNames) {
    if (std::string_view(name.tag) == text) return name.orientation;
  }
  return std::nullopt;
}

std::optional<Orientation> orientationIn(GstEvent* event) {
  if (GST_EVENT_TYPE(event) != GST_EVENT_TAG) return std::nullopt;
  GstTagList* tags = nullptr;
  gst_event_parse_tag(event, &tags);
  return orientationIn(tags);
}

Orientation orientationOn(GstPad* pad) {
  for (guint i = 0;; ++i) {
    GstEvent* event = gst_pad_get_sticky_event(pad, GST_EVENT_TAG, i);
    if (!event) return Orientation();
    const std::optional<Orientation> found = orientationIn(event);
    gst_event_unref(event);
    if (found) return *found;
  }
}

void setRotation(GstBuffer* buffer, int rotation) {
  ensureMeta();
  GstCustomMeta* meta = gst_buffer_get_custom_meta(buffer, kMeta);
  if (!meta && rotation == 0) return;
  if (!meta) meta = gst_buffer_add_custom_meta(buffer, kMeta);
  gst_structure_set(gst_custom_meta_get_structure(meta), kDegrees, G_TYPE_INT, rotation, nullptr);
}

int rotationOf(const GstBuffer* buffer) {
  ensureMeta();
  GstCustomMeta* meta = gst_buffer_get_custom_meta(const_cast<GstBuffer*>(buffer), kMeta);
  int rotation = 0;
  if (meta) gst_structure_get_int(gst_custom_meta_get_structure(meta), kDegrees, &rotation);
  return rotation;
}

void tagRotations(GstPad* pad) {
  addProbe(pad, GST_PAD_PROBE_TYPE_BUFFER, [told = 0](GstPad* own, GstPadProbeInfo* info) mutable {
    const int rotation = rotationOf(GST_PAD_PROBE_INFO_BUFFER(info));
    const bool changes = std::exchange(told, rotation) != rotation;
    if (changes) gst_pad_push_event(own, makeRotationEvent(rotation));
    return GST_PAD_PROBE_OK;
  });
}

GstEvent* makeRotationEvent(int rotation) {
  const std::string name = "rotate-" + std::to_string(rotation);
  return gst_event_new_tag(gst_tag_list_new(GST_TAG_IMAGE_ORIENTATION, name.c_str(), nullptr));
}

GstElement* makeTurner() {
  GstElement* flip = makeElement("videoflip");
  setProperty(flip, "video-direction", "auto");
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(flip, "src"));
  addProbe(pad.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, &tellUpright);
  return chainBin(gst_bin_new(nullptr),
                  {makeElement("videoconvert"), flip, makeElement("videoconvert")});
}

}  // namespace cosoup
