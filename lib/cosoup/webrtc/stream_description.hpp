// StreamDescription: how one received stream is to be treated. Internal.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

/// As its consumer's parameters say.
struct StreamDescription {
  StreamDescription() = default;
  /// What the codec says of it.
  StreamDescription(const RtpCodecParameters& codec, std::uint32_t ssrc);

  bool isVideo() const;

  std::uint32_t ssrc = 0;
  std::optional<std::uint32_t> rtxSsrc;
  std::uint8_t payloadType = 0;
  std::uint8_t rtxPayloadType = 0;  ///< where there is an rtxSsrc
  std::string mimeType;
  unsigned clockRate = 0;
  bool nack = false;  ///< lost packets may be asked for
  /// Streams of the same name are played in sync.
  std::string syncGroup;
  /// The longest wait for a missing packet; absent: as the line makes it useful.
  std::optional<std::chrono::milliseconds> latency;
  /// Told how long a packet may be waited for, of this stream or of one that is in sync with it, at
  /// first and when that grows. On the thread that receives; must not block. May be null.
  std::function<void(std::chrono::milliseconds)> onLatency;
  /// application/x-rtp, with the parameters of the codec (fmtp) as fields, for the depayloader.
  Ref<GstCaps> caps;
};

}  // namespace cosoup
