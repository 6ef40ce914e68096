// Finds the audio and video streams behind a pad: passes on what is accepted as it is, decodes the
// rest. Internal to the media floor.
#pragma once

#include <gst/gst.h>

#include <memory>

#include "cosoup/media/source/pipeline_source.hpp"

namespace cosoup {

/// Adds a decodebin to the pipeline, also to one that runs, and gives it back; link to its pad
/// "sink". Each stream that it finds goes to a tap of its own, which waits until frames are due if
/// `paced`.
GstElement* addStreamFinder(GstBin* pipeline, std::shared_ptr<StreamSet> streams,
                            Ref<GstCaps> accepted, bool paced = true);

/// The same with a uridecodebin, whose "uri" is still to be set.
GstElement* addUriStreamFinder(GstBin* pipeline, std::shared_ptr<StreamSet> streams,
                               Ref<GstCaps> accepted);

}  // namespace cosoup
