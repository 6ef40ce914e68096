// AudioLevel: how loud a packet of audio is, as its RTP header extension says (RFC 6464).
#pragma once

namespace cosoup {

/// The extension is "urn:ietf:params:rtp-hdrext:ssrc-audio-level". Its level is the root mean
/// square of the samples of a packet against the loudest that the format can hold: a sine at full
/// scale has -3 dBov.
struct AudioLevel {
  int dBov = -127;     ///< 0 (the loudest) … -127 (silence)
  bool voice = false;  ///< whether the sender took it for speech; many never say so

  friend bool operator==(const AudioLevel&, const AudioLevel&) = default;
};

}  // namespace cosoup
