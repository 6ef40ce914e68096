#include "cosoup/rtc/frame_continuity.hpp"

#include <algorithm>
#include <limits>

namespace cosoup {
namespace {

/// TL0PICIDX has eight bits: with so many packets missing it may have gone once around.
constexpr std::uint32_t kIndexWrap = 255;

std::uint32_t sum(std::uint32_t a, std::uint32_t b) {
  return a + std::min(b, std::numeric_limits<std::uint32_t>::max() - a);
}

/// Whether no picture can have been between the two, though so many packets are missing.
bool areNeighbours(const std::optional<PictureId>& earlier, const std::optional<PictureId>& later,
                   std::uint32_t missing) {
  if (!earlier || !later || earlier->bits != later->bits) return false;
  return later->after(*earlier) == 1 && missing < (1u << later->bits) - 1;
}

}  // namespace

void FrameContinuity::begin(const PayloadStart& first, std::uint32_t missing) {
  missingSinceBase_ = sum(missingSinceBase_, missing);
  mayLackFrames_ = missing > 0 && !areNeighbours(previous_, first.pictureId, missing);
  previous_ = first.pictureId;
  // A key frame may be just what helps: it is judged when it is whole.
  if (mayLackFrames_ && !first.isKeyFrame && first.hasPicture) loseFrames(first);
}

bool FrameContinuity::isWholeAfterLoss(const PayloadStart& first) const {
  if (first.startsFrame) return true;
  if (first.startsPicture && !needsParameters_) return true;
  // Where the server forwards a single spatial layer of each inter picture (k-SVC), one begins with
  // that layer; otherwise it may be that the layers below are lost.
  return first.startsUpperLayer && lowestLayer_ == first.spatialLayer;
}

void FrameContinuity::damage(const PayloadStart& frame) { lose(frame); }

bool FrameContinuity::end(const PayloadStart& frame, bool isWhole, Time now) {
  const bool hasParameters = !needsParameters_ || hasParameters_ || frame.hasParameterSets;
  const bool startsAnew = isWhole && frame.isKeyFrame && hasParameters;
  if (mayLackFrames_ && !startsAnew) loseFrames(frame);
  mayLackFrames_ = false;
  if (startsAnew) {
    start(frame, now);
    return true;
  }
  if (isWhole && isDecodable(frame)) {
    record(frame, now);
    return true;
  }
  ++(isWhole ? statistics_.undecodable : statistics_.incomplete);
  lose(frame);
  // One of the base layer that nobody needs still has its number.
  if (!isFrozen_ && frame.temporalLayer == 0 && frame.tl0PicIdx) baseIdx_ = frame.tl0PicIdx;
  return false;
}

void FrameContinuity::restart() {
  freeze();
  mayLackFrames_ = false;
  hasParameters_ = false;
  previous_.reset();
  lowestLayer_.reset();
}

FrameStatistics FrameContinuity::statistics(Time now) const {
  FrameStatistics result = statistics_;
  if (isFrozen_ && lastHandedOn_ && now > *lastHandedOn_) result.frozen += now - *lastHandedOn_;
  return result;
}

bool FrameContinuity::isDecodable(const PayloadStart& frame) const {
  // Parameter sets may come ahead of their key frame, with a time stamp of their own.
  if (!frame.hasPicture) return frame.hasParameterSets || !isFrozen_;
  if (isFrozen_ || frame.isKeyFrame || (frame.isLeading && skipsLeading_)) return false;
  if (frame.references) return hasAllReferences(frame);
  for (std::size_t layer = 1; layer <= frame.layers.needs; ++layer) {
    if (broken_[layer]) return false;
  }
  return true;
}

bool FrameContinuity::hasAllReferences(const PayloadStart& frame) const {
  if (!frame.pictureId || !newest_ || frame.pictureId->bits != newest_->bits) return false;
  const unsigned ahead = frame.pictureId->after(*newest_);
  for (std::size_t i = 0; i < frame.references->count; ++i) {
    const unsigned difference = frame.references->differences[i];
    if (difference < ahead || !handedOn_[difference - ahead]) return false;
  }
  return true;
}

void FrameContinuity::lose(const PayloadStart& frame) {
  // Those skipped after a key frame are needed only by others of their kind.
  if (!(frame.isLeading && skipsLeading_)) breakLayers(frame.layers.breaks);
}

/// Some between the frame before and this one may be lost, or not.
void FrameContinuity::loseFrames(const PayloadStart& next) {
  mayLackFrames_ = false;
  if (next.references) {
    // It says itself what it needs, as a distance of up to 127 pictures: that is not clear any more
    // when so many may be lost that short picture ids have wrapped.
    if (missingSinceBase_ >= handedOn_.size() - 1) freeze();
    return;
  }
  const int bases = next.temporalLayer == 0 ? 1 : 0;
  if (!next.tl0PicIdx || !baseIdx_ || missingSinceBase_ >= kIndexWrap ||
      static_cast<std::uint8_t>(*baseIdx_ + bases) != *next.tl0PicIdx) {
    return freeze();
  }
  breakLayers(1);
}

void FrameContinuity::breakLayers(std::uint8_t from) {
  if (from == 0) return freeze();
  for (std::size_t layer = from; layer < broken_.size(); ++layer) broken_.set(layer);
}

void FrameContinuity::freeze() {
  if (isFrozen_) return;
  isFrozen_ = true;
  ++statistics_.freezes;
}

void FrameContinuity::start(const PayloadStart& key, Time now) {
  if (isFrozen_ && lastHandedOn_) statistics_.frozen += now - *lastHandedOn_;
  // Without a break before it what follows in coding order but is shown earlier can be decoded.
  skipsLeading_ = key.isBrokenLink || (key.isOpenKeyFrame && isFrozen_);
  isFrozen_ = false;
  broken_.reset();
  newest_.reset();
  ++statistics_.keyFrames;
  record(key, now);
}

void FrameContinuity::record(const PayloadStart& frame, Time now) {
  hasParameters_ |= frame.hasParameterSets;
  if (frame.hasPicture) ++statistics_.handedOn;
  if (isFrozen_) return;  // parameter sets alone
  lastHandedOn_ = now;
  for (std::size_t layer = frame.layers.healsFrom; layer <= frame.layers.healsTo; ++layer) {
    broken_.reset(layer);
  }
  if (frame.temporalLayer == 0 || frame.isKeyFrame) {
    baseIdx_ = frame.tl0PicIdx;
    missingSinceBase_ = 0;
  }
  if (!frame.isKeyFrame) lowestLayer_ = frame.spatialLayer;
  if (frame.pictureId) recordPicture(*frame.pictureId);
}

void FrameContinuity::recordPicture(const PictureId& id) {
  if (newest_ && newest_->bits == id.bits) {
    const unsigned ahead = id.after(*newest_);
    if (ahead < handedOn_.size()) {
      handedOn_ <<= ahead;
    } else {
      handedOn_.reset();
    }
  } else {
    handedOn_.reset();
  }
  newest_ = id;
  handedOn_.set(0);
}

}  // namespace cosoup
