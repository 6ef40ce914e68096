#include "cosoup/media/stream_finder.hpp"

#include <optional>
#include <string_view>

#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/elements.hpp"

namespace cosoup {
namespace {

/// Shared with the callbacks of decodebin, which come on streaming threads.
struct Finder {
  std::shared_ptr<StreamSet> streams;
  Ref<GstCaps> accepted;  // without stream-format and alignment: parsers can change those
};

Ref<GstCaps> withoutForms(const Ref<GstCaps>& accepted) {
  auto caps = Ref<GstCaps>::adopt(accepted ? gst_caps_copy(accepted.get()) : gst_caps_new_empty());
  for (guint i = 0; i < gst_caps_get_size(caps.get()); ++i) {
    gst_structure_remove_fields(gst_caps_get_structure(caps.get(), i), "stream-format", "alignment",
                                nullptr);
  }
  return caps;
}

// A container often does not say the profile; then the parser, which is tried next, will.
bool needsProfile(GstCaps* caps) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  const std::string_view name = gst_structure_get_name(structure);
  const bool profiled = name == "video/x-h264" || name == "video/x-h265" || name == "video/x-vp9";
  return profiled && !gst_structure_has_field(structure, "profile");
}

bool hasParser(GstCaps* caps) {
  GList* parsers =
      gst_element_factory_list_get_elements(GST_ELEMENT_FACTORY_TYPE_PARSER, GST_RANK_MARGINAL);
  GList* fitting = gst_element_factory_list_filter(parsers, caps, GST_PAD_SINK, FALSE);
  const bool found = fitting != nullptr;
  gst_plugin_feature_list_free(fitting);
  gst_plugin_feature_list_free(parsers);
  return found;
}

// FALSE: expose the pad as it is.
gboolean onContinue(GstElement*, GstPad*, GstCaps* caps, gpointer data) {
  const auto* finder = static_cast<Finder*>(data);
  if (gst_caps_is_any(caps) || gst_caps_is_empty(caps)) return TRUE;
  if (!gst_caps_can_intersect(caps, finder->accepted.get())) return TRUE;
  return needsProfile(caps) && hasParser(caps);
}

Ref<GstCaps> capsOf(GstPad* pad) {
  if (GstCaps* current = gst_pad_get_current_caps(pad)) return Ref<GstCaps>::adopt(current);
  return Ref<GstCaps>::adopt(gst_pad_query_caps(pad, nullptr));
}

GstElement* link(GstBin* pipeline, GstElement* previous, GstPad* pad, GstElement* next) {
  gst_bin_add(pipeline, next);
  if (previous) {
    gst_element_link(previous, next);
  } else {
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(next, "sink"));
    gst_pad_link(pad, sink.get());
  }
  return next;
}

/// What makes one frame of each buffer, with headers out of the way; nothing where the container
/// has done that.
std::vector<GstElement*> makeTidyElements(const std::string& mimeType) {
  std::vector<GstElement*> elements;
  const auto add = [&](const char* factory) {
    if (GstElement* element = gst_element_factory_make(factory, nullptr)) {
      elements.push_back(element);
    }
  };
  if (mimeType == "audio/opus") add("opusparse");
  if (mimeType == "video/H264") add("h264parse");
  if (mimeType == "video/H265") add("h265parse");
  if (elements.empty() || mimeType == "audio/opus") return elements;
  setProperty(elements.front(), "config-interval", "-1");
  const std::string name = mimeType == "video/H264" ? "video/x-h264" : "video/x-h265";
  elements.push_back(makeCapsFilter(name + ", stream-format=byte-stream, alignment=au"));
  return elements;
}

void onPad(GstElement* decodebin, GstPad* pad, gpointer data) {
  const auto* finder = static_cast<Finder*>(data);
  const auto parent =
      Ref<GstElement>::adopt(GST_ELEMENT(gst_object_get_parent(GST_OBJECT(decodebin))));
  if (!parent) return;
  const Ref<GstCaps> caps = capsOf(pad);
  const std::optional<MediaKind> kind = mediaKindOf(caps.get());
  const std::optional<std::string> mimeType = mimeTypeOf(caps.get());
  std::vector<GstElement*> tail;
  GstElement* previous = nullptr;
  if (!kind || (!mimeType && !isRaw(caps.get()))) {
    GstElement* ignored = makeElement("fakesink");
    g_object_set(ignored, "async", FALSE, "sync", FALSE, nullptr);
    tail.push_back(ignored);
  } else {
    if (mimeType) tail = makeTidyElements(*mimeType);
    tail.push_back(FrameTap::makeAppSink(finder->streams->add(*kind), true));
  }
  for (GstElement* element : tail) previous = link(GST_BIN(parent.get()), previous, pad, element);
  for (auto element = tail.rbegin(); element != tail.rend(); ++element) {
    gst_element_sync_state_with_parent(*element);
  }
}

void onNoMorePads(GstElement*, gpointer data) { static_cast<Finder*>(data)->streams->complete(); }

template <class Callback>
void connectTo(GstElement* element, const char* signal, Callback callback, const Finder& finder) {
  g_signal_connect_data(
      element, signal, G_CALLBACK(callback), new Finder(finder),
      [](gpointer data, GClosure*) { delete static_cast<Finder*>(data); },
      static_cast<GConnectFlags>(0));
}

}  // namespace

GstElement* addStreamFinder(Pipeline& pipeline, std::shared_ptr<StreamSet> streams,
                            Ref<GstCaps> accepted) {
  GstElement* decodebin = pipeline.add(makeElement("decodebin"));
  const Finder finder{std::move(streams), withoutForms(accepted)};
  connectTo(decodebin, "autoplug-continue", &onContinue, finder);
  connectTo(decodebin, "pad-added", &onPad, finder);
  connectTo(decodebin, "no-more-pads", &onNoMorePads, finder);
  return decodebin;
}

}  // namespace cosoup
