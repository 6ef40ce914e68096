#include "cosoup/media/elements.hpp"

#include <gst/video/video.h>

#include <vector>

#include "cosoup/core/error.hpp"

namespace cosoup {
namespace {

struct QuietBin {
  GstBin parent;
};
struct QuietBinClass {
  GstBinClass parentClass;
};

GstBinClass* quietBinParent = nullptr;

void quietBinHandleMessage(GstBin* bin, GstMessage* message) {
  if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR) {
    quietBinParent->handle_message(bin, message);
    return;
  }
  GError* error = nullptr;
  gst_message_parse_error(message, &error, nullptr);
  GST_INFO_OBJECT(bin, "error of %s kept inside: %s", GST_MESSAGE_SRC_NAME(message),
                  error->message);
  g_error_free(error);
  gst_message_unref(message);
}

void quietBinClassInit(gpointer klass, gpointer) {
  quietBinParent = static_cast<GstBinClass*>(g_type_class_peek_parent(klass));
  static_cast<GstBinClass*>(klass)->handle_message = &quietBinHandleMessage;
}

GType quietBinType() {
  static const GType type = g_type_register_static_simple(
      GST_TYPE_BIN, "CosoupQuietBin", sizeof(QuietBinClass), &quietBinClassInit, sizeof(QuietBin),
      nullptr, static_cast<GTypeFlags>(0));
  return type;
}

void addGhostPad(GstElement* bin, GstElement* element, const char* name) {
  const auto target = Ref<GstPad>::adopt(gst_element_get_static_pad(element, name));
  if (!target) return;
  gst_element_add_pad(bin, gst_ghost_pad_new(name, target.get()));
}

}  // namespace

bool hasProperty(GstElement* element, const char* name) {
  return g_object_class_find_property(G_OBJECT_GET_CLASS(element), name) != nullptr;
}

void setProperty(GstElement* element, const char* name, const std::string& value) {
  if (hasProperty(element, name)) {
    gst_util_set_object_arg(G_OBJECT(element), name, value.c_str());
  }
}

void setProperties(GstElement* element, std::initializer_list<Property> properties) {
  for (const Property& property : properties) setProperty(element, property.name, property.value);
}

GstElement* chainBin(GstElement* emptyBin, std::initializer_list<GstElement*> elements) {
  auto bin = Ref<GstElement>::sink(emptyBin);
  for (GstElement* element : elements) gst_bin_add(GST_BIN(bin.get()), element);
  GstElement* previous = nullptr;
  for (GstElement* element : elements) {
    if (previous && !gst_element_link(previous, element)) {
      throw Error(Error::Code::Media, std::string("cannot link ") + GST_OBJECT_NAME(previous) +
                                          " to " + GST_OBJECT_NAME(element));
    }
    previous = element;
  }
  addGhostPad(bin.get(), *elements.begin(), "sink");
  addGhostPad(bin.get(), previous, "src");
  GstElement* result = bin.release();
  g_object_force_floating(G_OBJECT(result));
  return result;
}

GstElement* makeCapsFilter(const std::string& caps) {
  GstElement* filter = makeElement("capsfilter");
  const auto parsed = Ref<GstCaps>::adopt(gst_caps_from_string(caps.c_str()));
  g_object_set(filter, "caps", parsed.get(), nullptr);
  return filter;
}

GstElement* makeQuietBin() {
  ensureGStreamer();
  return GST_ELEMENT(g_object_new(quietBinType(), nullptr));
}

void sendForceKeyUnit(GstElement* element, const char* padName) {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element, padName));
  if (!pad) return;
  GstEvent* event = gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0);
  if (GST_PAD_IS_SRC(pad.get())) {
    gst_pad_send_event(pad.get(), event);
  } else {
    gst_pad_push_event(pad.get(), event);
  }
}

}  // namespace cosoup
