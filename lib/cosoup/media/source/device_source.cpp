// Cameras and microphones.
#include "cosoup/glib/thread.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/source/device_lookup.hpp"
#include "cosoup/media/source/media_devices.hpp"
#include "cosoup/media/source/pipeline_source.hpp"
#include "cosoup/media/source/stream_finder.hpp"

namespace cosoup {
namespace {

/// What of a device is wanted.
struct DeviceQuery {
  MediaKind kind;
  std::string name;  // empty: the default one

  std::string title() const {
    const std::string what = kind == MediaKind::video ? "camera" : "microphone";
    return name.empty() ? what : what + " '" + name + "'";
  }
};

/// What the helper thread has found.
struct Found {
  Found() = default;
  Found(const Found&) = delete;
  Found& operator=(const Found&) = delete;
  /// An element that nobody takes over must not keep its device.
  ~Found() {
    if (element) gst_element_set_state(element.get(), GST_STATE_NULL);
  }

  Ref<GstElement> element;
  std::string reason;
};

// Where GStreamer finds nothing it gives a test picture or silence, which nobody wants to send.
bool isStandIn(GstElement* autoSource) {
  GstIterator* children = gst_bin_iterate_sources(GST_BIN(autoSource));
  GValue value = G_VALUE_INIT;
  bool real = false;
  while (gst_iterator_next(children, &value) == GST_ITERATOR_OK) {
    auto* child = GST_ELEMENT(g_value_get_object(&value));
    const std::string_view factory = GST_OBJECT_NAME(gst_element_get_factory(child));
    real = factory != "videotestsrc" && factory != "audiotestsrc" && factory != "fakesrc";
    g_value_reset(&value);
  }
  g_value_unset(&value);
  gst_iterator_free(children);
  return !real;
}

void findDefault(MediaKind kind, Found& found) {
  if (canFindDevices(kind) && findDevices(kind).empty()) {
    found.reason = "this machine has none";
    return;
  }
  const char* factory = kind == MediaKind::video ? "autovideosrc" : "autoaudiosrc";
  GstElement* made = gst_element_factory_make(factory, nullptr);
  if (!made) {
    found.reason = std::string("GStreamer element '") + factory + "' is not installed";
    return;
  }
  auto element = Ref<GstElement>::sink(made);
  const bool ready = gst_element_set_state(made, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE;
  if (ready && !isStandIn(made)) {
    found.element = std::move(element);
    return;
  }
  gst_element_set_state(made, GST_STATE_NULL);
  found.reason = "this machine has none that GStreamer can open";
}

void findNamed(const DeviceQuery& query, Found& found) {
  for (const auto& device : findDevices(query.kind)) {
    if (!isNamed(device.get(), query.name)) continue;
    GstElement* made = gst_device_create_element(device.get(), nullptr);
    if (made) found.element = Ref<GstElement>::sink(made);
    if (!made) found.reason = "there is no element for it";
    return;
  }
  found.reason = "there is no such device";
}

class DeviceSource : public PipelineSource {
 public:
  DeviceSource(DeviceQuery query, std::string caps)
      : PipelineSource(query.title()), query_(std::move(query)), caps_(std::move(caps)) {}

  ~DeviceSource() override {
    if (element_) stopOnThread(element_.get());
  }

 private:
  Task<> prepare() override {
    const auto self = shared_from_this();
    const auto found = std::make_shared<Found>();
    std::function<void(GCancellable*)> work = [query = query_, found](GCancellable*) {
      if (query.name.empty()) {
        findDefault(query.kind, *found);
      } else {
        findNamed(query, *found);
      }
    };
    co_await onThread(std::move(work));
    if (!found->element) {
      throw Error(Error::Code::Media, "open " + title() + ": " + found->reason);
    }
    element_ = std::move(found->element);
  }

  void build(Pipeline& pipeline, std::shared_ptr<StreamSet> streams,
             Ref<GstCaps> accepted) override {
    GstElement* source = pipeline.add(element_.get());
    element_.reset();
    GstElement* filter = pipeline.add(makeCapsFilter(caps_));
    // A device paces itself; waiting once more would only add latency.
    GstElement* finder =
        addStreamFinder(pipeline.bin(), std::move(streams), std::move(accepted), false);
    if (!gst_element_link_many(source, filter, finder, nullptr)) {
      throw Error(Error::Code::Media, "open " + title() + ": it gives nothing that can be sent");
    }
  }

  const DeviceQuery query_;
  const std::string caps_;  // in order of preference
  Ref<GstElement> element_;
};

// Small pictures come raw, large ones often only as JPEG or H264.
std::string cameraCaps(const CameraOptions& options) {
  const std::string size = ", width=(int)" + std::to_string(options.width) + ", height=(int)" +
                           std::to_string(options.height);
  const std::string wish =
      size + ", framerate=(fraction)" + std::to_string(options.framerate) + "/1";
  std::string caps;
  for (const std::string& fields : {wish, size, std::string()}) {
    for (const char* format : {"video/x-raw", "image/jpeg", "video/x-h264"}) {
      caps += (caps.empty() ? "" : "; ") + std::string(format) + fields;
    }
  }
  return caps;
}

}  // namespace

std::shared_ptr<Source> makeCameraSource(CameraOptions options) {
  DeviceQuery query{MediaKind::video, options.device};
  return std::make_shared<DeviceSource>(std::move(query), cameraCaps(options));
}

std::shared_ptr<Source> makeMicrophoneSource(MicrophoneOptions options) {
  DeviceQuery query{MediaKind::audio, std::move(options.device)};
  return std::make_shared<DeviceSource>(std::move(query), "audio/x-raw");
}

}  // namespace cosoup
