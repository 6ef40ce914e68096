#include "cosoup/rtc/frame_tracker.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cosoup {
namespace {

bool hasParameterSets(VideoCodec codec) {
  return codec == VideoCodec::h264 || codec == VideoCodec::h265;
}

}  // namespace

FrameTracker::FrameTracker(VideoCodec codec, bool hasParametersElsewhere)
    : codec_(codec), continuity_(hasParameterSets(codec) && !hasParametersElsewhere) {}

FrameTracker::Verdict FrameTracker::take(std::span<const std::uint8_t> payload,
                                         const FramePacketHeader& header, Time now) {
  constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
  missing_ += std::min(header.missingBefore, most - missing_);
  // Padding belongs to no frame.
  if (payload.empty()) return {};
  const std::uint32_t missing = std::exchange(missing_, 0);
  Verdict verdict;
  if (isOpen_ && header.timestamp != timestamp_) {
    // Some senders forget the marker; when nothing is missing the frame is whole all the same.
    if (missing > 0) isWhole_ = false;
    verdict.before = end(now);
  }
  const std::optional<PayloadStart> start = readPayloadStart(codec_, payload);
  if (isOpen_) {
    add(start, missing > 0, payload.size());
  } else {
    begin(start.value_or(PayloadStart()), missing, header.timestamp);
    if (!start) isWhole_ = false;
    bytes_ = payload.size();
  }
  if (!isWhole_) continuity_.damage(frame_);
  if (!isWhole_ && verdict.before == Fate::wait) verdict.before = Fate::drop;
  verdict.isHeld = isWhole_;
  if (header.marker) verdict.after = end(now);
  return verdict;
}

void FrameTracker::restart() {
  isOpen_ = false;
  isFirst_ = true;
  missing_ = 0;
  continuity_.restart();
}

void FrameTracker::add(const std::optional<PayloadStart>& start, bool isAfterLoss,
                       std::size_t bytes) {
  // Of what cannot be read it is not known who needs it: all.
  if (!joinPayloadStart(frame_, start.value_or(PayloadStart())) || !start || isAfterLoss) {
    isWhole_ = false;
  }
  ++packets_;
  bytes_ += std::min(bytes, maxBytes);
  if (packets_ > maxPackets || bytes_ > maxBytes) isWhole_ = false;
}

void FrameTracker::begin(const PayloadStart& start, std::uint32_t missing,
                         std::uint32_t timestamp) {
  isOpen_ = true;
  timestamp_ = timestamp;
  packets_ = 1;
  frame_ = start;
  const bool isAfterLoss = std::exchange(isFirst_, false) || missing > 0;
  continuity_.begin(start, missing);
  isWhole_ = isAfterLoss ? continuity_.isWholeAfterLoss(start) : !start.continuesFrame;
}

FrameTracker::Fate FrameTracker::end(Time now) {
  isOpen_ = false;
  const bool isWhole = isWhole_ && !frame_.isUnfinished;
  return continuity_.end(frame_, isWhole, now) ? Fate::handOn : Fate::drop;
}

}  // namespace cosoup
