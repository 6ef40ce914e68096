// What the SRTP decryption keeps of the streams that have ended. Internal.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace cosoup {

/// Which SSRCs have ended a short while ago. The sender may hear of it later than we do, and each
/// packet that still comes makes the decryption keep a state for its SSRC once more; so that is
/// freed again whenever another stream ends. Use by one thread at a time.
class EndedStreams {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// For so long packets of a stream may come after its end.
  static constexpr std::chrono::seconds patience{10};

  /// A stream is received, which may have the SSRC of one that has ended.
  void begin(std::uint32_t ssrc);
  void end(std::uint32_t ssrc, Time now);
  /// All that have ended within the patience, and those older ones that have not been given since.
  std::vector<std::uint32_t> take(Time now);

 private:
  std::vector<std::pair<Time, std::uint32_t>> ended_;
};

/// Frees the state that the srtpdec below `bin` keeps of these SSRCs, as far as there is any. No
/// packet of them is on its way behind it afterwards. Waits for the thread that receives.
void freeSrtpStreams(GstElement* bin, const std::vector<std::uint32_t>& ssrcs);

}  // namespace cosoup
