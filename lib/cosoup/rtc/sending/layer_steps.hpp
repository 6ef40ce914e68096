// By which steps the picture of a video layer is reduced when there is too little for it. Pure
// functions. Internal.
#pragma once

#include <vector>

#include "cosoup/rtc/sending/default_bitrates.hpp"

namespace cosoup {

/// A simulcast layer of video, or audio, as it is to be sent.
struct LayerRequest {
  unsigned width = 0;     ///< 0 for audio
  unsigned height = 0;    ///< 0 for audio
  double frameRate = 30;  ///< of audio: packets a second
  /// 0: by the size, see defaultBitrates(). Audio has no defaults. Of media that is sent untouched
  /// only `wanted` counts: it is what it has.
  BitrateLimits bitrates = {};
  bool active = true;  ///< wanted at all
  friend bool operator==(const LayerRequest&, const LayerRequest&) = default;
};

struct LayerStep {
  double frameRate = 0;
  double scale = 1;  ///< of width and height
  double least = 0;  ///< bit/s of the media that it needs
};

/// From the poorest to the whole picture. Going down, the frame rate falls first, to 30, 15 and 10
/// frames/s, then the size to 3/4, 1/2 and 1/4, but not to the width of the layer below (0: there
/// is none), which has that picture already.
///
/// What a step needs falls with its pixels, and with the 0.6th power of its frame rate: fewer
/// frames differ more from one another. (Ma, Hu, Xu, Wang: "Rate Model for Compressed Video
/// Considering Impacts Of Spatial, Temporal and Amplitude Resolutions", arXiv 1206.2625, has such a
/// power, whose exponent depends on the content.) It does not fall below 30 kbit/s.
std::vector<LayerStep> layerSteps(const LayerRequest& layer, double widthBelow);

}  // namespace cosoup
