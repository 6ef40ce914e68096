// FrameReader: which frame a packet of video that is sent belongs to, and what others need of it.
// Internal.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "cosoup/rtc/payload_start.hpp"
#include "cosoup/rtc/rtp_header.hpp"
#include "cosoup/rtc/sending/send_queue.hpp"

namespace cosoup {

/// Of one RTP stream, whose packets it sees in their order. A frame begins where the RTP timestamp
/// changes (RFC 3550, section 5.1).
class FrameReader {
 public:
  struct Frame {
    std::uint64_t number = 0;  ///< counts up
    FrameRole role = FrameRole::delta;
  };

  explicit FrameReader(VideoCodec codec) : codec_(codec) {}

  /// The frame of the next packet. Parameter sets in front of a key frame are part of it. Of a
  /// payload that cannot be read it is `delta`.
  Frame read(const RtpHeader& header, std::span<const std::uint8_t> payload);

 private:
  VideoCodec codec_;
  std::optional<std::uint32_t> timestamp_;
  Frame frame_;
};

}  // namespace cosoup
