// Finding devices, blocking. Internal to the media floor.
#pragma once

#include <gst/gst.h>

#include <string>
#include <vector>

#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

COSOUP_REF(GstDevice, gst_object_ref, gst_object_unref);
COSOUP_REF(GstDeviceMonitor, gst_object_ref, gst_object_unref);

/// Cameras or microphones. Asks the system, which may take a while; thread-safe.
std::vector<Ref<GstDevice>> findDevices(MediaKind kind);

/// Whether any provider looks for such devices here: then none found means that there is none.
bool canFindDevices(MediaKind kind);

/// Whether this is the device's id or name; see MediaDevice.
bool isNamed(GstDevice* device, const std::string& name);

}  // namespace cosoup
