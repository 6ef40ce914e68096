// How a picture stands, in GStreamer's tags and along with buffers. Internal to the media floor.
#pragma once

#include <gst/gst.h>

#include <optional>

namespace cosoup {

/// What the tag image-orientation says.
struct Orientation {
  int rotation = 0;       ///< by how many degrees the picture is to be turned clockwise
  bool mirrored = false;  ///< and mirrored before that

  bool isUpright() const { return rotation == 0 && !mirrored; }
};

/// Nothing where the tags do not say.
std::optional<Orientation> orientationIn(const GstTagList* tags);
/// Of an event that has tags.
std::optional<Orientation> orientationIn(GstEvent* event);
/// As the tags say that have passed the pad; upright where they do not.
Orientation orientationOn(GstPad* pad);

/// Puts the rotation on a writable buffer, where the payloader and tagRotations() find it; encoders
/// and decoders do not hand it on.
void setRotation(GstBuffer* buffer, int rotation);
/// 0 where there is none.
int rotationOf(const GstBuffer* buffer);

/// What is behind the source pad is told the rotation of the buffers that pass as it changes, in
/// tags.
void tagRotations(GstPad* pad);

/// The tag event of a rotation.
GstEvent* makeRotationEvent(int rotation);

/// Turns raw pictures as tags say, in stream; takes and gives any format. Floating.
GstElement* makeTurner();

}  // namespace cosoup
