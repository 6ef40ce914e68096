// RtpClock: when, by the local clock, what an RTP time stamp stands for is due. Internal.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cosoup {

/// Maps the time stamps (RFC 3550, section 5.1) of one stream to local time. A frame is due when it
/// would have come with the packets that travel fastest, so that jitter does not show. The line
/// through them follows the sender's clock, which runs at its own pace, by at most 2 ms a second.
/// What is more than that is followed faster, once it is sure: a line that has become longer or
/// shorter, a clock that has jumped, a stream that has begun anew. No thread, no clock of its own,
/// no allocation.
class RtpClock {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::nanoseconds;

  /// Recovered: sent again, so the time of its arrival says nothing of the line.
  enum class Arrival { Direct, Recovered };

  /// So far before or behind the line is no jitter any more but another line. Nothing comes before
  /// it is sent; but packets do pile up somewhere and then come all at once.
  static constexpr std::chrono::milliseconds maxEarly{1000};
  static constexpr std::chrono::milliseconds maxLate{10000};
  /// In both directions, of what is taken for the difference of two clocks.
  static constexpr int maxSlew = 2000;  // ppm
  /// The fastest of so long counts.
  static constexpr std::chrono::milliseconds window{8000};
  /// From here on a change of the line is a step, which is not left to the slow slew.
  static constexpr std::chrono::milliseconds minStep{40};

  explicit RtpClock(std::uint32_t clockRate);

  /// A packet has come: its time. Grows with the time stamps, also from one line to the next; equal
  /// stamps have equal times. No more than maxEarly after the arrival, unless times that were given
  /// before were later.
  Time at(std::uint32_t timestamp, Time arrived, Arrival arrival = Arrival::Direct);
  /// The time of a stamp by what is known, while isRunning(). Nothing changes.
  Time at(std::uint32_t timestamp) const;

  /// The next packet begins a new line: its stamps have nothing to do with those before.
  void restart() { isRunning_ = false; }
  /// Whether there has been a packet since the start.
  bool isRunning() const { return isRunning_; }
  /// How often a line began. Stamps of different lines cannot be compared.
  std::uint32_t lines() const { return lines_; }
  /// The sum of what the times were moved by, except for the slow slew and new lines.
  Duration steps() const { return steps_; }

 private:
  /// The shortest delays, half a second each. Those in which no packet came do not count, so a
  /// silence does not make it forget.
  class Window {
   public:
    void clear() { size_ = 0; }
    void add(Duration delay, Duration now);
    bool isFull() const { return size_ == kSlots; }
    std::size_t size() const { return size_; }
    /// Over the newest slots; there must be one.
    Duration least(std::size_t slots) const;
    Duration least() const { return least_; }

   private:
    static constexpr std::size_t kSlots = 16;
    static constexpr Duration kSlot = window / kSlots;

    std::array<Duration, kSlots> slots_;
    std::size_t size_ = 0;
    std::size_t newest_ = 0;
    Duration begun_{0};  // the newest slot
    Duration least_{0};
  };
  struct Point {
    Duration media;
    Duration time;
  };

  Time begin(std::uint32_t timestamp, Duration now);
  std::int64_t ticks(std::uint32_t timestamp) const;
  Duration media(std::int64_t ticks) const;
  Duration time(Duration media) const;
  void measure(Duration delay, Duration now);
  void resume(Duration delay, Duration gap);
  void correct(Duration step);
  bool followLongLine();
  void rise(Duration error, Duration step);
  void fall(Duration error, Duration step);
  void move(Duration by);

  std::int64_t clockRate_;
  bool isRunning_ = false;
  bool isCatchingUp_ = false;
  std::uint32_t lines_ = 0;
  std::uint32_t topTimestamp_ = 0;
  std::int64_t topTicks_ = 0;  // since the line began, without the wrap of 32 bits
  Duration delay_{0};          // of the line: local time less media time
  Duration steps_{0};
  Duration started_{0};               // measuring
  Duration heard_{0};                 // a direct packet came
  Point top_{{}, Duration::min()};    // the highest time stamp
  Point below_{{}, Duration::min()};  // the highest one before it
  Window window_;
};

}  // namespace cosoup
