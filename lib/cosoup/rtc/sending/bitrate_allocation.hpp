// BitrateAllocation: what each producer of a transport may send. Internal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "cosoup/rtc/sending/allocation_plan.hpp"

namespace cosoup {

struct LayerShare {
  bool active = false;
  std::uint32_t bitrate = 0;  ///< bit/s of the media, for the encoder
  double frameRate = 0;       ///< frames/s
  double scale = 1;           ///< of width and height
  friend bool operator==(const LayerShare&, const LayerShare&) = default;
};

struct ProducerShare {
  std::uint32_t id = 0;
  /// Something of it can be sent within the estimate. Audio is sent all the same.
  bool fits = false;
  double wire = 0;  ///< bit/s that it takes at most, headers included
  std::vector<LayerShare> layers;
};

/// Shares an estimate as planAllocation() does. The encoded videos are let in by their priority, an
/// encoded one only if all before it are, then each untouched one that fits as a whole. A video
/// goes off, a layer too, and a picture is reduced, as soon as there is too little for it. Back
/// they come once the estimate has been enough for more than that for a while, so that an estimate
/// that wavers does not make them come and go. When a layer comes back its encoder is to begin with
/// a key frame. No thread, no clock of its own: `now` never goes back.
class BitrateAllocation {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// What the estimate must be, of what is needed, and for how long.
  static constexpr double margin = 1.2;
  static constexpr std::chrono::milliseconds patience{3000};

  /// Those that were there before with the same layers keep their state; a new one begins with what
  /// the estimate allows.
  void setProducers(std::vector<ProducerRequest> requests);

  /// What the line carries, bit/s on the wire, headers of IP included. In the order of the
  /// producers. To be called a few times a second, also while the estimate stays as it is.
  const std::vector<ProducerShare>& update(double estimate, Time now);

 private:
  /// A layer, over time.
  struct Hold {
    std::size_t level = 0;
    std::size_t next = 0;       // to which it may rise
    std::optional<Time> since;  // it has been able to
  };
  struct State {
    bool isNew = true;
    bool hasComeBack = false;  // just now
    Hold presence;             // 1: let in
    std::vector<Hold> layers;
  };

  static void settle(Hold& hold, std::size_t possible, std::size_t safe, Time now);
  void letIn(double estimate, Time now);
  void settleLayers(double estimate, Time now);
  void tell(double estimate);

  std::vector<AllocatedMedia> media_;
  std::vector<State> states_;  // of each
  std::vector<ProducerShare> shares_;
};

}  // namespace cosoup
