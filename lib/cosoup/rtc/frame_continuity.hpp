// FrameContinuity: which frames of a video stream can be decoded after those handed on. Internal.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>

#include "cosoup/rtc/payload_start.hpp"

namespace cosoup {

struct FrameStatistics {
  std::uint64_t handedOn = 0;     ///< pictures; parameter sets alone do not count
  std::uint64_t keyFrames = 0;    ///< of those
  std::uint64_t incomplete = 0;   ///< dropped; frames that were lost completely do not count
  std::uint64_t undecodable = 0;  ///< dropped though whole, for what they need was dropped
  std::uint64_t freezes = 0;      ///< how often a picture stood still until a key frame came
  std::chrono::steady_clock::duration frozen{};  ///< from the last frame to that key frame
};

/// Stands between what is received and what is handed on. It errs on one side only: what may need
/// something that was lost is not handed on, and where a frame of the base layer may be lost the
/// picture freezes until a key frame.
class FrameContinuity {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `needsParameters`: a key frame takes a sequence parameter set, its own or an earlier one.
  explicit FrameContinuity(bool needsParameters) : needsParameters_(needsParameters) {}

  /// A frame begins; so many packets are missing between it and the one before.
  void begin(const PayloadStart& first, std::uint32_t missing);
  /// Whether a frame that begins like this lacks nothing at its start, if packets before it are
  /// missing.
  bool isWholeAfterLoss(const PayloadStart& first) const;
  /// A part of the frame is lost: tells early what end() will find.
  void damage(const PayloadStart& frame);
  /// The frame has ended. Whether it is to be handed on.
  bool end(const PayloadStart& frame, bool isWhole, Time now);
  void restart();

  bool isFrozen() const { return isFrozen_; }
  FrameStatistics statistics(Time now) const;

 private:
  bool isDecodable(const PayloadStart& frame) const;
  bool hasAllReferences(const PayloadStart& frame) const;
  void lose(const PayloadStart& frame);
  void loseFrames(const PayloadStart& next);
  void breakLayers(std::uint8_t from);
  void freeze();
  void start(const PayloadStart& key, Time now);
  void record(const PayloadStart& frame, Time now);
  void recordPicture(const PictureId& id);

  bool needsParameters_;
  bool isFrozen_ = true;
  bool mayLackFrames_ = false;  // before the frame that is being received; not yet judged
  bool hasParameters_ = false;  // have been handed on
  bool skipsLeading_ = false;   // the latest key frame came without what was before it
  std::bitset<LayerRules::noLayer> broken_;  // temporal layers
  std::optional<PictureId> previous_;        // of the frame received before, dropped or not
  std::optional<std::uint8_t> baseIdx_;      // TL0PICIDX of the latest base-layer frame handed on
  std::uint32_t missingSinceBase_ = 0;       // packets
  std::optional<std::uint8_t> lowestLayer_;  // spatial, of the latest inter picture
  std::optional<PictureId> newest_;          // handed on …
  std::bitset<128> handedOn_;                // … and those before it: how far P_DIFF reaches
  std::optional<Time> lastHandedOn_;
  FrameStatistics statistics_;
};

}  // namespace cosoup
