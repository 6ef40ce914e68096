// LinkCapacity: about how much the line carried when it was last full. Internal.
#pragma once

#include <optional>

namespace cosoup {

/// The average and deviation of what arrived whenever the line was over-used
/// (draft-ietf-rmcat-gcc-02, section 5.5, with libwebrtc's figures): near it a sender feels its
/// way, far from it it hurries. In bit/s. No thread, no clock of its own.
class LinkCapacity {
 public:
  /// So much arrived when it was full.
  void add(double bitrate);
  void forget() { average_.reset(); }

  bool isKnown() const { return average_.has_value(); }
  /// So little or much cannot be the same line any more.
  bool isBelow(double bitrate) const;
  bool isAbove(double bitrate) const;

 private:
  double spread() const;

  std::optional<double> average_;  // kbit/s
  double deviation_ = 0.4;         // squared, in proportion to the average; kbit/s
};

}  // namespace cosoup
