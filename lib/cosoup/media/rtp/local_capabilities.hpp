// What this machine's GStreamer can send and receive, in mediasoup's words. Internal.
#pragma once

#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

/// Codecs that have a payloader and a depayloader here, and the RTP header extensions that we
/// handle: opus, VP8, VP9 (profile 0), H264 (constrained baseline, main and high in
/// packetization-mode 1, constrained baseline also in mode 0), PCMU, PCMA, and where GStreamer has
/// their payloaders H265 and AV1, each video codec with its rtx. A codec without an encoder is in
/// the list, too: it can be received, and sent when the source is encoded already. The ids of
/// header extensions are those of mediasoup's router; payload types are our own. Looks at the
/// registry once per process. Thread-safe.
RtpCapabilities localRtpCapabilities();

}  // namespace cosoup
