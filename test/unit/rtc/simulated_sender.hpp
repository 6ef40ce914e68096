// One sender's audio and video with their reports, in virtual time, as LipSync gets them.
#pragma once

#include <optional>

#include "cosoup/rtc/lip_sync.hpp"
#include "simulated_stream.hpp"

namespace cosoup {

inline SimulatedStream simulatedAudio() {
  SimulatedStream stream;
  stream.clockRate = 48000;
  stream.delay = std::chrono::milliseconds(20);
  stream.interval = std::chrono::milliseconds(20);
  return stream;
}

inline SimulatedStream simulatedVideo() {
  SimulatedStream stream;
  stream.delay = std::chrono::milliseconds(120);
  stream.interval = std::chrono::milliseconds(40);
  return stream;
}

/// One stream of a sender: what it sends, and what becomes of it.
class SentStream {
 public:
  SentStream(LipSync& sync, const SimulatedStream& stream)
      : sent(stream), received(sync, static_cast<std::uint32_t>(stream.clockRate)) {}

  /// A frame comes. How late it is due, from its capture.
  Nanoseconds frame(Nanoseconds captured, Nanoseconds jitter = Nanoseconds(0)) {
    const RtpClock::Time arrived = atTime(captured + sent.delay + jitter);
    const RtpClock::Time time = received.at(sent.timestamp(captured), arrived);
    isMonotonic = isMonotonic && time > last_;
    last_ = time;
    late = time - atTime(captured);
    return *late;
  }
  /// A report that is sent now and comes later.
  void report(std::uint64_t ntp, Nanoseconds now, Nanoseconds underway = Nanoseconds(0)) {
    received.report(ntp, sent.timestamp(now), atTime(now + underway));
  }

  SimulatedStream sent;
  LipSync::Stream received;
  std::optional<Nanoseconds> late;  // of the last frame
  bool isMonotonic = true;

 private:
  RtpClock::Time last_;
};

/// The clock of the reports.
inline std::uint64_t ntpTime(Nanoseconds time) {
  constexpr std::uint64_t second = 1'000'000'000;
  constexpr std::chrono::seconds in2026(3'987'000'000);
  const auto sinceEra = static_cast<std::uint64_t>((in2026 + time).count());
  return (sinceEra / second << 32) + (sinceEra % second << 32) / second;
}

}  // namespace cosoup
