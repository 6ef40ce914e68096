// The same codec in mediasoup's words and in GStreamer's caps. Internal.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>

#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

/// The caps of frames of this codec, for Source::open(): which encoded streams may be sent as this
/// codec without transcoding. H264 is constrained to the profiles that the parameters allow; levels
/// are not compared, since encoders over-state them. Null for a codec unknown here, and for rtx.
/// Thread-safe, as all of these.
Ref<GstCaps> encodedCaps(const RtpCodecCapability& codec);
Ref<GstCaps> encodedCaps(const RtpCodecParameters& codec);

/// The union over all audio and video codecs of the capabilities; empty caps when there are none.
/// Where they have the extension video-orientation, video has a field `rotation`.
Ref<GstCaps> encodedCaps(const RtpCapabilities& capabilities);

/// Whether encoded pictures that are not upright are accepted, too: the field `rotation`.
bool takesRotated(const GstCaps* accepted);
/// The same caps, for comparing with those of streams, which have no such field.
Ref<GstCaps> withoutRotation(const Ref<GstCaps>& accepted);

/// "video/VP8" for video/x-vp8 and so on, in mediasoup's spelling; nothing for raw and unknown
/// caps.
std::optional<std::string> mimeTypeOf(const GstCaps* caps);

/// Audio or video, by the name of the caps; nothing for anything else.
std::optional<MediaKind> mediaKindOf(const GstCaps* caps);

/// Whether the codec has profiles and the caps do not say which; a parser finds out. Thread-safe.
bool lacksProfile(const GstCaps* caps);

/// Whether the caps are of decoded audio or video.
bool isRaw(const GstCaps* caps);

/// Whether the buffer can be decoded without an earlier one. Audio always can.
bool isKeyFrame(GstBuffer* buffer);

}  // namespace cosoup
