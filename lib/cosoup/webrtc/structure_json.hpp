// A GstStructure as JSON: how GStreamer gives its statistics. Internal.
#pragma once

#include <gst/gst.h>

#include "cosoup/core/json.hpp"

namespace cosoup {

/// An object of the structure's fields, enumerations by their nicks. A field of any type but
/// numbers, booleans, texts, enumerations, structures and lists of these is left out.
Json toJson(const GstStructure* structure);

}  // namespace cosoup
