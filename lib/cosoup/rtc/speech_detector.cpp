#include "cosoup/rtc/speech_detector.hpp"

namespace cosoup {

void SpeechDetector::hear(Time now, int dBov) {
  wait(now);
  if (dBov < startLevel) {
    loudSince_.reset();
  } else if (!loudSince_) {
    loudSince_ = now;
  }
  if (dBov >= stopLevel) lastLoud_ = now;
  if (loudSince_ && now - *loudSince_ >= attack) speaking_ = true;
  last_ = now;
}

void SpeechDetector::wait(Time now) {
  if (now - last_ >= gap) loudSince_.reset();
  if (now - lastLoud_ >= hold) speaking_ = false;
}

}  // namespace cosoup
