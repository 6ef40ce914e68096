// OveruseDetector: whether a trend of the delay is one of a queue. Internal.
#pragma once

#include <optional>

namespace cosoup {

/// What the delay says of the line.
enum class NetworkUse {
  Normal,
  Over,   ///< a queue is growing
  Under,  ///< a queue is emptying
};

/// Compares the trend with a threshold that follows it, slowly down and still slower up
/// (draft-ietf-rmcat-gcc-02, section 5.4): on a line with jitter a small trend says nothing, and
/// beside flows that fill the queue a sensitive sender would starve. No thread, no clock of its
/// own.
class OveruseDetector {
 public:
  /// In ms, as all of the trend.
  static constexpr double firstThreshold = 12.5;
  static constexpr double minThreshold = 6;
  static constexpr double maxThreshold = 600;
  /// A trend that is beyond the threshold by more is no jitter, and moves it not.
  static constexpr double maxExcess = 15;
  /// The trend must last so long to be believed; ms.
  static constexpr double overuseTime = 10;

  /// `elapsed`: ms since the last call, by the sender's clock.
  NetworkUse detect(double trend, double elapsed);

  double threshold() const { return threshold_; }

 private:
  void adapt(double trend, double elapsed);

  double threshold_ = firstThreshold;
  std::optional<double> over_;  // for so long; ms
  unsigned count_ = 0;
  double previous_ = 0;
  NetworkUse use_ = NetworkUse::Normal;
};

}  // namespace cosoup
