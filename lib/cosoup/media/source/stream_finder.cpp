#include "cosoup/media/source/stream_finder.hpp"

#include <optional>
#include <string_view>

#include "cosoup/gst/parent_state.hpp"
#include "cosoup/gst/probe.hpp"
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/rotation.hpp"
#include "cosoup/media/source/h264_order.hpp"

namespace cosoup {
namespace {

/// Shared with the callbacks of decodebin, which come on streaming threads.
struct Finder {
  std::shared_ptr<StreamSet> streams;
  Ref<GstCaps> accepted;  // without stream-format and alignment: parsers can change those
  bool takesRotated;
  bool paced;
};

GstElement* makeFinder(const char* factory, const Finder& finder);

Ref<GstCaps> withoutForms(const Ref<GstCaps>& accepted) {
  auto caps = withoutRotation(accepted);
  for (guint i = 0; i < gst_caps_get_size(caps.get()); ++i) {
    gst_structure_remove_fields(gst_caps_get_structure(caps.get(), i), "stream-format", "alignment",
                                nullptr);
  }
  return caps;
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
  // A container often does not say the profile; then the parser, which is tried next, will.
  if (lacksProfile(caps) && hasParser(caps)) return TRUE;
  if (!saysOrder(caps)) return !hasParser(caps);  // as it is, for a second look
  return mayReorder(caps);
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

// A form in which the caps hold the parameter sets, and a second finder that looks at those.
std::vector<GstElement*> makeSecondLook(const Finder& finder) {
  finder.streams->expectFinder();
  return {makeElement("h264parse"), makeCapsFilter("video/x-h264, stream-format=avc, alignment=au"),
          makeFinder("decodebin", finder)};
}

// Which way an encoded picture goes is seen from its tags, which come after the pad and before the
// first frame; its sink is there already, so that the pipeline waits for it.
struct Undecided {
  std::string mimeType;
  bool takesRotated;
  GstElement* sink;  // of the bin
};

void onDecoded(GstElement*, GstPad* pad, gpointer turner) {
  const auto target =
      Ref<GstPad>::adopt(gst_element_get_static_pad(static_cast<GstElement*>(turner), "sink"));
  if (!gst_pad_is_linked(target.get())) gst_pad_link(pad, target.get());
}

void linkRow(GstBin* bin, GstPad* pad, const std::vector<GstElement*>& row) {
  GstElement* previous = nullptr;
  for (GstElement* element : row) previous = link(bin, previous, pad, element);
  for (auto element = row.rbegin(); element != row.rend(); ++element) {
    syncStateWithParent(*element);
  }
}

void linkDecoded(GstBin* bin, GstPad* pad, GstElement* sink) {
  GstElement* turner = makeTurner();
  gst_bin_add(bin, turner);
  gst_element_link(turner, sink);
  syncStateWithParent(turner);
  GstElement* decoder = makeElement("decodebin");
  g_signal_connect(decoder, "pad-added", G_CALLBACK(&onDecoded), turner);
  linkRow(bin, pad, {decoder});
}

GstPadProbeReturn decide(GstPad* pad, GstPadProbeInfo* info, const Undecided& undecided) {
  const bool isFrame = info->type & (GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
  if (!isFrame && GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_EOS) {
    return GST_PAD_PROBE_OK;
  }
  const auto parent =
      Ref<GstElement>::adopt(GST_ELEMENT(gst_object_get_parent(GST_OBJECT(undecided.sink))));
  if (!parent) return GST_PAD_PROBE_REMOVE;
  auto* bin = GST_BIN(parent.get());
  const Orientation orientation = orientationOn(pad);
  // A mirror image is none that receivers could be told of: browsers do not look at that bit.
  const bool fits = undecided.takesRotated && !orientation.mirrored;
  if (!orientation.isUpright() && !fits) {
    linkDecoded(bin, pad, undecided.sink);
  } else {
    std::vector<GstElement*> row;
    if (isFrame) row = makeTidyElements(undecided.mimeType);
    linkRow(bin, pad, row);
    const auto last = row.empty()
                          ? Ref<GstPad>::share(pad)
                          : Ref<GstPad>::adopt(gst_element_get_static_pad(row.back(), "src"));
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(undecided.sink, "sink"));
    gst_pad_link(last.get(), sink.get());
  }
  return GST_PAD_PROBE_REMOVE;
}

void decideLater(GstBin* bin, GstPad* pad, Undecided undecided) {
  gst_bin_add(bin, undecided.sink);
  syncStateWithParent(undecided.sink);
  const auto data =
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST |
                                   GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM);
  addProbe(pad, data, [undecided = std::move(undecided)](GstPad* own, GstPadProbeInfo* info) {
    return decide(own, info, undecided);
  });
}

/// For what is not decided later.
std::vector<GstElement*> makeTail(const Finder& finder, GstCaps* caps) {
  const std::optional<MediaKind> kind = mediaKindOf(caps);
  const std::optional<std::string> mimeType = mimeTypeOf(caps);
  if (!kind || (!mimeType && !isRaw(caps))) {
    GstElement* ignored = makeElement("fakesink");
    g_object_set(ignored, "async", FALSE, "sync", FALSE, nullptr);
    return {ignored};
  }
  if (!saysOrder(caps)) return makeSecondLook(finder);
  std::vector<GstElement*> tail;
  if (mimeType) tail = makeTidyElements(*mimeType);
  if (!mimeType && *kind == MediaKind::video) tail.push_back(makeTurner());
  tail.push_back(FrameTap::makeAppSink(finder.streams->add(*kind), finder.paced));
  return tail;
}

void onPad(GstElement* decodebin, GstPad* pad, gpointer data) {
  const auto parent =
      Ref<GstElement>::adopt(GST_ELEMENT(gst_object_get_parent(GST_OBJECT(decodebin))));
  if (!parent) return;
  const auto& finder = *static_cast<Finder*>(data);
  const Ref<GstCaps> caps = capsOf(pad);
  const std::optional<std::string> mimeType = mimeTypeOf(caps.get());
  if (mimeType && mediaKindOf(caps.get()) == MediaKind::video && saysOrder(caps.get())) {
    const auto tap = finder.streams->add(MediaKind::video);
    decideLater(GST_BIN(parent.get()), pad,
                {*mimeType, finder.takesRotated, FrameTap::makeAppSink(tap, finder.paced)});
    return;
  }
  linkRow(GST_BIN(parent.get()), pad, makeTail(finder, caps.get()));
}

void onNoMorePads(GstElement*, gpointer data) { static_cast<Finder*>(data)->streams->complete(); }

template <class Callback>
void connectTo(GstElement* element, const char* signal, Callback callback, const Finder& finder) {
  g_signal_connect_data(
      element, signal, G_CALLBACK(callback), new Finder(finder),
      [](gpointer data, GClosure*) { delete static_cast<Finder*>(data); },
      static_cast<GConnectFlags>(0));
}

GstElement* makeFinder(const char* factory, const Finder& finder) {
  GstElement* decodebin = makeElement(factory);
  connectTo(decodebin, "autoplug-continue", &onContinue, finder);
  connectTo(decodebin, "pad-added", &onPad, finder);
  connectTo(decodebin, "no-more-pads", &onNoMorePads, finder);
  return decodebin;
}

GstElement* addFinder(const char* factory, GstBin* bin, Finder finder) {
  finder.takesRotated = takesRotated(finder.accepted.get());
  finder.accepted = withoutForms(finder.accepted);
  GstElement* decodebin = makeFinder(factory, finder);
  gst_bin_add(bin, decodebin);
  return decodebin;
}

}  // namespace

GstElement* addStreamFinder(GstBin* pipeline, std::shared_ptr<StreamSet> streams,
                            Ref<GstCaps> accepted, bool paced) {
  return addFinder("decodebin", pipeline,
                   Finder{std::move(streams), std::move(accepted), false, paced});
}

GstElement* addUriStreamFinder(GstBin* pipeline, std::shared_ptr<StreamSet> streams,
                               Ref<GstCaps> accepted) {
  return addFinder("uridecodebin", pipeline,
                   Finder{std::move(streams), std::move(accepted), false, true});
}

}  // namespace cosoup
