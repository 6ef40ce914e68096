// The end of a pipeline in a Track. Internal to the media floor.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>

#include "cosoup/media/track.hpp"

namespace cosoup {

/// Says what the pipeline does not know of a frame, on a streaming thread.
using CompleteFrame = std::function<void(Frame& frame)>;

/// An appsink, floating, that delivers its buffers into the track, unpaced; their times never go
/// back. GAP events of missing data become Frame::lost. Thread-safe.
GstElement* makeTrackSink(std::shared_ptr<Track> track, CompleteFrame complete = {});

}  // namespace cosoup
