// ReceivedLevel: how loud a received stream is, and whether somebody speaks in it. Internal.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "cosoup/rtc/audio_level.hpp"
#include "cosoup/rtc/speech_detector.hpp"

namespace cosoup {

/// Reads the header extension of each packet; nothing is decoded. Thread-safe.
class ReceivedLevel {
 public:
  /// `id`: of the extension. `onChange` is called when isSpeaking() has changed, on the thread that
  /// made it change.
  ReceivedLevel(std::uint8_t id, std::function<void()> onChange);

  /// Takes the next packet; its header and extensions are enough.
  void read(std::span<const std::uint8_t> packet);

  /// Of the newest packet that says so; nothing when that is older than a second.
  std::optional<AudioLevel> newest() const;
  bool isSpeaking() const { return speaking_; }
  /// Silence has no packets when its sender saves them: to be called now and then while
  /// isSpeaking().
  void wait();
  /// Nothing comes any more.
  void end();

 private:
  void settle(std::unique_lock<std::mutex> lock);

  const std::uint8_t id_;
  const std::function<void()> onChange_;
  std::atomic<std::uint64_t> newest_ = 0;  // ms << 8 | the byte of the extension; 0: none
  std::atomic<bool> speaking_ = false;
  std::mutex mutex_;  // guards the rest
  SpeechDetector speech_;
  bool ended_ = false;
};

}  // namespace cosoup
