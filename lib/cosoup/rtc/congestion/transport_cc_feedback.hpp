// TransportCcFeedback: which packets of a transport have come, and when
// (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1). Pure functions. Internal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cosoup {

/// Of `count` packets from `base` on those that have come; the others have not. Bounded by the size
/// of the packet, which holds a byte or two for each that has come.
struct TransportCcFeedback {
  struct Arrival {
    std::uint16_t number = 0;  ///< transport-wide
    /// After the reference time, by the receiver's clock; to 250 us. Less than 0 is possible for
    /// those that were overtaken.
    std::chrono::microseconds time{0};
    friend bool operator==(const Arrival&, const Arrival&) = default;
  };

  std::uint16_t base = 0;
  std::uint16_t count = 0;
  std::uint32_t reference = 0;  ///< 24 bits, which wrap; in 64 ms, of the receiver's clock
  std::uint8_t serial = 0;      ///< of this feedback; shows which were lost
  std::vector<Arrival> arrivals;
};

/// What one whole RTCP packet tells (RTPFB, FMT 15). Nothing when it is another one or malformed:
/// cut off, with fewer statuses than it says, or with a status that the draft reserves.
std::optional<TransportCcFeedback> readTransportCcPacket(std::span<const std::uint8_t> packet);

/// The same for what follows the two SSRCs (its FCI), which an RTP session hands out alone.
std::optional<TransportCcFeedback> readTransportCcBody(std::span<const std::uint8_t> body);

}  // namespace cosoup
