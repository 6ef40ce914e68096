// What an app asks of the encodings of a producer, made complete. Pure functions. Internal.
#pragma once

#include <string>
#include <vector>

#include "cosoup/media/rtp/encoder.hpp"
#include "cosoup/rtc/codec_options.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

/// The encodings that are sent, the smallest first. More than one is simulcast: they are called r0,
/// r1 … in their order; if none says scaleResolutionDownBy, each has half the width and height of
/// the next one and the last is full size (W3C's webrtc-pc, addTransceiver), and all get the
/// scalabilityMode of the one with the most temporal layers, as mediasoup wants it. Nothing wanted
/// is one encoding. Throws Error(InvalidArgument) for values out of range and Error(Unsupported)
/// for several encodings of audio.
std::vector<RtpEncodingParameters> completeEncodings(MediaKind kind,
                                                     std::vector<RtpEncodingParameters> wanted);

/// Takes over what `change` says of maxBitrate, maxFramerate, scaleResolutionDownBy and active.
/// Throws Error(InvalidArgument) for values out of range.
RtpEncodingParameters changedEncoding(RtpEncodingParameters encoding,
                                      const RtpEncodingParameters& change);

/// Within which limits the bitrate of an encoder moves; bit/s.
struct BitrateRange {
  std::uint32_t min = 0;
  std::uint32_t start = 0;
  std::uint32_t max = 0;
  friend bool operator==(const BitrateRange&, const BitrateRange&) = default;
};

/// `max` is the least of maxBitrate, videoGoogleMaxBitrate (opusMaxAverageBitrate for audio) and,
/// where neither is given, 1,000,000 for video of full size, less for smaller layers, and 48,000
/// for audio; `start` is videoGoogleStartBitrate, else `max`; `min` is videoGoogleMinBitrate, else
/// 30,000. `min` and `start` never exceed `max`.
BitrateRange bitrateRange(MediaKind kind, const RtpEncodingParameters& encoding,
                          const ProducerCodecOptions& options);

/// The settings of the encoder for one encoding.
EncoderSettings encoderSettings(MediaKind kind, const RtpEncodingParameters& encoding,
                                const ProducerCodecOptions& options);

}  // namespace cosoup
