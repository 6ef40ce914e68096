// From access units to RTP packets and back. Internal.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <optional>
#include <string>

#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/playout_delay.hpp"

namespace cosoup {

/// An element with pads "sink" (encoded frames of the codec, whole access units, caps as of
/// encodedCaps()) and "src" (RTP with this payload type and SSRC, packets of at most 1200 bytes),
/// floating. Nothing in it delays. A frame that is none of the codec is dropped. Key frame requests
/// pass through upstream. Throws Error(Unsupported) for a codec that has no payloader here.
/// Thread-safe.
GstElement* makePayloader(const RtpCodecParameters& codec, std::uint32_t ssrc);

/// Whether addHeaderExtension() takes it. Thread-safe.
bool canWriteHeaderExtension(GstElement* payloader, const std::string& uri);

/// Makes the payloader write a header extension; `id` 1 … 14. `value` is the text of the extensions
/// that carry one (mid, rid). To be called before the payloader runs. Throws Error(Unsupported) for
/// an extension that nobody here can write. Thread-safe.
///
/// abs-send-time is written when a packet leaves the payloader: what is behind it must not queue.
/// video-orientation is that of the frames (setRotation()); it, abs-capture-time and playout-delay
/// are in some packets only.
void addHeaderExtension(GstElement* payloader, const std::string& uri, std::uint8_t id,
                        const std::string& value = "");

/// Whether the times of the frames are those of their capture, so that abs-capture-time is written,
/// by the clock of all pipelines; at first they are not. Thread-safe, as is the next one.
void setCaptured(GstElement* payloader, bool captured);
/// What playout-delay says; absent: it is not written. Throws Error(InvalidArgument).
void setPlayoutDelay(GstElement* payloader, const std::optional<PlayoutDelay>& delay);

/// A bin of pads "sink" (application/x-rtp of one stream) and "src" (encoded frames, one access
/// unit per buffer, caps as of encodedCaps()), floating. It accepts every buffer: packets that are
/// corrupt or make no sense are dropped, without an error message and without an error upstream.
/// What is behind it may fail or be missing; it accepts even then. After a loss it asks upstream
/// for a key frame. Throws Error(Unsupported).
/// Thread-safe.
GstElement* makeDepayloader(const std::string& mimeType);

}  // namespace cosoup
