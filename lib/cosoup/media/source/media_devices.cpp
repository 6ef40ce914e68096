#include "cosoup/media/source/media_devices.hpp"

#include "cosoup/core/taken.hpp"
#include "cosoup/glib/thread.hpp"
#include "cosoup/media/source/device_lookup.hpp"

namespace cosoup {
namespace {

std::string textOf(const GstStructure* properties, const char* key) {
  const char* text = properties ? gst_structure_get_string(properties, key) : nullptr;
  return text ? text : "";
}

// Every provider names its devices in its own words.
std::string idOf(const GstStructure* properties, const std::string& otherwise) {
  for (const char* key : {"device.path", "api.v4l2.path", "node.name", "device.id", "device.strid",
                          "avf.unique_id"}) {
    if (std::string id = textOf(properties, key); !id.empty()) return id;
  }
  return otherwise;
}

MediaDevice describe(GstDevice* device, MediaKind kind) {
  MediaDevice described;
  described.kind = kind;
  described.name = taken(gst_device_get_display_name(device));
  GstStructure* properties = gst_device_get_properties(device);
  described.id = idOf(properties, described.name);
  gboolean isDefault = FALSE;
  if (properties) gst_structure_get_boolean(properties, "is-default", &isDefault);
  described.isDefault = isDefault;
  if (properties) gst_structure_free(properties);
  if (const auto caps = Ref<GstCaps>::adopt(gst_device_get_caps(device))) {
    described.caps = taken(gst_caps_to_string(caps.get()));
  }
  return described;
}

Task<std::vector<MediaDevice>> describeAll() {
  const auto found = std::make_shared<std::vector<MediaDevice>>();
  std::function<void(GCancellable*)> work = [found](GCancellable*) {
    for (const MediaKind kind : {MediaKind::video, MediaKind::audio}) {
      for (const auto& device : findDevices(kind)) {
        found->push_back(describe(device.get(), kind));
      }
    }
  };
  co_await onThread(std::move(work));
  co_return std::move(*found);
}

}  // namespace

namespace {

Ref<GstDeviceMonitor> makeMonitor(MediaKind kind) {
  ensureGStreamer();
  auto monitor = Ref<GstDeviceMonitor>::adopt(gst_device_monitor_new());
  const char* classes = kind == MediaKind::video ? "Video/Source" : "Audio/Source";
  gst_device_monitor_add_filter(monitor.get(), classes, nullptr);
  return monitor;
}

}  // namespace

std::vector<Ref<GstDevice>> findDevices(MediaKind kind) {
  const auto monitor = makeMonitor(kind);
  std::vector<Ref<GstDevice>> devices;
  const bool started = gst_device_monitor_start(monitor.get());
  GList* list = gst_device_monitor_get_devices(monitor.get());
  for (GList* at = list; at; at = at->next) {
    auto device = Ref<GstDevice>::adopt(static_cast<GstDevice*>(at->data));
    // What is played on a loudspeaker is offered as if it were a microphone.
    const bool isMonitor = gst_device_has_classes(device.get(), "Monitor");
    if (!isMonitor) devices.push_back(std::move(device));
  }
  g_list_free(list);
  if (started) gst_device_monitor_stop(monitor.get());
  return devices;
}

bool canFindDevices(MediaKind kind) {
  char** providers = gst_device_monitor_get_providers(makeMonitor(kind).get());
  const bool any = providers && *providers;
  g_strfreev(providers);
  return any;
}

bool isNamed(GstDevice* device, const std::string& name) {
  const MediaDevice described = describe(device, MediaKind::video);
  return described.id == name || described.name == name;
}

Task<std::vector<MediaDevice>> listDevices() { return describeAll(); }

}  // namespace cosoup
