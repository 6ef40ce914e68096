// What the other side tells of the streams that we send, in RTCP feedback. Internal.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <functional>
#include <variant>
#include <vector>

#include "cosoup/rtc/congestion/transport_cc_feedback.hpp"

namespace cosoup {

/// The SSRC of which a key frame is wanted: PLI and FIR (RFC 4585, 5104).
struct KeyFrameRequest {
  std::uint32_t ssrc;
};

/// Packets of that SSRC are missed: generic NACK (RFC 4585).
struct RetransmissionRequest {
  std::uint32_t ssrc;
  std::vector<std::uint16_t> sequenceNumbers;
};

/// The estimate of the other side (draft-alvestrand-rmcat-remb).
struct Remb {
  double bitrate;  ///< bit/s
};

using Feedback = std::variant<KeyFrameRequest, RetransmissionRequest, TransportCcFeedback, Remb>;

/// Calls back, on streaming threads, for as long as the RTP session lives. False while rtpbin has
/// no session yet: there is one after the first media section has been described.
bool watchFeedback(GstElement* rtpbin, std::function<void(const Feedback&)> onFeedback);

}  // namespace cosoup
