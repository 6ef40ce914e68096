#include "cosoup/media/track.hpp"

#include <algorithm>

#include "cosoup/media/codec_caps.hpp"

namespace cosoup {

Ref<GstCaps> Track::caps() const {
  const std::lock_guard lock(mutex_);
  return caps_;
}

void Track::setCaps(Ref<GstCaps> caps) {
  const std::lock_guard lock(mutex_);
  caps_ = std::move(caps);
}

std::optional<std::chrono::milliseconds> Track::latency() const {
  const std::int64_t latency = latency_;
  if (latency == kUnknown) return std::nullopt;
  return std::chrono::milliseconds(latency);
}

void Track::addReceiver(std::shared_ptr<FrameReceiver> receiver) {
  const std::lock_guard lock(receiversMutex_);
  receivers_.push_back(std::move(receiver));
  receiverCount_ = receivers_.size();
}

void Track::removeReceiver(const std::shared_ptr<FrameReceiver>& receiver) {
  const std::lock_guard lock(receiversMutex_);
  std::erase(receivers_, receiver);
  receiverCount_ = receivers_.size();
}

void Track::setKeyFrameRequest(std::function<void()> request) {
  const std::lock_guard lock(mutex_);
  keyFrameRequest_ = std::move(request);
}

void Track::requestKeyFrame() {
  std::function<void()> request;
  {
    const std::lock_guard lock(mutex_);
    request = keyFrameRequest_;
  }
  if (request) request();
}

void Track::setEnabled(bool enabled) {
  const std::lock_guard lock(receiversMutex_);
  if (isEnabled_.exchange(enabled) || !enabled) return;
  needsKeyFrame_ = kind_ == MediaKind::video;
}

void Track::deliver(const Frame& frame) {
  const std::lock_guard lock(receiversMutex_);
  if (!isEnabled_) return;
  if (needsKeyFrame_ && !isRaw(frame.caps.get()) && !isKeyFrame(frame.buffer.get())) return;
  needsKeyFrame_ = false;
  for (const auto& receiver : receivers_) receiver->onFrame(frame);
}

void Track::end() {
  hasEnded_ = true;
  const std::lock_guard lock(receiversMutex_);
  for (const auto& receiver : receivers_) receiver->onEnd();
}

}  // namespace cosoup
