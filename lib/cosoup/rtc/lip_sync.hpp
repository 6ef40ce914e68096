// LipSync: what a sender captured at one moment is due at one moment, whichever way each stream of
// its took. Internal.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "cosoup/rtc/rtp_clock.hpp"

namespace cosoup {

/// The streams of one sender, those of one CNAME (RFC 3550, section 6.5.1). Their sender reports
/// (section 6.4.1) tell which time stamps belong together; the streams that come sooner are then
/// held back for the slowest one. What is wrong in reports is outvoted: by most of the first five,
/// later by all that are not three alike in a row. A step that two streams report alike is one of
/// the sender's own clock, and moves nothing. No thread, no clock of its own; one thread at a time
/// for a sender. Outlives its streams.
class LipSync {
 public:
  using Time = RtpClock::Time;
  using Duration = RtpClock::Duration;
  using Arrival = RtpClock::Arrival;
  class Stream;

  /// What is further apart was not captured together, whatever the reports say: nothing is held
  /// back by more.
  static constexpr std::chrono::milliseconds maxOffset{2000};
  /// Of what has come, in the time of which an offset may change by one.
  static constexpr int slewShare = 20;

  LipSync() = default;
  ~LipSync();
  LipSync(const LipSync&) = delete;
  LipSync& operator=(const LipSync&) = delete;

 private:
  Duration sinceFirstReport(std::uint64_t ntp);
  bool isStepOfSender(const Stream& stream, Time now) const;
  bool othersContradict(const Stream& stream, Time now) const;
  void stepSender(Duration by);
  void aim();

  std::vector<Stream*> streams_;
  std::optional<std::uint64_t> firstNtp_;
};

/// One stream of a sender, from its first packet until it goes.
class LipSync::Stream {
 public:
  Stream(LipSync& sender, std::uint32_t clockRate);
  /// The others need not wait for it any longer.
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// A packet has come: when its frame is due. See RtpClock::at(), offset() is added. Cheap: what
  /// takes the other streams is done when a report comes or the line takes a step.
  Time at(std::uint32_t timestamp, Time arrived, Arrival arrival = Arrival::Direct);
  /// A sender report has come: its NTP time and its RTP time stamp.
  void report(std::uint64_t ntp, std::uint32_t rtp, Time now);
  /// The next packet begins a new line, see RtpClock::restart().
  void restart() { clock_.restart(); }

  /// What the times of this stream are moved by now, from zero to maxOffset.
  Duration offset() const { return offset_; }
  const RtpClock& clock() const { return clock_; }

 private:
  friend class LipSync;

  /// The last reports, each as local time less NTP time.
  class Reports {
   public:
    void clear() { size_ = 0; }
    /// As if most had said so.
    void assume(Duration lead);
    void add(Duration lead);
    /// What most of them say, and of equal parties the one that is nearest to this.
    Duration outvoted(Duration by) const;
    bool isEmpty() const { return size_ == 0; }
    bool isFull() const { return size_ == kMost; }

   private:
    static constexpr std::size_t kMost = 5;

    std::array<Duration, kMost> leads_;
    std::size_t size_ = 0;
    std::size_t next_ = 0;
  };

  void beginLine();
  void believe(Duration lead, Time now);
  void doubt(Duration lead, Time now);
  void vote(Duration lead);
  void slew(Duration passed);

  LipSync& sender_;
  RtpClock clock_;
  Reports reports_;
  std::optional<Duration> lead_;  // local time less NTP time, by all the reports
  int oddRun_ = 0;                // reports far from that, and near each other, the last of all
  Duration odd_{0};               // how far they are
  Time oddSince_;                 // they come
  Time reported_;
  Time last_;
  std::uint32_t line_ = 0;
  Duration steps_{0};  // of the clock, that lead_ knows of
  Duration offset_{0};
  Duration target_{0};
  Duration fresh_{0};  // so long still the offset may change at once
  bool isSynced_ = false;
  bool isMoving_ = false;
};

}  // namespace cosoup
