// Which packets of a compound RTCP packet may reach the RTP session. Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace cosoup {

struct ByteRange {
  std::size_t offset = 0;
  std::size_t size = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// The packets of a compound (RFC 3550, section 6.1) that go on, in order: feedback (RFC 4585), and
/// SR, RR and SDES whose senders are all admitted. An RTP session makes a source for every other
/// sender. No BYE goes on, which would make it forget a source that may yet send: the end of a
/// stream is told by signaling. What follows a malformed packet is left out.
std::vector<ByteRange> admittedRtcp(std::span<const std::uint8_t> compound,
                                    const std::function<bool(std::uint32_t ssrc)>& isAdmitted);

}  // namespace cosoup
