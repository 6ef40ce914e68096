// CongestionControl: how much the encoders of a send transport may put out. Internal to the client
// floor.
#pragma once

#include <functional>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/client/bitrate_control.hpp"
#include "cosoup/client/layered_feed.hpp"
#include "cosoup/client/transport_core.hpp"

namespace cosoup {

/// Listens to what the server reports and shares what the path can carry among the encoders, a few
/// times a second, from the first video on. Main-context-bound.
class CongestionControl {
 public:
  /// The feeds that send now.
  using Feeds = std::function<std::vector<LayeredFeed*>()>;

  CongestionControl(TransportCore& core, Feeds feeds);

  /// One more encoder begins with so much; bit/s.
  void add(double bitrate) { estimate_.bitrate += bitrate; }
  /// Idempotent.
  void start();

 private:
  void onReport(const CongestionReport& report);
  Task<> run();
  void adjust(double seconds);
  std::vector<BitrateRange> ranges(bool all) const;

  TransportCore& core_;
  const Feeds feeds_;
  CongestionReport report_;  ///< what has come since the last step
  BitrateEstimate estimate_;
  bool runs_ = false;
  Connection reports_;
};

}  // namespace cosoup
