#include "unit/media/rtp/held_encoder.hpp"

#include <chrono>

#include "cosoup/gst/ref.hpp"

namespace cosoup::test {
namespace {

using namespace std::chrono_literals;

// Longer than anybody here waits for anything else.
constexpr auto kLongest = 20s;

struct Element {
  GstElement parent;
  GstPad* sink;
  GstPad* source;
};
struct ElementClass {
  GstElementClass parentClass;
};

GstStaticPadTemplate sinkTemplate =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/x-raw"));
GstStaticPadTemplate sourceTemplate = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("video/x-h264, stream-format=byte-stream, alignment=au, "
                    "profile=constrained-baseline, level=(string)3.1"));

GstFlowReturn onFrame(GstPad*, GstObject* parent, GstBuffer* frame) {
  HeldEncoder::get().encode();
  return gst_pad_push(reinterpret_cast<Element*>(parent)->source, frame);
}

gboolean onEvent(GstPad* pad, GstObject* parent, GstEvent* event) {
  if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return gst_pad_event_default(pad, parent, event);
  gst_event_unref(event);
  GstPad* source = reinterpret_cast<Element*>(parent)->source;
  GstCaps* caps = gst_pad_get_pad_template_caps(source);
  const gboolean taken = gst_pad_push_event(source, gst_event_new_caps(caps));
  gst_caps_unref(caps);
  return taken;
}

void setProperty(GObject*, guint, const GValue* value, GParamSpec*) {
  HeldEncoder::get().setBitrate(g_value_get_uint(value));
}

void initClass(gpointer klass, gpointer) {
  auto* elementClass = GST_ELEMENT_CLASS(klass);
  gst_element_class_add_static_pad_template(elementClass, &sinkTemplate);
  gst_element_class_add_static_pad_template(elementClass, &sourceTemplate);
  gst_element_class_set_static_metadata(elementClass, "Held", "Codec/Encoder/Video", "Held", "-");
  G_OBJECT_CLASS(klass)->set_property = &setProperty;
  g_object_class_install_property(G_OBJECT_CLASS(klass), 1,
                                  g_param_spec_uint("bitrate", "bitrate", "kbit/s", 0, G_MAXUINT, 0,
                                                    static_cast<GParamFlags>(G_PARAM_WRITABLE)));
}

void init(GTypeInstance* instance, gpointer) {
  auto* element = reinterpret_cast<Element*>(instance);
  element->sink = gst_pad_new_from_static_template(&sinkTemplate, "sink");
  gst_pad_set_chain_function(element->sink, &onFrame);
  gst_pad_set_event_function(element->sink, &onEvent);
  element->source = gst_pad_new_from_static_template(&sourceTemplate, "src");
  gst_pad_use_fixed_caps(element->source);
  gst_element_add_pad(GST_ELEMENT(element), element->sink);
  gst_element_add_pad(GST_ELEMENT(element), element->source);
}

}  // namespace

void HeldEncoder::install() {
  static const bool once = [] {
    ensureGStreamer();
    const GType type = g_type_register_static_simple(
        GST_TYPE_ELEMENT, "CosoupHeldEncoder", sizeof(ElementClass), &initClass, sizeof(Element),
        &init, static_cast<GTypeFlags>(0));
    return gst_element_register(nullptr, kFactory, GST_RANK_NONE, type) != FALSE;
  }();
  static_cast<void>(once);
}

HeldEncoder& HeldEncoder::get() {
  static HeldEncoder encoder;
  return encoder;
}

void HeldEncoder::reset() {
  const std::lock_guard lock(mutex_);
  held_ = false;
  settings_.clear();
}

void HeldEncoder::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void HeldEncoder::release() {
  {
    const std::lock_guard lock(mutex_);
    held_ = false;
  }
  changed_.notify_all();
}

bool HeldEncoder::waitUntilBusy() {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kLongest, [this] { return busy_; });
}

bool HeldEncoder::isBusy() {
  const std::lock_guard lock(mutex_);
  return busy_;
}

std::size_t HeldEncoder::frames() {
  const std::lock_guard lock(mutex_);
  return frames_;
}

std::vector<HeldEncoder::Setting> HeldEncoder::settings() {
  const std::lock_guard lock(mutex_);
  return settings_;
}

void HeldEncoder::encode() {
  std::unique_lock lock(mutex_);
  ++frames_;
  if (!held_) return;
  busy_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, kLongest, [this] { return !held_; });
  busy_ = false;
  changed_.notify_all();
}

void HeldEncoder::setBitrate(unsigned bitrate) {
  std::unique_lock lock(mutex_);
  const bool waited = busy_;
  changed_.wait_for(lock, kLongest / 4, [this] { return !busy_; });
  settings_.push_back(Setting{bitrate, std::this_thread::get_id(), waited});
}

}  // namespace cosoup::test
