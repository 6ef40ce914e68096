#include <array>

#include "cosoup/glib/thread.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/source/media_devices.hpp"
#include "cosoup/media/source/pipeline_source.hpp"

namespace cosoup {
namespace {

struct Capture {
  const char* factory;
  const char* pointer;  // the property that shows the mouse
  Property own;
};

constexpr std::array captures = {
    Capture{"d3d11screencapturesrc", "show-cursor", {"monitor-index", "-1"}},
    Capture{"avfvideosrc", "capture-screen-cursor", {"capture-screen", "true"}},
    // Damage reports of X cost more than they save, and stop a still screen's frames.
    Capture{"ximagesrc", "show-pointer", {"use-damage", "false"}},
};

/// What the helper thread has found.
struct Found {
  Ref<GstElement> element;
  std::string reason;
};

std::string errorFrom(GstBus* bus) {
  const auto message = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR));
  return message ? describe(message.get()) : "it cannot be opened";
}

// The first one that opens: which one is right depends on where the program runs.
void findCapture(const ScreenOptions& options, Found& found) {
  ensureGStreamer();
  for (const Capture& capture : captures) {
    GstElement* made = gst_element_factory_make(capture.factory, nullptr);
    if (!made) continue;
    auto element = Ref<GstElement>::sink(made);
    setProperties(made, {capture.own, {capture.pointer, options.pointer ? "true" : "false"}});
    if (!options.display.empty()) setProperty(made, "display-name", options.display);
    const auto bus = Ref<GstBus>::adopt(gst_bus_new());
    gst_element_set_bus(made, bus.get());
    // Only then does it open the screen.
    const bool opens = gst_element_set_state(made, GST_STATE_PAUSED) != GST_STATE_CHANGE_FAILURE;
    gst_element_set_state(made, GST_STATE_NULL);
    gst_element_set_bus(made, nullptr);
    if (opens) {
      found.element = std::move(element);
      return;
    }
    found.reason += (found.reason.empty() ? "" : "; ") + errorFrom(bus.get());
  }
  if (found.reason.empty()) found.reason = "no GStreamer element that takes a screen is installed";
}

class ScreenSource : public PipelineSource {
 public:
  explicit ScreenSource(ScreenOptions options)
      : PipelineSource("screen"), options_(std::move(options)) {}

 private:
  Task<> prepare() override {
    const auto self = shared_from_this();
    if (options_.framerate <= 0) {
      throw Error(Error::Code::InvalidArgument, "open screen: frame rate out of range");
    }
    const auto found = std::make_shared<Found>();
    std::function<void(GCancellable*)> work = [options = options_, found](GCancellable*) {
      findCapture(options, *found);
    };
    co_await onThread(std::move(work));
    if (!found->element) throw Error(Error::Code::Media, "open screen: " + found->reason);
    element_ = found->element;
  }

  void build(Pipeline& pipeline, std::shared_ptr<StreamSet> streams, Ref<GstCaps>) override {
    GstElement* source = pipeline.add(element_.get());
    element_.reset();
    GstElement* filter = pipeline.add(makeCapsFilter("video/x-raw, framerate=(fraction)" +
                                                     std::to_string(options_.framerate) + "/1"));
    GstElement* sink = pipeline.add(FrameTap::makeAppSink(streams->add(MediaKind::video), false));
    streams->complete();
    if (!gst_element_link_many(source, filter, sink, nullptr)) {
      throw Error(Error::Code::Media, "open screen: it gives no raw picture");
    }
  }

  const ScreenOptions options_;
  Ref<GstElement> element_;
};

}  // namespace

std::shared_ptr<Source> makeScreenSource(ScreenOptions options) {
  return std::make_shared<ScreenSource>(std::move(options));
}

}  // namespace cosoup
