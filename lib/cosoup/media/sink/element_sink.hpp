// Sinks that are GStreamer elements: an app's own, a launch line, screen and speakers.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <string>

#include "cosoup/core/export.hpp"
#include "cosoup/media/sink/sink.hpp"

namespace cosoup {

/// Makes the element that a track goes into: floating, or owned by whoever made it, with a sink pad
/// "sink"; null when the track is not wanted. Called on the main context for each track once its
/// codec is known, and again when the codec changes. What it throws is told by `Sink::failed`.
using MakeSinkElement = std::function<GstElement*(const TrackOrigin& origin, MediaKind kind)>;

/// Each track runs into an element of its own, in a pipeline of its own: as it came when the
/// element takes that, else decoded and converted to what the element takes; a track of a kind that
/// it does not take is ignored. Video begins with a key frame. Decoded pictures stand upright; an
/// element that takes encoded ones is told how they stand by the tag image-orientation. Buffers are
/// due so long after they were sent as frames may come late (ConsumeOptions::latency; 300 ms where
/// nothing is known), audio and video in sync. Lost audio that is decoded is made up, by what the
/// codec has for that. When a track goes, the element is sent its end of stream and has 3 s to
/// handle it. An element that fails is told by `Sink::failed`; the other tracks go on.
COSOUP_API std::shared_ptr<Sink> makeElementSink(MakeSinkElement make);

/// A GStreamer bin description with exactly one unlinked sink pad, for example "videoconvert !
/// ximagesink" or "queue ! matroskamux ! filesink location=a.mkv"; one instance for each track.
/// Descriptions are code: never take one from a server. Throws Error(Media) when it is none.
COSOUP_API std::shared_ptr<Sink> makeLaunchSink(std::string description);

/// Shows and plays on the system's default screen and speakers.
COSOUP_API std::shared_ptr<Sink> makePlaySink();

}  // namespace cosoup
