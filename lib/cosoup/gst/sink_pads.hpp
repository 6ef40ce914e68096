// forEachSinkPad: the sink pads of an element, also those that it does not have yet. Internal.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <utility>

namespace cosoup {

/// Calls the function with each sink pad that the element has, and on whatever thread it gets one
/// with that. Thread-safe.
inline void forEachSinkPad(GstElement* element, std::function<void(GstPad*)> function) {
  using Function = std::function<void(GstPad*)>;
  const auto visit = [](GstElement*, GstPad* pad, gpointer held) -> gboolean {
    (*static_cast<Function*>(held))(pad);
    return TRUE;
  };
  gst_element_foreach_sink_pad(element, visit, &function);
  const auto onAdded = +[](GstElement*, GstPad* pad, gpointer held) {
    if (GST_PAD_DIRECTION(pad) == GST_PAD_SINK) (*static_cast<Function*>(held))(pad);
  };
  g_signal_connect_data(
      element, "pad-added", G_CALLBACK(onAdded), new Function(std::move(function)),
      [](gpointer held, GClosure*) { delete static_cast<Function*>(held); },
      static_cast<GConnectFlags>(0));
}

}  // namespace cosoup
