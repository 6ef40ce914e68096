// FrameAssembler: only whole frames of a received video stream, and only such as can be decoded.
// Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "cosoup/rtc/frame_tracker.hpp"

namespace cosoup {

/// Takes the packets of a stream in their order, holds those of the frame that is being received,
/// and gives them out when it is whole and can be decoded after those given out before. Where that
/// is not known for certain it gives out nothing until the next key frame. No thread, no clock of
/// its own.
template <class Packet>
class FrameAssembler {
 public:
  using Time = FrameTracker::Time;

  explicit FrameAssembler(VideoCodec codec, bool hasParametersElsewhere = false)
      : tracker_(codec, hasParametersElsewhere) {}

  /// `payload` is without the padding; a packet of padding alone has none, and is dropped. Adds to
  /// `out` the packets of the frames that are to go on: a frame that ends with this packet, and the
  /// one before if only this packet shows that it had ended.
  void push(std::span<const std::uint8_t> payload, const FramePacketHeader& header, Packet packet,
            Time now, std::vector<Packet>& out) {
    const FrameTracker::Verdict verdict = tracker_.take(payload, header, now);
    settle(verdict.before, out);
    if (verdict.isHeld && verdict.after == FrameTracker::Fate::handOn && held_.empty()) {
      out.push_back(std::move(packet));
      return;
    }
    if (verdict.isHeld) held_.push_back(std::move(packet));
    settle(verdict.after, out);
  }

  /// The stream restarts with other numbers: drops what is held.
  void restarted() {
    held_.clear();
    tracker_.restart();
  }

  /// From the moment at which something is lost that only a key frame makes good until one has been
  /// handed on; and until the first one.
  bool keyFrameNeeded() const { return tracker_.isFrozen(); }
  FrameStatistics statistics(Time now) const { return tracker_.statistics(now); }
  /// Packets of the frame that is being received.
  std::size_t held() const { return held_.size(); }

 private:
  void settle(FrameTracker::Fate fate, std::vector<Packet>& out) {
    if (fate == FrameTracker::Fate::wait) return;
    if (fate == FrameTracker::Fate::handOn) {
      out.insert(out.end(), std::make_move_iterator(held_.begin()),
                 std::make_move_iterator(held_.end()));
    }
    held_.clear();
  }

  FrameTracker tracker_;
  std::vector<Packet> held_;
};

}  // namespace cosoup
