// PlayoutLatency: how long a received RTP stream waits for a missing packet. Internal.
#pragma once

#include <chrono>
#include <optional>

namespace cosoup {

/// A fixed time, or one that follows the line: enough for a request and two repeats where packets
/// may be asked for, else for those that were overtaken. It grows at once, since what comes too
/// late is lost, and shrinks slowly, since a line that was bad is often bad again. No clock of its
/// own.
class PlayoutLatency {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// What an adaptive one stays within, for streams with and without requests. A mediasoup server
  /// that has measured no round trip, as on the shortest lines, sends a packet again only every
  /// 100 ms: the least is enough for it to do so three times.
  static constexpr std::chrono::milliseconds minWithRequests{250};
  static constexpr std::chrono::milliseconds maxWithRequests{500};
  static constexpr std::chrono::milliseconds minWithout{20};
  static constexpr std::chrono::milliseconds maxWithout{200};
  /// Of a fixed one.
  static constexpr std::chrono::milliseconds maxFixed{10'000};
  /// Beyond this a round trip is no measurement.
  static constexpr std::chrono::milliseconds maxRoundTrip{5000};
  /// In a second it shrinks by 10 ms.
  static constexpr int shrinking = 100;

  explicit PlayoutLatency(bool mayAsk, std::optional<std::chrono::milliseconds> fixed = {});
  /// What an adaptive one stays within, instead of the most above.
  void setLongest(std::chrono::milliseconds longest) { longest_ = longest; }

  /// Absent: adaptive.
  void set(std::optional<std::chrono::milliseconds> fixed);
  void setRoundTrip(Duration roundTrip);
  /// Another packet has come.
  void update(Duration jitter, Time now);
  /// A missing packet has come by itself so long after its gap was seen, in time or not.
  void cameAfter(Duration wait);

  Duration value() const { return fixed_.value_or(adaptive_); }

 private:
  /// What the line asks for now.
  Duration target() const;
  bool mayAsk_;
  Duration longest_;
  std::optional<Duration> fixed_;
  std::optional<Duration> roundTrip_;
  Duration jitter_{0};
  Duration seen_{0};  // the longest wait that was worth it, forgotten slowly
  Duration adaptive_;
  std::optional<Time> updated_;
};

}  // namespace cosoup
