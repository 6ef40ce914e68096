// TrackOutput: from the RTP packets of one received stream to its Track. Internal.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>

#include "cosoup/media/rtp/received_headers.hpp"
#include "cosoup/media/track.hpp"

namespace cosoup {

/// A bin with a "sink" pad for application/x-rtp that never refuses a buffer: depayloads into the
/// track while the track has receivers and drops the packets while it has none. Floating. Times are
/// those of the pipeline that it is put into, and never go back; what is lost before a frame is by
/// the events GstRTPPacketLost, as rtpjitterbuffer has them; the rotation of the frames is that
/// of `headers`, which read all packets, the dropped ones, too (null: nobody reads them). Throws
/// Error(Unsupported). Thread-safe.
GstElement* makeTrackOutput(const std::string& mimeType, std::shared_ptr<Track> track,
                            const std::shared_ptr<ReceivedHeaders>& headers = nullptr);

}  // namespace cosoup
