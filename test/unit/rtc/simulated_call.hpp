// The audio and video of one sender, as LipSync gets them, without jitter.
#pragma once

#include <memory>

#include "simulated_sender.hpp"

namespace cosoup {

using namespace std::chrono_literals;

/// Audio that is underway for 20 ms and video that is for 120 ms, without jitter.
class Call {
 public:
  /// So much later, with a frame of audio each 20 ms and of video each 40 ms.
  void pass(Nanoseconds time) {
    for (const Nanoseconds end = now + time; now < end; now += 20ms) {
      if (audio) audio->frame(now);
      if (video && now % 40ms == 0ms) video->frame(now);
      if (reportsEach > 0s && now % reportsEach == 0s) report();
    }
  }
  void report() {
    if (audio) audio->report(ntp(), now);
    if (video) video->report(ntp(), now);
  }
  std::uint64_t ntp() const { return ntpTime(now + ntpStep); }
  /// How much later audio is due than video.
  Nanoseconds apart() const { return *audio->late - *video->late; }
  bool isInSync() const { return apart() <= 1ms && apart() >= -1ms; }
  bool isReleased() const {
    return audio->received.offset() == 0s && video->received.offset() == 0s;
  }

  LipSync sync;
  std::unique_ptr<SentStream> audio = std::make_unique<SentStream>(sync, simulatedAudio());
  std::unique_ptr<SentStream> video = std::make_unique<SentStream>(sync, simulatedVideo());
  Nanoseconds now{0};
  Nanoseconds ntpStep{0};
  Nanoseconds reportsEach{0};
};

}  // namespace cosoup
