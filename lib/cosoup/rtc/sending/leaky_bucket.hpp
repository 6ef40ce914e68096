// LeakyBucket: holds what is sent to a bitrate. Internal.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace cosoup {

/// What is sent fills it, and time empties it at the bitrate. It may be filled whenever it is
/// empty, by any amount: so a single packet is never too large. An empty one collects credit, for
/// as long as a timer may be late, so that late wakes cost no bitrate. What is added over a time is
/// no more than the bitrate times that time, the credit and the last packet; beyond that goes only
/// what is added to one that is not empty. No thread, no clock of its own: `now` never goes back.
class LeakyBucket {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// Credit that is collected at most, as the time in which the bitrate makes it: burst_time of
  /// draft-ietf-rmcat-gcc-02, section 4.
  static constexpr std::chrono::milliseconds maxCredit{5};
  /// It holds no more than the bitrate empties in this time, or what cannot wait could fill it so
  /// high that nothing else were sent for long. As in libwebrtc.
  static constexpr std::chrono::milliseconds maxDebt{500};

  /// Bit/s, more than 0.
  explicit LeakyBucket(double bitrate) : bitrate_(bitrate) {}

  void setBitrate(double bitrate, Time now);
  double bitrate() const { return bitrate_; }

  /// Whether more may be sent.
  bool isEmpty(Time now);
  /// May be called of one that is not empty, too, for what cannot wait.
  void fill(std::size_t bytes);
  /// Takes its credit away.
  void forfeit() { level_ = std::max(level_, 0.0); }
  /// When it is empty, if nothing more is added; in the past if it is by now.
  Time emptyAt() const;

 private:
  void leak(Time now);

  double bitrate_;
  double level_ = 0;  // bits; below 0: credit
  Time leaked_;       // up to here
};

}  // namespace cosoup
