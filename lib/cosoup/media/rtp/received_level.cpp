#include "cosoup/media/rtp/received_level.hpp"

#include <glib.h>

#include "cosoup/rtc/header_extensions.hpp"

namespace cosoup {
namespace {

using Time = SpeechDetector::Time;

constexpr Time kFresh{1000};

Time now() { return Time(g_get_monotonic_time() / 1000); }

}  // namespace

ReceivedLevel::ReceivedLevel(std::uint8_t id, std::function<void()> onChange)
    : id_(id), onChange_(std::move(onChange)) {}

void ReceivedLevel::read(std::span<const std::uint8_t> packet) {
  const std::optional<AudioLevel> level = readAudioLevel(packet, id_);
  if (!level) return;
  const Time time = now();
  const unsigned byte = static_cast<unsigned>(-level->dBov) | (level->voice ? 0x80u : 0u);
  newest_ = static_cast<std::uint64_t>(time.count()) << 8 | byte;
  std::unique_lock lock(mutex_);
  speech_.hear(time, level->dBov);
  settle(std::move(lock));
}

std::optional<AudioLevel> ReceivedLevel::newest() const {
  const std::uint64_t newest = newest_;
  if (newest == 0 || now() - Time(newest >> 8) > kFresh) return std::nullopt;
  return AudioLevel{-static_cast<int>(newest & 0x7f), (newest & 0x80) != 0};
}

void ReceivedLevel::wait() {
  std::unique_lock lock(mutex_);
  speech_.wait(now());
  settle(std::move(lock));
}

void ReceivedLevel::end() {
  newest_ = 0;
  std::unique_lock lock(mutex_);
  ended_ = true;
  settle(std::move(lock));
}

void ReceivedLevel::settle(std::unique_lock<std::mutex> lock) {
  const bool speaks = speech_.isSpeaking() && !ended_;
  const bool changed = speaking_.exchange(speaks) != speaks;
  lock.unlock();
  if (changed) onChange_();
}

}  // namespace cosoup
