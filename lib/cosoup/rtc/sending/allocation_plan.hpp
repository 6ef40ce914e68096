// How an estimate is shared among producers, for one moment. Pure functions. Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/sending/layer_steps.hpp"
#include "cosoup/rtc/sending/wire_overhead.hpp"

namespace cosoup {

/// RTCPriorityType of W3C's "WebRTC Priority Control API".
enum class MediaPriority : std::uint8_t { veryLow, low, medium, high };

/// "very-low", "medium", "high"; all else is "low", the default.
MediaPriority mediaPriority(std::string_view text);
/// 1, 2, 4, 8: each has twice what the one below it has (RFC 8835, section 4.1).
double weightOf(MediaPriority priority);

struct ProducerRequest {
  std::uint32_t id = 0;
  MediaKind kind = MediaKind::video;
  MediaPriority priority = MediaPriority::low;
  bool isUntouched = false;  ///< comes encoded: there is no bitrate to set
  PacketOverhead overhead = {};
  std::vector<LayerRequest> layers;  ///< the smallest first; one of audio
};

/// A request, worked out.
struct AllocatedMedia {
  explicit AllocatedMedia(ProducerRequest wanted);

  /// What `media` bit/s of a layer take on the wire, at a frame rate.
  double wire(double media, double frameRate) const;
  /// At the layer's own frame rate, whatever it is reduced to: so what a layer may take does not
  /// depend on its step.
  double wire(std::size_t layer, std::uint32_t media) const;

  ProducerRequest request;  ///< with all bitrates complete
  unsigned overhead;
  /// By layer. Empty for a layer that is not wanted; one for audio and what is untouched.
  std::vector<std::vector<LayerStep>> steps;
};

/// By layer: how many of its steps it has, from the poorest on. 0: it is off.
using LayerLevels = std::vector<std::size_t>;

struct PlannedMedia {
  LayerLevels levels;
  std::vector<double> bitrates;  ///< by layer, of the media; bit/s
  double wire = 0;               ///< what all layers may take together; bit/s
};

/// Sent as it comes.
bool isUntouchedVideo(const AllocatedMedia& media);

/// The videos, as they are let in: the encoded ones, then the untouched, and the most important
/// first.
std::vector<std::size_t> videosInOrder(const std::vector<AllocatedMedia>& all);
/// What it takes to be let in: its poorest picture or, untouched, all that it has. Absent if no
/// layer of it is wanted.
std::optional<double> leastWire(const AllocatedMedia& media);
double wantedByAudio(const std::vector<AllocatedMedia>& all);

/// `limits` says which videos are let in, and no layer goes above its level there. Audio first: its
/// least bitrate, which it has whatever the estimate, then what it wants. Then each video that is
/// let in has its leastWire(), which may exceed the estimate if too many are; what is left goes to
/// the encoded ones in proportion to their weights. If all videos are in and have their most, audio
/// gets the rest. In a video a layer gets what it wants before the one above it is on; the top one
/// of those that are on gets what is left.
std::vector<PlannedMedia> planAllocation(const std::vector<AllocatedMedia>& all, double estimate,
                                         const std::vector<LayerLevels>& limits);

}  // namespace cosoup
