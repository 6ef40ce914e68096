// FrameTracker: where the frames of a received video stream begin and end, and which of them are
// whole and can be decoded. Internal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cosoup/rtc/frame_continuity.hpp"
#include "cosoup/rtc/payload_start.hpp"

namespace cosoup {

/// What of a packet's header it takes to make frames of packets.
struct FramePacketHeader {
  std::uint32_t timestamp = 0;
  bool marker = false;
  /// So many sequence numbers before it did not come, and will not.
  std::uint32_t missingBefore = 0;
};

/// The judgement of FrameAssembler, which holds the packets. No thread, no clock of its own.
class FrameTracker {
 public:
  using Time = FrameContinuity::Time;

  /// More than a frame of any camera has; what is larger is dropped.
  static constexpr std::size_t maxPackets = 4096;
  static constexpr std::size_t maxBytes = 16u << 20;

  enum class Fate : std::uint8_t { wait, handOn, drop };
  struct Verdict {
    Fate before = Fate::wait;  ///< of the packets held
    bool isHeld = false;       ///< this one is to be held with them; otherwise it is dropped
    Fate after = Fate::wait;   ///< then, of those held
  };

  /// `hasParametersElsewhere`: the session description has the parameter sets of H.264 or H.265
  /// (sprop-…), so that key frames may do without. WebRTC always sends them along (RFC 7742,
  /// section 6.2).
  explicit FrameTracker(VideoCodec codec, bool hasParametersElsewhere = false);

  Verdict take(std::span<const std::uint8_t> payload, const FramePacketHeader& header, Time now);
  /// What is held is to be dropped.
  void restart();

  bool isFrozen() const { return continuity_.isFrozen(); }
  FrameStatistics statistics(Time now) const { return continuity_.statistics(now); }

 private:
  void add(const std::optional<PayloadStart>& start, bool isAfterLoss, std::size_t bytes);
  void begin(const PayloadStart& start, std::uint32_t missing, std::uint32_t timestamp);
  Fate end(Time now);

  VideoCodec codec_;
  FrameContinuity continuity_;
  std::uint32_t missing_ = 0;  // before padding
  bool isFirst_ = true;        // what was before it is not known
  // The frame that is being received.
  bool isOpen_ = false;
  bool isWhole_ = false;  // so far
  std::uint32_t timestamp_ = 0;
  std::size_t packets_ = 0;
  std::size_t bytes_ = 0;
  PayloadStart frame_;
};

}  // namespace cosoup
