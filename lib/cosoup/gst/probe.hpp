// addProbe: a pad probe that is a lambda. Internal.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <utility>

#include "cosoup/gst/ref.hpp"

namespace cosoup {

/// Whatever carries data: single buffers and lists of them.
inline constexpr auto kDataProbe =
    static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);

using PadProbe = std::function<GstPadProbeReturn(GstPad* pad, GstPadProbeInfo* info)>;

/// Runs on the streaming thread, for as long as the pad lives or until the probe says REMOVE; what
/// it has captured is let go of then. Thread-safe.
inline void addProbe(GstPad* pad, GstPadProbeType type, PadProbe probe) {
  gst_pad_add_probe(
      pad, type,
      [](GstPad* where, GstPadProbeInfo* info, gpointer held) {
        return (*static_cast<PadProbe*>(held))(where, info);
      },
      new PadProbe(std::move(probe)), [](gpointer held) { delete static_cast<PadProbe*>(held); });
}

/// Calls a function with the one buffer, or with each of the list; for kDataProbe.
template <class Function>
void forEachBuffer(GstPadProbeInfo* info, Function function) {
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    function(GST_PAD_PROBE_INFO_BUFFER(info));
    return;
  }
  GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
  for (guint i = 0; i < gst_buffer_list_length(list); ++i) function(gst_buffer_list_get(list, i));
}

/// Takes the data out of the probe, and calls a function with the buffer, or with each buffer of
/// the list, which others may share. For kDataProbe; the probe must then return HANDLED.
template <class Function>
void takeEachBuffer(GstPadProbeInfo* info, Function function) {
  gpointer data = std::exchange(info->data, nullptr);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    function(Ref<GstBuffer>::adopt(GST_BUFFER(data)));
    return;
  }
  GstBufferList* list = GST_BUFFER_LIST(data);
  for (guint i = 0; i < gst_buffer_list_length(list); ++i) {
    function(Ref<GstBuffer>::share(gst_buffer_list_get(list, i)));
  }
  gst_buffer_list_unref(list);
}

}  // namespace cosoup
