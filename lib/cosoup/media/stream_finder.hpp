// Finds the audio and video streams behind a pad: passes on what is accepted as it is, decodes the
// rest. Internal to the media floor.
#pragma once

#include <gst/gst.h>

#include <memory>

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/media/pipeline_source.hpp"

namespace cosoup {

/// Adds a decodebin to the pipeline and gives it back; link to its pad "sink". Each stream that it
/// finds goes to a tap of its own.
GstElement* addStreamFinder(Pipeline& pipeline, std::shared_ptr<StreamSet> streams,
                            Ref<GstCaps> accepted);

}  // namespace cosoup
