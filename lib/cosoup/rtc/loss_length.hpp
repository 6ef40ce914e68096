// LossLength: how long the sound was that lost packets held. Internal.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace cosoup {

/// By the spacing of the packets that came: in silence that is not sent (DTX) time stamps jump over
/// more than what is lost. No thread, no clock of its own.
class LossLength {
 public:
  using Duration = std::chrono::nanoseconds;

  explicit LossLength(std::uint32_t clockRate)
      : clockRate_(clockRate), spacing_(clockRate / kUsual) {}

  /// The next packet, in order, has this RTP time stamp, and so many are lost right before it: how
  /// long they were.
  Duration before(std::uint32_t timestamp, std::uint32_t missing) {
    const std::uint32_t passed = last_ ? timestamp - *last_ : 0;
    last_ = timestamp;
    if (passed > kFarthest) return Duration(0);  // it went back
    if (missing == 0 && passed > 0 && passed <= clockRate_ / kFewest) spacing_ = passed;
    const std::uint64_t each = std::min<std::uint64_t>(spacing_, passed / (missing + 1ULL));
    return Duration(missing * each * Duration(std::chrono::seconds(1)).count() / clockRate_);
  }
  /// The next packet is of a new numbering.
  void restart() { last_.reset(); }

 private:
  static constexpr std::uint32_t kFarthest = 0x7fffffff;
  // Packets a second: of 20 ms, until one has been measured (RFC 7587, section 4.2), and of 120 ms,
  // the longest ones of Opus.
  static constexpr std::uint32_t kUsual = 50;
  static constexpr std::uint32_t kFewest = 8;

  const std::uint32_t clockRate_;
  std::uint32_t spacing_;  // of the last two that came one after the other
  std::optional<std::uint32_t> last_;
};

}  // namespace cosoup
