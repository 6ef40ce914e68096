// The rotation of pictures in the headers of files, where GStreamer's muxers (up to 1.26 at least)
// write none. Internal to the media floor.
#pragma once

#include <gst/gst.h>

#include <vector>

#include "cosoup/gst/ref.hpp"

namespace cosoup {

/// Caps of a video stream with which matroskamux leaves room for writeMatroskaRotations().
Ref<GstCaps> withRoomForRotation(const Ref<GstCaps>& caps);

/// Writes a ProjectionPoseRoll (RFC 9559, section 5.1.4.1.28.46) for each of the streams with such
/// caps, in their order, into what leaves this pad of a matroskamux or webmmux. `rotations` in
/// degrees clockwise.
void writeMatroskaRotations(GstPad* pad, std::vector<int> rotations);

/// Writes the matrices of the track headers (ISO/IEC 14496-12, section 8.3.2) into what leaves this
/// pad of an mp4mux; `rotations` of all video streams, in their order.
void writeMp4Rotations(GstPad* pad, std::vector<int> rotations);

}  // namespace cosoup
