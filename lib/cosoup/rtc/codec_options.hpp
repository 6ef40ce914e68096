// What an app may ask of the codec of one producer (mediasoup-client's `codecOptions`).
#pragma once

#include <cstdint>
#include <optional>

#include "cosoup/core/export.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

/// Wishes for the codec of one producer. An absent field leaves the choice to the encoder.
struct ProducerCodecOptions {
  std::optional<bool> opusStereo;                        ///< two channels
  std::optional<bool> opusFec;                           ///< forward error correction inside opus
  std::optional<bool> opusDtx;                           ///< send next to nothing in silence
  std::optional<bool> opusCbr;                           ///< constant bitrate
  std::optional<bool> opusNack;                          ///< send lost packets again; absent: no
  std::optional<std::uint32_t> opusMaxPlaybackRate;      ///< Hz
  std::optional<std::uint32_t> opusMaxAverageBitrate;    ///< bit/s
  std::optional<std::uint32_t> opusPtime;                ///< ms a packet
  std::optional<std::uint32_t> videoGoogleStartBitrate;  ///< kbit/s
  std::optional<std::uint32_t> videoGoogleMaxBitrate;    ///< kbit/s
  std::optional<std::uint32_t> videoGoogleMinBitrate;    ///< kbit/s
  friend bool operator==(const ProducerCodecOptions&, const ProducerCodecOptions&) = default;
};

/// Writes the options into both views of one producer: `local` is what the server is told, `remote`
/// is what the fabricated answer tells the encoder. Codecs that an option does not speak of stay as
/// they are.
COSOUP_API void applyCodecOptions(RtpParameters& local, RtpParameters& remote,
                                  const ProducerCodecOptions& options);

}  // namespace cosoup
