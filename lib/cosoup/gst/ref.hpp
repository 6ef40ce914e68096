// Ref<T> for GStreamer's types, and the start of GStreamer.
#pragma once

#include <gst/gst.h>

#include "cosoup/core/export.hpp"
#include "cosoup/glib/ref.hpp"

namespace cosoup {

COSOUP_REF(GstBuffer, gst_buffer_ref, gst_buffer_unref);
COSOUP_REF(GstBus, gst_object_ref, gst_object_unref);
COSOUP_REF(GstCaps, gst_caps_ref, gst_caps_unref);
COSOUP_REF(GstClock, gst_object_ref, gst_object_unref);
COSOUP_REF(GstElement, gst_object_ref, gst_object_unref);
COSOUP_REF(GstMessage, gst_message_ref, gst_message_unref);
COSOUP_REF(GstPad, gst_object_ref, gst_object_unref);
COSOUP_REF(GstSample, gst_sample_ref, gst_sample_unref);

/// gst_init() on the first call. Everything that makes elements calls it.
COSOUP_API void ensureGStreamer();

/// A new element, floating until it is added to a bin. Throws Error(Media) naming the element when
/// its plugin is not installed.
COSOUP_API GstElement* makeElement(const char* factory, const char* name = nullptr);

/// Whether the element comes from that factory.
COSOUP_API bool isMadeBy(GstElement* element, const char* factory);

}  // namespace cosoup
