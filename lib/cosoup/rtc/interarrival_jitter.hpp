// InterarrivalJitter: how unevenly the packets of an RTP stream come. Internal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace cosoup {

/// RFC 3550, section 6.4.1 and appendix A.8. Of packets in order that were not sent again. After a
/// pause, or a leap of the time stamp, the measuring goes on from there: in the silence of Opus or
/// at the restart of a sender the time stamp may say anything, and tells nothing of the line.
class InterarrivalJitter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds pause{200};
  static constexpr std::chrono::milliseconds leap{1000};

  /// Of a clock rate of 0 there is no jitter.
  explicit InterarrivalJitter(unsigned clockRate) : clockRate_(clockRate) {}

  void add(std::uint32_t timestamp, Time arrived);
  /// The next packet stands for itself.
  void interrupt() { last_.reset(); }

  double seconds() const { return seconds_; }
  std::chrono::steady_clock::duration duration() const;

 private:
  struct Last {
    std::uint32_t timestamp;
    Time arrived;
  };

  unsigned clockRate_;
  std::optional<Last> last_;
  double seconds_ = 0;
};

}  // namespace cosoup
