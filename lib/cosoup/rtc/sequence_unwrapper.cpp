#include "cosoup/rtc/sequence_unwrapper.hpp"

namespace cosoup {
namespace {

/// How far it is from a number on to the next one with these low 16 bits.
std::uint16_t distance(std::int64_t from, std::uint16_t to) {
  return static_cast<std::uint16_t>(to - static_cast<std::uint16_t>(from));
}

}  // namespace

SequenceUnwrapper::Unwrapped SequenceUnwrapper::unwrap(std::uint16_t sequenceNumber, bool isResent,
                                                       std::int64_t oldestAwaited) {
  if (!newest_) {
    if (isResent) return {Kind::Stray, 0};
    newest_ = sequenceNumber;
    return {Kind::First, *newest_};
  }
  const std::uint16_t ahead = distance(*newest_, sequenceNumber);
  if (ahead > 0 && ahead <= maxDropout) {
    *newest_ += ahead;
    stray_.reset();  // the old numbering goes on
    return {Kind::Ahead, *newest_};
  }
  constexpr std::int64_t cycle = 1 << 16;
  const std::int64_t behind = ahead == 0 ? *newest_ : *newest_ + ahead - cycle;
  if (behind >= oldestAwaited - maxMisorder) return {Kind::Behind, behind};
  if (isResent) return {Kind::Stray, 0};
  return stray(sequenceNumber);
}

SequenceUnwrapper::Unwrapped SequenceUnwrapper::stray(std::uint16_t sequenceNumber) {
  const bool follows = stray_ && distance(*stray_, sequenceNumber) == 1;
  if (!follows) {
    stray_ = sequenceNumber;
    return {Kind::Stray, 0};
  }
  // The next numbers above all before that have these low bits; the stray's is one less.
  *newest_ += distance(*newest_, *stray_);
  ++*newest_;
  stray_.reset();
  return {Kind::Restart, *newest_};
}

}  // namespace cosoup
