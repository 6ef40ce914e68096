// GStreamer launch lines. Internal to the media floor.
#pragma once

#include <gst/gst.h>

#include <string>

namespace cosoup {

/// The bin that the line describes, floating; null, with the reason, when it describes none.
GstElement* parseLaunchLine(const std::string& description, std::string& reason);

/// The line as errors show it.
std::string shortenedLaunchLine(const std::string& description);

}  // namespace cosoup
