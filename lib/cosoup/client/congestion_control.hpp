// CongestionControl: how much the encoders of a send transport may put out. Internal to the client
// floor.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/client/bitrate_control.hpp"
#include "cosoup/client/layered_feed.hpp"
#include "cosoup/client/transport_core.hpp"

namespace cosoup {

/// Tells the peer connection how much could be sent, and shares what the path can carry among the
/// encoders: at each report, and a few times a second for what has begun or ended meanwhile.
/// Main-context-bound.
class CongestionControl {
 public:
  /// The feeds that there are now.
  using Feeds = std::function<std::vector<LayeredFeed*>()>;

  CongestionControl(TransportCore& core, Feeds feeds);

  /// To be called when a producer has got its feed.
  void start();

 private:
  Task<> run();
  void updateBounds();
  void share();
  std::vector<BitrateRange> ranges(bool all) const;
  UncontrolledMedia uncontrolled() const;

  TransportCore& core_;
  const Feeds feeds_;
  std::optional<CongestionReport> report_;  ///< the last one
  std::optional<double> told_;              ///< the most that the peer connection was told
  bool runs_ = false;
  Connection reports_;
};

}  // namespace cosoup
