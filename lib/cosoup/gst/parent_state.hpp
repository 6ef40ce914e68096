// syncStateWithParent: brings an element that joins a running pipeline into its state. Internal.
#pragma once

#include <gst/gst.h>

#include "cosoup/core/export.hpp"

namespace cosoup {

/// As gst_element_sync_state_with_parent(), but right also while another thread changes the state
/// of the parent: GStreamer's own reads that state first and sets it then, and where the parent has
/// moved on in between, the element is left behind in a state that nobody corrects: an encoder that
/// stays in NULL, or one that runs on in a pipeline that has stopped. Blocks for as long as the
/// element needs. Thread-safe; an element without a parent is left as it is.
COSOUP_API void syncStateWithParent(GstElement* element);

}  // namespace cosoup
