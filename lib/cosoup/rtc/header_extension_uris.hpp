// The RTP header extensions that we know, by the URIs of RFC 8285. Internal.
#pragma once

namespace cosoup {

inline constexpr const char* midExtensionUri = "urn:ietf:params:rtp-hdrext:sdes:mid";
inline constexpr const char* ridExtensionUri = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
inline constexpr const char* audioLevelExtensionUri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
inline constexpr const char* absSendTimeExtensionUri =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
inline constexpr const char* transportCcExtensionUri =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
inline constexpr const char* videoOrientationExtensionUri = "urn:3gpp:video-orientation";
inline constexpr const char* absCaptureTimeExtensionUri =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
inline constexpr const char* playoutDelayExtensionUri =
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";

}  // namespace cosoup
