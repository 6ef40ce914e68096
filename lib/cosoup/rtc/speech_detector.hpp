// SpeechDetector: when somebody starts and stops speaking. Internal.
#pragma once

#include <chrono>
#include <optional>

namespace cosoup {

/// A state machine over the levels of the packets of one stream. Times may be of any clock that
/// does not go back.
class SpeechDetector {
 public:
  using Time = std::chrono::milliseconds;

  /// Speech into a headset has -20 … -40 dBov, a room with its fans and keyboards -55 and less.
  static constexpr int startLevel = -45;  // dBov
  /// Below the end of a word, which fades, and above that room.
  static constexpr int stopLevel = -55;  // dBov
  /// So long it must be loud without a break: a click or a knock has one packet or two.
  static constexpr Time attack{60};
  /// So long without a packet is a break.
  static constexpr Time gap{200};
  /// So long it must be quiet, or nothing come: longer than one draws breath between words, and
  /// than the 400 ms between the packets of an Opus encoder with DTX.
  static constexpr Time hold{600};

  /// A packet has come.
  void hear(Time now, int dBov);
  /// None has come until now.
  void wait(Time now);
  bool isSpeaking() const { return speaking_; }

 private:
  bool speaking_ = false;
  Time last_{0};                   // a packet came
  Time lastLoud_{0};               // above stopLevel, while speaking
  std::optional<Time> loudSince_;  // above startLevel, without a break
};

}  // namespace cosoup
