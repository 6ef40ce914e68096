#include "cosoup/gst/parent_state.hpp"
#include "cosoup/gst/pipeline.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/source/pipeline_source.hpp"
#include "cosoup/media/source/stream_finder.hpp"

namespace cosoup {
namespace {

/// Shared with the element's callbacks, which may come on streaming threads.
struct Wanted {
  std::shared_ptr<StreamSet> streams;
  Ref<GstCaps> accepted;
};

void takePad(GstElement* element, GstPad* pad, const Wanted& wanted) {
  const auto bin = Ref<GstElement>::adopt(GST_ELEMENT(gst_object_get_parent(GST_OBJECT(element))));
  if (!bin || GST_PAD_IS_SINK(pad) || gst_pad_is_linked(pad)) return;
  wanted.streams->expectFinder();
  GstElement* finder = addStreamFinder(GST_BIN(bin.get()), wanted.streams, wanted.accepted);
  const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(finder, "sink"));
  gst_pad_link(pad, sink.get());
  syncStateWithParent(finder);
}

void onPadAdded(GstElement* element, GstPad* pad, gpointer data) {
  takePad(element, pad, *static_cast<Wanted*>(data));
}

void onNoMorePads(GstElement*, gpointer data) { static_cast<Wanted*>(data)->streams->complete(); }

gboolean takeExistingPad(GstElement* element, GstPad* pad, gpointer data) {
  takePad(element, pad, *static_cast<Wanted*>(data));
  return TRUE;
}

bool getsPadsLater(GstElement* element) {
  GList* templates = gst_element_get_pad_template_list(element);
  for (GList* at = templates; at; at = at->next) {
    auto* shape = static_cast<GstPadTemplate*>(at->data);
    if (GST_PAD_TEMPLATE_DIRECTION(shape) == GST_PAD_SRC &&
        GST_PAD_TEMPLATE_PRESENCE(shape) == GST_PAD_SOMETIMES) {
      return true;
    }
  }
  return false;
}

// Of a bin that shows no pads, what is left open inside.
void showPads(GstElement* element) {
  if (!GST_IS_BIN(element) || element->numsrcpads > 0) return;
  while (GstPad* found = gst_bin_find_unlinked_pad(GST_BIN(element), GST_PAD_SRC)) {
    const auto pad = Ref<GstPad>::adopt(found);
    gst_element_add_pad(element, gst_ghost_pad_new(nullptr, pad.get()));
  }
}

class ElementSource : public PipelineSource {
 public:
  explicit ElementSource(Ref<GstElement> element)
      : PipelineSource(titleOf(element)), element_(std::move(element)) {}

  ~ElementSource() override { letGo(); }

  Task<> close() override {
    const auto self = shared_from_this();
    co_await PipelineSource::close();
    letGo();
  }

 private:
  static std::string titleOf(const Ref<GstElement>& element) {
    return "element '" + std::string(element ? GST_OBJECT_NAME(element.get()) : "null") + "'";
  }

  void build(Pipeline& pipeline, std::shared_ptr<StreamSet> streams,
             Ref<GstCaps> accepted) override {
    if (!element_) throw Error(Error::Code::InvalidArgument, "open element: it is null");
    const auto parent =
        Ref<GstElement>::adopt(GST_ELEMENT(gst_object_get_parent(GST_OBJECT(element_.get()))));
    if (parent) {
      throw Error(Error::Code::InvalidState,
                  "open " + title() + ": it is in '" + GST_OBJECT_NAME(parent.get()) + "' already");
    }
    showPads(element_.get());
    const bool later = getsPadsLater(element_.get());
    if (!later && element_.get()->numsrcpads == 0) {
      throw Error(Error::Code::InvalidArgument, "open " + title() + ": it has no source pad");
    }
    const Wanted wanted{std::move(streams), std::move(accepted)};
    pipeline.add(element_.get());
    held_ = true;
    gst_element_foreach_src_pad(element_.get(), &takeExistingPad, const_cast<Wanted*>(&wanted));
    if (later) {
      listen("pad-added", G_CALLBACK(&onPadAdded), wanted);
      listen("no-more-pads", G_CALLBACK(&onNoMorePads), wanted);
    } else {
      wanted.streams->complete();
    }
  }

  void listen(const char* signal, GCallback callback, const Wanted& wanted) {
    handlers_.push_back(g_signal_connect_data(
        element_.get(), signal, callback, new Wanted(wanted),
        [](gpointer data, GClosure*) { delete static_cast<Wanted*>(data); },
        static_cast<GConnectFlags>(0)));
  }

  void letGo() {
    if (!std::exchange(held_, false)) return;
    for (const gulong handler : handlers_) g_signal_handler_disconnect(element_.get(), handler);
    const auto parent =
        Ref<GstElement>::adopt(GST_ELEMENT(gst_object_get_parent(GST_OBJECT(element_.get()))));
    if (!parent) return;
    gst_bin_remove(GST_BIN(parent.get()), element_.get());
    stopOnThread(element_.get());  // where the source was not closed
  }

  const Ref<GstElement> element_;
  bool held_ = false;
  std::vector<gulong> handlers_;
};

}  // namespace

std::shared_ptr<Source> makeElementSource(Ref<GstElement> element) {
  return std::make_shared<ElementSource>(std::move(element));
}

}  // namespace cosoup
